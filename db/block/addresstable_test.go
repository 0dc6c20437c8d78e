package block

import (
	"encoding/binary"
	"net/netip"
	"testing"
)

// TestChosenAddressesDoNotCollide picks addresses that share a 64th of one table, and numbers them
// with another one, whose seed is different.
func TestChosenAddressesDoNotCollide(t *testing.T) {
	var chosen, other addressTable
	var tuples []*Tuple
	chosen.collect(nil)
	addr := netip.MustParseAddr("2001:db8::").As16()
	for i := uint64(0); len(tuples) < 2000; i++ {
		binary.BigEndian.PutUint64(addr[8:], i)
		if a := netip.AddrFrom16(addr); chosen.hash(a)&0x3f00 == 0 { // a 64th of the table
			tuples = append(tuples, &Tuple{Addrs: [len(addressColumns)]netip.Addr{a, a, a}})
		}
	}
	for name, table := range map[string]struct {
		*addressTable
		collide bool
	}{"the table they were chosen for": {&chosen, true}, "another table": {&other, false}} {
		table.collect(tuples)
		longest, run := 0, 0
		for _, slot := range table.slots {
			if run++; slot == 0 {
				run = 0
			}
			longest = max(longest, run)
		}
		if collides := longest > 200; collides != table.collide {
			t.Errorf("%s: a run of %d addresses of %d", name, longest, len(tuples))
		}
	}
}
