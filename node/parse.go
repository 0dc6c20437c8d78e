package node

import (
	"fmt"
	"net/netip"
	"strings"
)

// maxName is the maximum length of a node name in characters. It equals that of
// a DNS label (RFC 1035, section 2.3.4) because nodes are usually named after
// hosts.
const maxName = 63

// ValidName returns an error if s is not a valid node name. A name has 1 to 63
// characters from A-Z a-z 0-9 . _ and -, so that it needs no quotes in a search,
// a file name or a CSV cell, and does not start with a hyphen.
func ValidName(s string) error {
	if s == "" {
		return fmt.Errorf("empty node name: expected 1 to %d letters, digits, dots, underscores or hyphens", maxName)
	}
	for i, c := range s {
		if !nameChar(c) {
			return fmt.Errorf("invalid node name %q: %q at character %d: expected only letters A to Z, digits, dots, underscores and hyphens", s, c, len([]rune(s[:i]))+1)
		}
	}
	if len(s) > maxName {
		return fmt.Errorf("invalid node name %q: %d characters: expected at most %d", s, len(s), maxName)
	}
	if s[0] == '-' {
		return fmt.Errorf("invalid node name %q: expected a letter, a digit, a dot or an underscore first (a hyphen would be taken for an option)", s)
	}
	return nil
}

func nameChar(c rune) bool {
	switch {
	case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		return true
	}
	return c == '.' || c == '_' || c == '-'
}

// ParsePrefix parses a prefix such as 10.0.0.0/8 or 2001:db8::/32, or a single
// address, which becomes a /32 or /128. Host bits are cleared.
func ParsePrefix(s string) (netip.Prefix, error) {
	t := strings.TrimSpace(s)
	if t == "" {
		return netip.Prefix{}, fmt.Errorf("no address given: expected one such as 10.1.2.3 or a network such as 10.0.0.0/8")
	}
	if strings.Contains(t, "%") {
		return netip.Prefix{}, fmt.Errorf("invalid address %q: packets carry no zone; remove %q and what follows", s, "%")
	}
	text, length, isNetwork := strings.Cut(t, "/")
	a, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("%q is not an IP address: expected one such as 10.1.2.3 or 2001:db8::1, or a network such as 10.0.0.0/8", text)
	}
	if !isNetwork {
		a = a.Unmap()
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(t)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("network %q has the prefix length %q: expected a number from 0 to %d, as in %s/%d", s, length, a.BitLen(), text, a.BitLen()/2)
	}
	return canonical(p), nil
}
