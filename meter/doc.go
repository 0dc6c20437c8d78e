// Package meter is the metering process (RFC 7011, section 2): it turns the
// packets of one source into flow records.
//
// A [Meter] belongs to one [weir/capture.Source] and writes into one [Sink].
// [New] starts nothing; [Meter.Run] is the whole life of a meter: it reads
// frames until the source ends or its context does, and then ends every flow
// that is left and hands it over. [Meter.Health] may be asked by any goroutine
// at any time.
//
// One goroutine, that of Run, owns everything: frame → decode → flow table →
// Sink. Time is packet time. The wall clock only says when to hand open flows
// over, and lets time pass on a quiet interface.
//
// Inside, from the packet down:
//
//	meter.go      source, wall clock and sink around the engine
//	outbox.go     records on their way to the sink; what happens when it is slow
//	engine.go     one packet: which flow is it of, does it begin or end one
//	clock.go      packet time that never runs backwards, and believes no single packet
//	fragment.go   which ports the later fragments of a packet have
//	arrivals.go   values in order of arrival, found by key: what fragments are kept in
//	budget.go     how many flows all meters of a process have open
//	table.go      flow key → entry
//	compact.go    memory that fewer flows give back
//	wheel.go      which flows to look at when time has passed
//	entry.go      what one packet changes in its flow
//	initiator.go  who is the source
//	tcp.go        TCP's state, handshake times, reuse of ports
//	timeout.go    how long a flow may be silent; who is evicted
//	verdict.go    how it went, in one word
//	snapshot.go   entry → flow.Record
//
// Lossless where it can be, counted where it can't: a file waits for the sink;
// a live source never does, its open flows stay marked until the sink has room
// and its ended ones wait in a backlog, beyond which Health.Unstored counts. A
// full table evicts, and Health.Evicted counts; meters with one [Budget] are full
// together.
//
// The package keeps no payload, decodes no bytes, and knows no storage.
package meter
