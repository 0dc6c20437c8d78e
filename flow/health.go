package flow

// Count is a named number of things, such as packets skipped for one reason.
type Count struct {
	Name string
	N    uint64
}

// SourceHealth is the state of one source of packets.
type SourceHealth struct {
	Name        string // "eth0" or a file name
	Packets     uint64 // frames read
	Octets      uint64 // their length on the wire, link layer included
	KernelDrops uint64 // frames the kernel could not hand over because the ring was full
	Err         string // why it ended early or, if not Done, has no frames for now; empty while all is well
	Done        bool   // no more frames will come: a file was read to its end, or Err says why
}

// Health is a snapshot of everything that is counted between wire and store.
// Counters only grow. Each thing that is lost has one, and Lost adds them up.
type Health struct {
	Sources []SourceHealth
	Skipped []Count // frames that gave no flow, by reason ("arp", "truncated ip header"); not a loss

	OpenFlows int64  // flows in the table now
	Created   uint64 // flows begun
	Ended     uint64 // flows ended, for whatever reason
	Evicted   uint64 // of these, ended because the table was full (flowEndReason 5)
	Unstored  uint64 // records of ended flows that the store could not take

	Stored   uint64 // records written, updates included
	StoreErr string // why the store is not writing now; empty while it is
}

// Packets is the number of frames read from all sources.
func (h *Health) Packets() (n uint64) {
	for i := range h.Sources {
		n += h.Sources[i].Packets
	}
	return n
}

// Lost is the number of things that should have been counted in a record and
// are not: packets dropped by the kernel and records that could not be stored.
func (h *Health) Lost() (n uint64) {
	for i := range h.Sources {
		n += h.Sources[i].KernelDrops
	}
	return n + h.Unstored
}

// Merge adds what other counted to h, source by source and reason by reason.
func (h *Health) Merge(other Health) {
	h.Sources = append(h.Sources, other.Sources...)
	for _, c := range other.Skipped {
		h.addSkipped(c)
	}
	h.OpenFlows += other.OpenFlows
	h.Created += other.Created
	h.Ended += other.Ended
	h.Evicted += other.Evicted
	h.Unstored += other.Unstored
	h.Stored += other.Stored
	if h.StoreErr == "" {
		h.StoreErr = other.StoreErr
	}
}

func (h *Health) addSkipped(c Count) {
	for i := range h.Skipped {
		if h.Skipped[i].Name == c.Name {
			h.Skipped[i].N += c.N
			return
		}
	}
	h.Skipped = append(h.Skipped, c)
}
