package conversation

import (
	"cmp"
	"slices"

	"weir/flow"
)

// Trail is the records that nodes have of one conversation, from its source to
// its destination.
type Trail struct {
	Records []flow.Record
	how     string   // by what they were found
	Silent  []string // nodes that should have a record and have none
}

// NewTrail puts records in their order on the way. reporters are the nodes that
// report flows at all.
func NewTrail(recs []flow.Record, how string, reporters []string) *Trail {
	recs = slices.Clone(recs)
	alongTheWay(recs)
	return &Trail{recs, how, silent(recs, reporters)}
}

// alongTheWay sorts records from the source to the destination: each hop takes
// one off the source's TTL and adds one to what comes back.
func alongTheWay(recs []flow.Record) {
	slices.SortStableFunc(recs, func(a, b flow.Record) int {
		return cmp.Or(cmp.Compare(b.SrcSide.MinTTL, a.SrcSide.MinTTL), cmp.Compare(a.DstSide.MinTTL, b.DstSide.MinTTL), a.Start.Compare(b.Start))
	})
}

// silent are the reporters that own an end of the conversation and have no
// record of it.
func silent(recs []flow.Record, reporters []string) []string {
	var out []string
	for i := range recs {
		for _, name := range [...]string{recs[i].Src.Node, recs[i].Dst.Node} {
			saw := slices.ContainsFunc(recs, func(r flow.Record) bool { return r.Node == name })
			if name != "" && !saw && slices.Contains(reporters, name) && !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}
