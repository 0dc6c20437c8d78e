package node

import (
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

func prefixes(texts ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(texts))
	for i, s := range texts {
		out[i] = netip.MustParsePrefix(s)
	}
	return out
}

func TestLookupFindsTheLongestPrefix(t *testing.T) {
	r := NewRegistry([]Node{
		{Name: "core", Prefixes: prefixes("10.0.0.0/8", "2001:db8::/32"), Origin: Declared},
		{Name: "branch", Prefixes: prefixes("10.1.0.0/16", "2001:db8:1::/48"), Origin: Declared},
		{Name: "host", Prefixes: prefixes("10.1.2.3/32"), Origin: Host},
		{Name: "world", Prefixes: prefixes("0.0.0.0/0")},
	})
	for addr, want := range map[string]string{
		"10.9.9.9": "core", "10.1.9.9": "branch", "10.1.2.3": "host", "8.8.8.8": "world",
		"::ffff:10.1.2.3": "host", "2001:db8::1": "core", "2001:db8:1::1": "branch", "fe80::1%eth0": "",
	} {
		if got := r.Lookup(netip.MustParseAddr(addr)); got != want {
			t.Errorf("Lookup(%s) = %q, want %q", addr, got, want)
		}
	}
	if got := r.Lookup(netip.Addr{}); got != "" {
		t.Errorf("Lookup of the invalid address = %q, want none", got)
	}
	if got := (*Registry)(nil).Lookup(netip.MustParseAddr("10.1.2.3")); got != "" {
		t.Errorf("Lookup in a nil registry = %q, want none", got)
	}
}

func TestHigherOriginWinsForTheSamePrefix(t *testing.T) {
	same := prefixes("10.1.2.3/32")
	all := []Node{{"b", same, Seen}, {"c", same, Host}, {"z", same, Declared}, {"y", same, Declared}}
	addr := netip.MustParseAddr("10.1.2.3")
	for want, nodes := range map[string][]Node{"y": all, "c": all[:2], "b": all[:1]} {
		for range 2 { // input order doesn't matter
			slices.Reverse(nodes)
			if got := NewRegistry(nodes).Lookup(addr); got != want {
				t.Errorf("owner among %v is %q, want %q", nodes, got, want)
			}
		}
	}
}

func TestRegistryNormalizesPrefixes(t *testing.T) {
	r := NewRegistry([]Node{{Name: "n", Prefixes: []netip.Prefix{
		netip.MustParsePrefix("10.1.2.3/8"),           // not masked
		netip.MustParsePrefix("::ffff:192.0.2.0/120"), // 4-in-6
		{}, // invalid
	}}})
	for addr, want := range map[string]string{"10.200.0.1": "n", "192.0.2.7": "n", "192.0.3.7": ""} {
		if got := r.Lookup(netip.MustParseAddr(addr)); got != want {
			t.Errorf("Lookup(%s) = %q, want %q", addr, got, want)
		}
	}
}

func TestLookupDoesNotAllocate(t *testing.T) {
	r := NewRegistry([]Node{{Name: "n", Prefixes: prefixes("10.0.0.0/8", "10.1.0.0/16", "2001:db8::/32")}})
	v4, v6 := netip.MustParseAddr("10.2.0.1"), netip.MustParseAddr("2001:db8::1")
	if n := testing.AllocsPerRun(100, func() { r.Lookup(v4); r.Lookup(v6) }); n != 0 {
		t.Errorf("%v allocations for two lookups, want 0", n)
	}
}

func TestHostOwnsItsInterfaceAddressesExceptLoopback(t *testing.T) {
	cidr := func(s string) net.Addr {
		ip, n, err := net.ParseCIDR(s)
		if err != nil {
			t.Fatal(err)
		}
		n.IP = ip
		return n
	}
	got := hostPrefixes([]net.Addr{
		cidr("127.0.0.1/8"), cidr("::1/128"), cidr("192.0.2.7/24"), cidr("2001:db8::7/64"), cidr("fe80::7/64"), cidr("192.0.2.7/24"),
	})
	want := prefixes("192.0.2.7/32", "2001:db8::7/128", "fe80::7/128")
	if !slices.Equal(got, want) {
		t.Errorf("host owns %v, want %v", got, want)
	}
	n, err := FromHost("me")
	if err != nil || n.Name != "me" || n.Origin != Host {
		t.Errorf("FromHost = %+v, %v", n, err)
	}
}

func TestValidName(t *testing.T) {
	for _, s := range []string{"a", "fw-1.example_net", strings.Repeat("n", 63), "7"} {
		if err := ValidName(s); err != nil {
			t.Errorf("ValidName(%q) = %v, want nil", s, err)
		}
	}
	for s, want := range map[string]string{
		"": "empty", "a b": `' ' at character 2`, "é*": `'é' at character 1`, strings.Repeat("n", 64): "64 characters",
		"-v": "hyphen", "a\x1b": `'\x1b'`,
	} {
		if err := ValidName(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ValidName(%q) = %v, want an error with %q", s, err, want)
		}
	}
}

func TestParsePrefix(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"10.0.0.0/8", "10.0.0.0/8"}, {"10.1.2.3", "10.1.2.3/32"}, {" 10.1.2.3/8 ", "10.0.0.0/8"}, {"2001:db8::1", "2001:db8::1/128"},
		{"2001:db8::1/32", "2001:db8::/32"}, {"::ffff:10.1.2.3", "10.1.2.3/32"}, {"0.0.0.0/0", "0.0.0.0/0"},
	} {
		if got, err := ParsePrefix(c.text); err != nil || got.String() != c.want {
			t.Errorf("ParsePrefix(%q) = %v, %v, want %s", c.text, got, err, c.want)
		}
	}
	for s, want := range map[string]string{
		"": "no address given", "10.0.0": "not an IP address", "10.0.0.0/33": "from 0 to 32", "2001:db8::/x": "from 0 to 128",
		"fe80::1%eth0": "zone", "fw": "not an IP address",
	} {
		if _, err := ParsePrefix(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParsePrefix(%q) = %v, want an error with %q", s, err, want)
		}
	}
}

func BenchmarkLookup(b *testing.B) {
	var ps []netip.Prefix
	for i := range 4000 {
		a := netip.AddrFrom4([4]byte{10, byte(i >> 8), byte(i), 0})
		ps = append(ps, netip.PrefixFrom(a, 20+i%13).Masked())
	}
	r := NewRegistry([]Node{{Name: "n", Prefixes: ps}})
	miss := netip.MustParseAddr("192.0.2.1")
	for b.Loop() {
		r.Lookup(miss)
	}
}
