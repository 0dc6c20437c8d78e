package decode

import (
	"fmt"
	"slices"
	"testing"

	"weir/flow"
)

// seeds returns complete small frames of every link type.
func seeds(tb testing.TB) (all []capturedFrame) {
	add := func(link uint16, frame []byte) {
		all = append(all, capturedFrame{link, frame, len(frame)})
	}
	add(linkEthernet, octets(tb, ethIPv4, tcpSYN))
	add(linkEthernet, octets(tb, ethIPv6, udp6))
	add(linkEthernet, octets(tb, macs, "88 a8 00 c8 81 00 00 64 08 00", tcpSYN))
	add(linkEthernet, octets(tb, macs, "00 30 aa aa 03 00 00 00 08 00", tcpSYN))
	add(linkEthernet, octets(tb, macs, "88 47 00 01 01 40 00 00 00 00", ethIPv4, tcpSYN))
	add(linkEthernet, octets(tb, macs, "88 64 11 00 00 01 00 2a 00 21", tcpSYN))
	add(linkSLL, octets(tb, "00 00 00 01 00 06 00 00 5e 00 53 01 00 00 08 00", tcpSYN))
	add(linkSLL2, octets(tb, "08 00 00 00 00 00 00 02 00 01 00 06 00 00 5e 00 53 01 00 00", tcpSYN))
	add(linkNull, octets(tb, "02 00 00 00", tcpSYN))
	add(linkPPP, octets(tb, "ff 03 00 57", udp6))
	add(linkPPPHDLC, octets(tb, "0f 00 08 00", tcpSYN))
	add(linkFrame, octets(tb, "18 41 03 cc", tcpSYN))
	add(linkNFLOG, octets(tb, "02 00 00 05 05 00 0a 00 00 00 00 00 2c 00 09 00", tcpSYN))
	add(linkRadiotap, octets(tb, `00 00 11 00 03 00 00 00 00 00 00 00 00 00 00 00 30
		88 02 00 00 00 00 5e 00 53 02 00 00 5e 00 53 03 00 00 5e 00 53 01 00 00 00 00 00 00
		aa aa 03 00 00 00 08 00`, tcpSYN, "de ad be ef"))
	add(linkRaw, inIPv4(1, inICMP(3, 1, 0, octets(tb, tcpSYN))))
	add(linkRaw, inIPv6(58, inICMP(1, 4, 0, octets(tb, udp6))))
	add(linkRaw, inIPv4(1, inICMP(8, 0, 7, nil)))
	add(linkRaw, inIPv6(0, octets(tb, "2c 00 05 02 00 00 01 00 11 00 00 01 00 00 00 07 14 e9 00 35 00 08 00 00")))
	add(linkRaw, inIPv6(0, octets(tb, "11 00 c2 04 00 01 00 00 14 e9 00 35 00 00 00 00")))
	for _, l := range slices.Concat(fabricLinks, rareLinks) {
		add(l.link, octets(tb, l.header, tcpSYN))
	}
	for _, c := range tunnelFrames(tb) {
		add(linkRaw, c.frame)
	}
	add(linkRaw, inIPv4(17, inUDP(50000, 3544, octets(tb, `60 00 00 00 00 08 11 15
		20 01 00 00 53 aa 06 4c 00 00 f2 27 34 e0 ff fe 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 02
		14 e9 00 35 00 08 00 00`))))
	for _, s := range all {
		if s.link == linkRaw && s.data[0]>>4 == 4 {
			add(linkEthernet, append(octets(tb, ethIPv4), s.data...))
		}
	}
	return all
}

// FuzzDecode checks the invariants of any result; more is the number of octets
// that the snap length truncated.
func FuzzDecode(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s.link, s.data, uint16(0))
		f.Add(s.link, s.data[:len(s.data)*3/4], uint16(len(s.data)-len(s.data)*3/4))
	}
	decoders := []*Decoder{New(Options{}), New(Options{IgnoreVLAN: true, IgnoreTunnel: true}), New(Options{OuterOnly: true})}
	f.Fuzz(func(t *testing.T, link uint16, frame []byte, more uint16) {
		for _, d := range decoders {
			if err := checkInvariants(d, link, frame, len(frame)+int(more)); err != nil {
				t.Fatalf("options %+v: %v", d.opts, err)
			}
		}
		if err := checkReversed(decoders[0], frame); err != nil {
			t.Fatal(err)
		}
		if more%16 != 1 { // counting allocations stops the world, too slow for every input
			return
		}
		if n := testing.AllocsPerRun(1, func() { decodeOnce(decoders[0], link, frame, len(frame)+int(more)) }); n != 0 {
			t.Fatalf("%v allocations", n)
		}
	})
}

// decodeOnce decodes into a Result on the stack.
func decodeOnce(d *Decoder, link uint16, frame []byte, wire int) {
	var r Result
	d.Decode(link, frame, wire, 7, &r)
}

// checkReversed decodes frame as raw IP, then again with addresses and ports
// swapped: the outer packet must keep its key and have the other side as sender.
func checkReversed(d *Decoder, frame []byte) error {
	var forward, reverse Result
	d.Decode(linkRaw, frame, len(frame), 7, &forward)
	if forward.N == 0 {
		return nil
	}
	p := &forward.Packets[0]
	at, n, transport := 12, 4, int(frame[0]&0x0f)*4
	if frame[0]>>4 == 6 {
		at, n, transport = 8, 16, 40
		if isExtension(frame[6]) { // swap addresses only, the ports are elsewhere
			transport = len(frame)
		}
	}
	swapped := append([]byte(nil), frame...)
	copy(swapped[at:], frame[at+n:at+2*n])
	copy(swapped[at+n:], frame[at:at+n])
	if p.HasPorts && p.Key.Proto.HasPorts() {
		if transport == len(frame) {
			return nil
		}
		copy(swapped[transport:], frame[transport+2:transport+4])
		copy(swapped[transport+2:], frame[transport:transport+2])
	}
	d.Decode(linkRaw, swapped, len(swapped), 7, &reverse)
	q := &reverse.Packets[0]
	if q.Key.ICMPClass != 0 && q.Key.A != q.Key.B { // the requesting side changes with the sender
		q.Key.ICMPClass ^= flow.RequestFromB
	}
	if reverse.N == 0 || p.Key != q.Key {
		return fmt.Errorf("key %+v forward, %+v reversed", p.Key, q.Key)
	}
	if oneEnd := p.Key.A == p.Key.B && p.Key.PortA == p.Key.PortB; !oneEnd && p.FromB == q.FromB {
		return fmt.Errorf("same sender in both directions: %+v", p.Key)
	}
	return nil
}

// checkInvariants decodes a frame and returns an error if the result violates an
// invariant that holds for any frame.
func checkInvariants(d *Decoder, link uint16, frame []byte, wire int) error {
	var clean Result
	dirty := dirtyResult()
	d.Decode(link, frame, wire, 7, &clean)
	d.Decode(link, frame, wire, 7, dirty)
	if clean.N != dirty.N || clean.Skip != dirty.Skip || clean.HasQuoted != dirty.HasQuoted {
		return fmt.Errorf("reused result: %d packets, %q, quoted %v; new result: %d, %q, %v",
			dirty.N, dirty.Skip, dirty.HasQuoted, clean.N, clean.Skip, clean.HasQuoted)
	}
	if clean.N < 0 || clean.N > MaxLayers {
		return fmt.Errorf("%d packets, more than %d", clean.N, MaxLayers)
	}
	if clean.N == 0 && clean.Skip == OK {
		return fmt.Errorf("no packet and no reason")
	}
	for i := range clean.N {
		if clean.Packets[i] != dirty.Packets[i] {
			return fmt.Errorf("packet %d is %+v in a reused result and %+v in a new one", i, dirty.Packets[i], clean.Packets[i])
		}
		if err := checkPacket(&clean.Packets[i], max(wire, len(frame))); err != nil {
			return fmt.Errorf("packet %d: %w: %+v", i, err, clean.Packets[i])
		}
	}
	if clean.HasQuoted {
		if err := checkQuoted(&clean, dirty); err != nil {
			return err
		}
	}
	if link == linkEthernet {
		_, err := checkFastPath(d, frame, wire)
		return err
	}
	return nil
}

func checkPacket(p *Packet, wire int) error {
	k := p.Key
	switch {
	case k.Canonical():
		return fmt.Errorf("key is not canonical")
	case k.Interface != 7:
		return fmt.Errorf("wrong interface")
	case !p.HasPorts && (k.PortA != 0 || k.PortB != 0):
		return fmt.Errorf("ports without HasPorts")
	case p.HasPorts && !k.Proto.HasPorts() && !k.Proto.IsICMP():
		return fmt.Errorf("HasPorts for a protocol without ports")
	case p.Octets < 20 || p.Octets > 0xffff+40 && int(p.Octets) > wire:
		return fmt.Errorf("more octets than an IP header can express and the wire had")
	case p.HasTCP && (k.Proto != flow.TCP || !p.HasPorts):
		return fmt.Errorf("control bits without a TCP header")
	case !p.HasTCP && (p.Flags != 0 || p.Seq != 0 || p.Ack != 0):
		return fmt.Errorf("TCP fields without a TCP header")
	case p.HasICMP && !k.Proto.IsICMP():
		return fmt.Errorf("an ICMP type for another protocol")
	case !p.HasICMP && (p.ICMP != flow.ICMPType{} || k.ICMPClass != 0 || p.ICMPID != 0 || p.Request || p.Reply):
		return fmt.Errorf("ICMP fields without an ICMP header")
	case p.Chunk != 0 && (k.Proto != flow.SCTP || !p.HasPorts):
		return fmt.Errorf("an SCTP chunk without an SCTP header")
	case p.Request && p.Reply:
		return fmt.Errorf("both request and reply")
	case (p.Request || p.Reply) != (k.ICMPClass != 0):
		return fmt.Errorf("a request or reply without a class, or the reverse")
	case !p.Fragment && (p.FirstFrag || p.LastFrag):
		return fmt.Errorf("first or last fragment, but not a fragment")
	case p.FirstFrag && p.LastFrag:
		return fmt.Errorf("first and last fragment")
	case p.Fragment && !p.FirstFrag && (p.HasPorts || p.HasTCP || p.HasICMP):
		return fmt.Errorf("a transport header in a later fragment")
	case !p.HasIPID && !p.Fragment && p.FragID != 0:
		return fmt.Errorf("an identification without a field for it")
	}
	return nil
}

func checkQuoted(r, dirty *Result) error {
	last := &r.Packets[r.N-1]
	q := r.Quoted
	switch {
	case q != dirty.Quoted || r.QuotedFromB != dirty.QuotedFromB:
		return fmt.Errorf("quoted key depends on the previous result")
	case q.Canonical():
		return fmt.Errorf("quoted key is not canonical")
	case !last.ICMP.IsError(last.Key.Proto):
		return fmt.Errorf("a quote without an ICMP error")
	case q.VLAN != last.Key.VLAN || q.Tunnel != last.Key.Tunnel || q.Interface != last.Key.Interface:
		return fmt.Errorf("quoted packet has another VLAN, tunnel or interface than the error")
	}
	return nil
}
