package node

import (
	"net/netip"
	"slices"
)

// Registry finds the node that owns an address. It is immutable and safe for
// any number of goroutines. The zero Registry and nil own nothing.
type Registry struct {
	owners map[netip.Prefix]owner
	v4, v6 []int // prefix lengths in use, longest first
}

type owner struct {
	name   string
	origin Origin
}

// NewRegistry indexes the prefixes of all nodes. Where two nodes own the same
// prefix the declared one wins, then the host, then the one whose name sorts
// first. Prefixes that are not valid are left out, bits behind the length don't
// count, and a 4-in-6 prefix is the IPv4 one it stands for.
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
	if had, ok := r.owners[p]; ok && !o.beats(had) {
		return
	}
	r.owners[p] = o
}

func (o owner) beats(had owner) bool {
	if o.origin != had.origin {
		return o.origin > had.origin
	}
	return o.name < had.name
}

// Lookup returns the name of the node whose prefix holds a and is the longest
// that does, or "" when no node's does. A 4-in-6 address is looked up as IPv4,
// a zone is ignored. It costs one map access for each prefix length in use and
// allocates nothing.
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

// canonical masks p and turns a 4-in-6 prefix into its IPv4 form. The result
// is not valid if p isn't.
func canonical(p netip.Prefix) netip.Prefix {
	if a := p.Addr(); a.Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(a.Unmap(), p.Bits()-96)
	}
	return p.Masked()
}
