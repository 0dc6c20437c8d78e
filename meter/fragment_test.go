package meter

import (
	"slices"
	"testing"
	"time"

	"weir/decode"
	"weir/flow"
	"weir/internal/pkttest"
)

func bigUDP(id uint16) []pkttest.Packet {
	return pkttest.Raw().IPv4(client, server).IPID(id).UDP(5000, 5001).Payload(3000).Fragments(1480)
}

func TestAllFragmentsCountInTheFlowOfTheFirstFragment(t *testing.T) {
	for name, frags := range map[string][]pkttest.Packet{
		"IPv4": bigUDP(7),
		"IPv6": pkttest.Raw().IPv6("fd00::2", "fd00::1").UDP(5000, 5001).Payload(3000).Fragments(1480),
		"IPv6 with an extension header in the fragments": pkttest.Raw().IPv6("fd00::2", "fd00::1").DestOpts().UDP(5000, 5001).Payload(3000).Fragments(1480),
		"ICMP": pkttest.Raw().IPv4(client, server).Ping(7, 1).Payload(3000).Fragments(1480),
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, Config{})
			var octets int
			for i, p := range frags {
				l.see(time.Duration(i)*ms, p)
				octets += len(p.Bytes())
			}
			r := l.only()
			equal(t, "packets", r.Sent.Packets, 3)
			equal(t, "octets", r.Sent.Octets, uint64(octets))
			equal(t, "direction", r.Recv.Packets, 0)
		})
	}
}

func TestFragmentsBeforeTheFirstFragmentWaitForIt(t *testing.T) {
	l := newLab(t, Config{})
	frags := bigUDP(7)
	slices.Reverse(frags)
	for i, p := range frags {
		l.see(time.Duration(i)*ms, p)
	}
	r := l.only()
	equal(t, "packets", r.Sent.Packets, 3)
	equal(t, "port", r.Dst.Port, 5001)
	equal(t, "start, of the fragment that came first", r.Start, epoch)
}

func TestFragmentWithoutFirstFragmentCountsWithoutPorts(t *testing.T) {
	l := newLab(t, Config{})
	l.see(0, bigUDP(7)[1])
	l.counts(0, 0)
	l.passTime(400 * ms)
	r := l.only()
	equal(t, "port", r.Dst.Port, 0)
	equal(t, "packets", r.Sent.Packets, 1)
}

func TestFragmentsAreMatchedByIdentification(t *testing.T) {
	l := newLab(t, Config{})
	l.see(0, bigUDP(7)[0])
	l.see(1*ms, bigUDP(8)[1])
	l.passTime(400 * ms)
	l.counts(0, 2)
}

func TestIdentificationExpiresAfterTheReassemblyTimeout(t *testing.T) {
	l := newLab(t, Config{})
	l.see(0, bigUDP(7)[0])
	l.see(31*sec, bigUDP(7)[1])
	l.passTime(400 * ms)
	l.counts(0, 2)
}

func TestRepeatedIdentificationIsRememberedAsTheNewest(t *testing.T) {
	l := newLab(t, Config{})
	first := func(id int) pkttest.Packet {
		return pkttest.Raw().IPv4(client, server).IPID(uint16(id)).MF().UDP(5000, 5001)
	}
	for id := range fragEntries {
		l.see(0, first(id))
	}
	l.see(1*ms, first(0))
	l.see(2*ms, first(fragEntries)) // replaces 1, the oldest now
	equal(t, "remembered", l.fragments.known.len(), fragEntries)
	later := func(id int) pkttest.Packet {
		return pkttest.Raw().IPv4(client, server).IPID(uint16(id)).Proto(flow.UDP).Offset(100).Payload(8)
	}
	l.see(3*ms, later(0))
	equal(t, "waiting", l.fragments.held.len(), 0)
	l.see(4*ms, later(1))
	equal(t, "waiting", l.fragments.held.len(), 1)
}

func TestFragmentsAreBoundedAndNoneIsLost(t *testing.T) {
	l := newLab(t, Config{})
	const n = 3 * fragEntries / 2
	for id := range n {
		l.see(0, pkttest.Raw().IPv4(client, server).IPID(uint16(id)).MF().UDP(5000, 5001))
		l.see(0, pkttest.Raw().IPv4(server, client).IPID(uint16(id)).Proto(flow.TCP).Offset(100).Payload(8))
		if l.fragments.known.len() > fragEntries || l.fragments.held.len() > heldFragments {
			t.Fatalf("%d remembered, %d held", l.fragments.known.len(), l.fragments.held.len())
		}
	}
	var packets uint64
	for _, r := range l.open() {
		packets += r.Sent.Packets + r.Recv.Packets
	}
	equal(t, "packets", packets, 2*n)
}

func TestFragmentsOfProtocolsWithoutPortsDoNotWait(t *testing.T) {
	l := newLab(t, Config{})
	l.see(0, pkttest.Raw().IPv4(client, server).Proto(flow.ESP).Offset(100).Payload(8))
	l.counts(0, 1)
}

func TestResolveLeavesAtomicFragmentsAlone(t *testing.T) {
	f := newFragments(newTable())
	p := decode.Packet{Key: flow.Key{Proto: flow.UDP}, Fragment: true, FirstFrag: true, LastFrag: true, HasPorts: true}
	equal(t, "resolved", f.resolve(&p, 0), true)
	equal(t, "remembered", f.known.len(), 0)
}
