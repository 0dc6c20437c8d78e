package decode

import (
	"fmt"

	"weir/flow"
)

// checkInvariants decodes a frame and returns what is wrong with the result
// whatever the frame was.
func checkInvariants(d *Decoder, link uint16, frame []byte, wire int) error {
	var clean Result
	dirty := dirtyResult()
	d.Decode(link, frame, wire, 7, &clean)
	d.Decode(link, frame, wire, 7, dirty)
	if clean.N != dirty.N || clean.Skip != dirty.Skip || clean.HasQuoted != dirty.HasQuoted {
		return fmt.Errorf("a used result gives %d packets, %q, quoted %v; a new one %d, %q, %v",
			dirty.N, dirty.Skip, dirty.HasQuoted, clean.N, clean.Skip, clean.HasQuoted)
	}
	if clean.N < 0 || clean.N > MaxLayers {
		return fmt.Errorf("%d packets, at most %d can be", clean.N, MaxLayers)
	}
	if clean.N == 0 && clean.Skip == OK {
		return fmt.Errorf("nothing read and no reason why")
	}
	for i := range clean.N {
		if clean.Packets[i] != dirty.Packets[i] {
			return fmt.Errorf("packet %d is %+v in a used result and %+v in a new one", i, dirty.Packets[i], clean.Packets[i])
		}
		if err := checkPacket(&clean.Packets[i], max(wire, len(frame))); err != nil {
			return fmt.Errorf("packet %d: %w: %+v", i, err, clean.Packets[i])
		}
	}
	if clean.HasQuoted {
		return checkQuoted(&clean, dirty)
	}
	return nil
}

func checkPacket(p *Packet, wire int) error {
	k := p.Key
	switch {
	case k.Canonical():
		return fmt.Errorf("key is not canonical")
	case k.Interface != 7:
		return fmt.Errorf("interface is not the one given")
	case !p.HasPorts && (k.PortA != 0 || k.PortB != 0):
		return fmt.Errorf("ports without HasPorts")
	case p.HasPorts && !k.Proto.HasPorts() && !k.Proto.IsICMP():
		return fmt.Errorf("HasPorts for a protocol without ports")
	case p.Octets < 20 || p.Octets > 0xffff+40 && int(p.Octets) > wire:
		return fmt.Errorf("more octets than the IP header can say and the wire had")
	case p.HasTCP && (k.Proto != flow.TCP || !p.HasPorts):
		return fmt.Errorf("control bits without a TCP header")
	case !p.HasTCP && (p.Flags != 0 || p.Seq != 0 || p.Ack != 0):
		return fmt.Errorf("fields of a TCP header that was not there")
	case p.HasICMP && !k.Proto.IsICMP():
		return fmt.Errorf("a type of another protocol than ICMP")
	case !p.HasICMP && (p.ICMP != flow.ICMPType{} || k.ICMPClass != 0 || p.ICMPID != 0 || p.Request || p.Reply):
		return fmt.Errorf("fields of an ICMP header that was not there")
	case p.Request && p.Reply:
		return fmt.Errorf("request and reply at once")
	case (p.Request || p.Reply) != (k.ICMPClass != 0):
		return fmt.Errorf("a request or reply without a class, or the reverse")
	case !p.Fragment && (p.FirstFrag || p.LastFrag):
		return fmt.Errorf("a place among fragments without being one")
	case p.FirstFrag && p.LastFrag:
		return fmt.Errorf("the only fragment")
	case p.Fragment && !p.FirstFrag && (p.HasPorts || p.HasTCP || p.HasICMP):
		return fmt.Errorf("a transport header in a later fragment")
	case !p.HasIPID && !p.Fragment && p.FragID != 0:
		return fmt.Errorf("an identification out of nowhere")
	}
	return nil
}

func checkQuoted(r, dirty *Result) error {
	last := &r.Packets[r.N-1]
	q := r.Quoted
	switch {
	case q != dirty.Quoted || r.QuotedFromB != dirty.QuotedFromB:
		return fmt.Errorf("quoted key depends on the result before")
	case q.Canonical():
		return fmt.Errorf("quoted key is not canonical")
	case !last.ICMP.IsError(last.Key.Proto):
		return fmt.Errorf("a quote by something else than an ICMP error")
	case q.VLAN != last.Key.VLAN || q.Tunnel != last.Key.Tunnel || q.Interface != last.Key.Interface:
		return fmt.Errorf("quoted packet took another way than the error")
	}
	return nil
}
