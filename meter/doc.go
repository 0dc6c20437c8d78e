// Package meter is the metering process (RFC 7011, section 2): it turns the
// packets of one source into flow records.
//
// A [Meter] reads one [weir/capture.Source] and exports to
// one [Sink]. [New] starts nothing. [Meter.Run] reads frames until the end of the
// source or of its context, then ends and exports all remaining flows.
// [Meter.Health] is safe to call from any goroutine at any time.
//
// The goroutine of Run owns all state: frame → decode → flow cache → Sink. Timeouts
// use packet time. The wall clock only schedules exports, and lets flows expire on a
// quiet interface.
//
// The files:
//
//	meter.go        Run: source, wall clock and sink
//	outbox.go       queue of ended records; backlog when the sink is slow
//	engine.go       per-packet processing: look-up, start and end of flows
//	clock.go        monotonic packet time, robust against bad timestamps
//	unconfirmed.go  flows with timestamps that are not confirmed yet
//	fragment.go     ports of non-first fragments
//	arrivals.go     bounded multimap in order of insertion, for fragments
//	reverse.go      reverse-direction matching across VLANs and tunnels
//	icmperror.go    ICMP errors about a flow
//	budget.go       limit on open flows, shared by meters
//	table.go        flow cache: key → entry
//	compact.go      release of memory after a flood
//	wheel.go        timing wheel
//	entry.go        per-flow state and counters
//	initiator.go    which side is the source
//	history.go      what was observed before a flow began
//	services.go     ports of services
//	tcp.go          TCP state, handshake times
//	stream.go       TCP sequence numbers: losses, resets
//	holes.go        sequence numbers that were not seen
//	roundtrip.go    round trips over the life of a TCP connection
//	reuse.go        where a TCP connection ends and the next one begins
//	late.go         packets after the close of a TCP connection
//	extra.go        state that few flows have
//	sctp.go         SCTP handshake
//	timeout.go      flow expiration and eviction
//	verdict.go      connection state of a record
//	snapshot.go     entry → flow.Record
//	coverage.go     when the source was captured
//
// Every loss is counted. A file waits for the sink. A live source never waits: its
// changed open flows stay marked until the sink has room, its ended flows wait in a
// bounded backlog. Records beyond it are dropped: flows that the sink has never seen
// count as Health.Unstored; the sink ends the others with what it has (Sink.Cut). A full
// flow cache evicts flows (flow end reason "lack of resources"), and Health.Evicted
// counts these; meters that share a [Budget] share its limit.
//
// The package keeps no payload, decodes no bytes, and does not depend on a store.
package meter
