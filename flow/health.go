package flow

import "time"

// Count is a named counter, such as the packets skipped for one reason.
type Count struct {
	Name string
	N    uint64
}

// SourceHealth is the state of one packet source.
type SourceHealth struct {
	Name        string // "eth0" or a file name
	File        bool   // it is a capture file
	Packets     uint64 // frames read
	Octets      uint64 // wire length of these frames, link layer included
	KernelDrops uint64 // frames dropped by the kernel because the ring was full, or left in it when it was closed; of a file those that it says were lost when it was captured
	CutShort    uint64 // frames in which the capture length cut off a header that the flow needs

	Duplicates uint64 // frames among Packets that were captured again within 100 µs, as a mirror passes them: counted in no flow, not a loss

	Outages uint64        // outages so far: the interface was down or removed, or could not be read
	Away    time.Duration // total duration of the outages, including the current one

	Err  string // last error: why the source ended or, if not Done, why it delivers no frames; empty if none
	Note string // the latest part of the source, such as a file of a folder, that could not be read completely; empty if none
	Done bool   // no more frames will arrive: end of file, or Err
}

// Health is a snapshot of the counters between wire and store. Counters never
// decrease. Every kind of loss has a separate counter.
//
// The unit of the counters of flows is the record id. Once all flows have ended and
// the store has written what it accepted, Created is the number of ids in the
// store plus Unstored.
type Health struct {
	Sources []SourceHealth
	Skipped []Count // frames that belong to no flow, by reason ("arp", "truncated ip header"); not a loss

	OpenFlows int64  // flows in the table now
	Created   uint64 // flows created
	Ended     uint64 // flows ended, for any reason
	Evicted   uint64 // flows among Ended that were evicted from a full table (flowEndReason 5)
	Unstored  uint64 // ended flows without a record in the store
	Outdated  uint64 // ended flows whose last record is not stored: the store has an earlier state

	Stored   uint64 // records written, including updates; 0 if AsOf is set
	StoreErr string // why the store can't write now; empty if it can
	LogErr   string // why the store can't copy its write-ahead log into its file now; flows are stored, but the log grows

	Writer string    // the process that had these counters, if AsOf is set: "weir capture, pid 812"; empty: not known
	AsOf   time.Time // when another process had these counters, which it wrote into the store; zero: they are of this process, now
}

// Packets returns the number of frames read from all sources.
func (h *Health) Packets() (n uint64) {
	for i := range h.Sources {
		n += h.Sources[i].Packets
	}
	return n
}

// Lost returns the number of losses: packets that the kernel dropped or that were
// cut short, flows that are not stored, and flows stored in an earlier state only.
// Evicted flows and outages are not among them.
func (h *Health) Lost() (n uint64) {
	for i := range h.Sources {
		n += h.Sources[i].KernelDrops + h.Sources[i].CutShort
	}
	return n + h.Unstored + h.Outdated
}

// Duplicates returns the number of duplicates of all sources.
func (h *Health) Duplicates() (n uint64) {
	for i := range h.Sources {
		n += h.Sources[i].Duplicates
	}
	return n
}

// Outages returns the number of outages of all sources.
func (h *Health) Outages() (n uint64) {
	for i := range h.Sources {
		n += h.Sources[i].Outages
	}
	return n
}

// Merge adds the counters of other to h. Sources are appended, Skipped counts
// with the same name are added up, and the first StoreErr, LogErr and AsOf are kept.
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
	h.Outdated += other.Outdated
	h.Stored += other.Stored
	if h.StoreErr == "" {
		h.StoreErr = other.StoreErr
	}
	if h.LogErr == "" {
		h.LogErr = other.LogErr
	}
	if h.AsOf.IsZero() {
		h.AsOf, h.Writer = other.AsOf, other.Writer
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
