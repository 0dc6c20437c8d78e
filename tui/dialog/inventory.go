package dialog

import (
	"net/netip"
	"slices"
	"strings"

	"weir/node"
	"weir/tui/ui"
)

// matches reports whether want is part of the name of a node or of its groups or, if it
// looks like an address, of its prefixes. A whole address matches the nodes that own it.
func matches(e *node.Entry, want string) bool {
	n := &e.Node
	for _, name := range append([]string{n.Name}, e.In...) {
		if strings.Contains(strings.ToLower(name), want) {
			return true
		}
	}
	if !strings.ContainsAny(want, ".:") {
		return false
	}
	addr, err := netip.ParseAddr(want)
	return slices.ContainsFunc(n.Prefixes, func(p netip.Prefix) bool {
		return strings.Contains(p.String(), want) || err == nil && p.Contains(addr)
	})
}

// owns returns the members of a group, or the prefixes of a node.
func owns(e *node.Entry) string {
	if e.Group {
		return ui.Safe(strings.Join(e.Members, " "))
	}
	texts := make([]string, len(e.Prefixes))
	for i, p := range e.Prefixes {
		texts[i] = p.String()
		if p.IsSingleIP() {
			texts[i] = p.Addr().String()
		}
	}
	return strings.Join(texts, " ")
}
