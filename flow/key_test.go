package flow_test

import (
	"net/netip"
	"reflect"
	"testing"
	"testing/quick"
	"unsafe"

	"weir/flow"
)

// reverse returns the key of a packet in the opposite direction.
func reverse(k flow.Key) flow.Key {
	k.A, k.B, k.PortA, k.PortB = k.B, k.A, k.PortB, k.PortA
	return k
}

func TestBothDirectionsShareOneKey(t *testing.T) {
	err := quick.Check(func(k flow.Key, sameAddr, samePort bool) bool {
		if sameAddr {
			k.B = k.A
		}
		if samePort {
			k.PortB = k.PortA
		}
		forward, back := k, reverse(k)
		swappedForward, swappedBack := forward.Canonical(), back.Canonical()
		symmetric := k == reverse(k)
		again := forward
		return forward == back && // one key
			(symmetric || swappedForward != swappedBack) && // exactly one of the two was swapped
			(forward == k) == !swappedForward || symmetric && // the result matches what happened
			!again.Canonical() // already in order
	}, &quick.Config{MaxCount: 20000})
	if err != nil {
		t.Error(err)
	}
}

func TestCanonicalOrdersByAddressThenByPort(t *testing.T) {
	addr := func(s string) flow.Addr { return flow.AddrFrom(netip.MustParseAddr(s)) }
	for _, c := range []struct {
		from, to         string
		fromPort, toPort uint16
		swapped          bool
	}{
		{"10.0.0.1", "10.0.0.2", 9, 1, false},
		{"10.0.0.2", "10.0.0.1", 1, 9, true},
		{"10.0.0.1", "10.0.0.1", 1, 9, false},
		{"10.0.0.1", "10.0.0.1", 9, 1, true},
		{"127.0.0.1", "127.0.0.1", 7, 7, false},
		{"9.255.255.255", "10.0.0.0", 0, 0, false},
		{"fe80::1", "2001:db8::1", 0, 0, true},
		{"2001:db8:0:1::", "2001:db8::ffff:0:0:1", 0, 0, true},
	} {
		k := flow.Key{A: addr(c.from), B: addr(c.to), PortA: c.fromPort, PortB: c.toPort}
		if got := k.Canonical(); got != c.swapped {
			t.Errorf("%s:%d → %s:%d: swapped = %v", c.from, c.fromPort, c.to, c.toPort, got)
		}
	}
}

func TestKeyIsFlatAndHasItsDocumentedSize(t *testing.T) {
	if n := unsafe.Sizeof(flow.Key{}); n != 52 {
		t.Errorf("a key has %d bytes, documented are 52", n)
	}
	if path := pointerIn(reflect.TypeFor[flow.Key](), "Key"); path != "" {
		t.Errorf("%s contains a pointer", path)
	}
}

// pointerIn returns the path of the first part of typ that the garbage collector
// would scan, or "".
func pointerIn(typ reflect.Type, path string) string {
	switch typ.Kind() {
	case reflect.Struct:
		for f := range typ.Fields() {
			if found := pointerIn(f.Type, path+"."+f.Name); found != "" {
				return found
			}
		}
		return ""
	case reflect.Array:
		return pointerIn(typ.Elem(), path)
	case reflect.Bool, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return ""
	}
	return path
}

func TestAddressesRoundTrip(t *testing.T) {
	for _, s := range []string{"0.0.0.0", "10.1.2.3", "255.255.255.255", "::", "::1", "fe80::1", "2001:db8::5"} {
		a := netip.MustParseAddr(s)
		if got := flow.AddrFrom(a).Netip(); got != a {
			t.Errorf("%s converts back to %s", a, got)
		}
	}
	if flow.Addr4([4]byte{10, 1, 2, 3}) != flow.AddrFrom(netip.MustParseAddr("10.1.2.3")) {
		t.Error("Addr4 and AddrFrom differ for the same address")
	}
	if got := flow.AddrFrom(netip.MustParseAddr("fe80::1%eth0")).Netip().String(); got != "fe80::1" {
		t.Errorf("got %s, want the zone dropped", got)
	}
}
