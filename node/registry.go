package node

import (
	"net/netip"
	"slices"
)

// Registry looks up the node that owns an address. It is immutable and safe for
// concurrent use. The zero Registry and nil have no owners.
type Registry struct {
	owners map[netip.Prefix]owner
	v4, v6 []int // prefix lengths in use, longest first
}

type owner struct {
	name   string
	origin Origin
}

// NewRegistry indexes the prefixes of all nodes. If two nodes own the same
// prefix, the higher origin wins, then the name that sorts first. Invalid
// prefixes are skipped, host bits are ignored, and a 4-in-6 prefix is treated as
// IPv4.
func NewRegistry(nodes []Node) *Registry {
	r := &Registry{owners: make(map[netip.Prefix]owner)}
	for _, n := range nodes {
		for _, p := range n.Prefixes {
			r.add(canonical(p), owner{n.Name, n.Origin})
		}
	}
	for p := range r.owners {
		lengths := &r.v6
		if p.Addr().Is4() {
			lengths = &r.v4
		}
		if !slices.Contains(*lengths, p.Bits()) {
			*lengths = append(*lengths, p.Bits())
		}
	}
	descending := func(a, b int) int { return b - a }
	slices.SortFunc(r.v4, descending)
	slices.SortFunc(r.v6, descending)
	return r
}

func (r *Registry) add(p netip.Prefix, o owner) {
	if !p.IsValid() {
		return
	}
	if current, ok := r.owners[p]; ok && !o.precedes(current) {
		return
	}
	r.owners[p] = o
}

// precedes reports whether o wins over other for the same prefix.
func (o owner) precedes(other owner) bool {
	if o.origin != other.origin {
		return o.origin > other.origin
	}
	return o.name < other.name
}

// Lookup returns the name of the node with the longest prefix that contains a,
// or "" if there is none. A 4-in-6 address is looked up as IPv4, and zones are
// ignored. Lookup takes one map access per prefix length in use and does not
// allocate.
func (r *Registry) Lookup(a netip.Addr) string {
	if r == nil || !a.IsValid() {
		return ""
	}
	a = a.Unmap().WithZone("")
	lengths := r.v6
	if a.Is4() {
		lengths = r.v4
	}
	for _, bits := range lengths {
		p, err := a.Prefix(bits)
		if err != nil {
			continue
		}
		if o, ok := r.owners[p]; ok {
			return o.name
		}
	}
	return ""
}

// canonical masks p and converts a 4-in-6 prefix to IPv4. The result is invalid
// if p is.
func canonical(p netip.Prefix) netip.Prefix {
	if a := p.Addr(); a.Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(a.Unmap(), p.Bits()-96)
	}
	return p.Masked()
}
