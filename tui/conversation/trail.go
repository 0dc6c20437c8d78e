package conversation

import (
	"cmp"
	"slices"

	"weir/flow"
)

// Trail is the records of one conversation, in path order from source to destination.
type Trail struct {
	Records []flow.Record
	how     string   // what they were matched by
	Silent  []string // nodes that own an endpoint and have no record
}

// NewTrail returns records in path order. reporters are the nodes that report any flows.
func NewTrail(recs []flow.Record, how string, reporters []string) *Trail {
	recs = slices.Clone(recs)
	alongTheWay(recs)
	return &Trail{recs, how, silent(recs, reporters)}
}

// alongTheWay sorts records from source to destination: each hop decrements the TTL of
// the source's packets, and is one hop closer to the destination.
func alongTheWay(recs []flow.Record) {
	slices.SortStableFunc(recs, func(a, b flow.Record) int {
		return cmp.Or(cmp.Compare(b.SrcSide.MinTTL, a.SrcSide.MinTTL), cmp.Compare(a.DstSide.MinTTL, b.DstSide.MinTTL), a.Start.Compare(b.Start))
	})
}

// silent returns the reporters that own an endpoint of the conversation and have no
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
