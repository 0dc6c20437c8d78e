package block

import (
	"encoding/binary"
	"net/netip"
	"testing"
)

// collect searches its table from a flow's address on until a place is free.
func TestNobodyCanPickAddressesThatCollide(t *testing.T) {
	var picked, store addressTable
	var tuples []*Tuple
	picked.collect(nil)
	addr := netip.MustParseAddr("2001:db8::").As16()
	for i := uint64(0); len(tuples) < 2000; i++ {
		binary.BigEndian.PutUint64(addr[8:], i)
		if a := netip.AddrFrom16(addr); picked.hash(a)&0x3f00 == 0 { // they share a 64th of the table
			tuples = append(tuples, &Tuple{Addrs: [len(addressColumns)]netip.Addr{a, a, a}})
		}
	}
	for name, table := range map[string]struct {
		*addressTable
		collide bool
	}{"where they were picked": {&picked, true}, "elsewhere": {&store, false}} {
		table.collect(tuples)
		longest, run := 0, 0
		for _, slot := range table.slots {
			if run++; slot == 0 {
				run = 0
			}
			longest = max(longest, run)
		}
		if collides := longest > 200; collides != table.collide {
			t.Errorf("%s: %d addresses in a row of %d", name, longest, len(tuples))
		}
	}
}
