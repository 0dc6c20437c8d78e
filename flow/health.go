package flow

// Count is a named counter, such as the packets skipped for one reason.
type Count struct {
	Name string
	N    uint64
}

// SourceHealth is the state of one packet source.
type SourceHealth struct {
	Name        string // "eth0" or a file name
	Packets     uint64 // frames read
	Octets      uint64 // wire length of these frames, link layer included
	KernelDrops uint64 // frames dropped by the kernel because the ring was full
	Err         string // last error: why the source ended or, if not Done, why it delivers no frames; empty if none
	Done        bool   // no more frames will arrive: end of file, or Err
}

// Health is a snapshot of the counters between wire and store. Counters never
// decrease. Every kind of loss has a counter; Lost returns their sum.
type Health struct {
	Sources []SourceHealth
	Skipped []Count // frames that belong to no flow, by reason ("arp", "truncated ip header"); not a loss

	OpenFlows int64  // flows in the table now
	Created   uint64 // flows created
	Ended     uint64 // flows ended, for any reason
	Evicted   uint64 // flows among Ended that were evicted from a full table (flowEndReason 5)
	Unstored  uint64 // records of ended flows that the store rejected

	Stored   uint64 // records written, including updates
	StoreErr string // why the store can't write now; empty if it can
}

// Packets returns the number of frames read from all sources.
func (h *Health) Packets() (n uint64) {
	for i := range h.Sources {
		n += h.Sources[i].Packets
	}
	return n
}

// Lost returns the number of losses: packets dropped by the kernel plus records
// that could not be stored.
func (h *Health) Lost() (n uint64) {
	for i := range h.Sources {
		n += h.Sources[i].KernelDrops
	}
	return n + h.Unstored
}

// Merge adds the counters of other to h. Sources are appended, Skipped counts
// with the same name are added up, and the first StoreErr is kept.
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
