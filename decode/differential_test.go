package decode

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"os"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"weir/flow"
)

// refPacket is one IP packet of a frame as gopacket reads it.
type refPacket struct {
	version      uint8
	src, dst     netip.Addr
	length       int // by the IP header; 0 if the field is 0
	wire         int // octets on the wire from the IP header on
	ttl          uint8
	proto        flow.Proto
	sport, dport uint16
	hasPorts     bool
	tcp          *layers.TCP
	icmp         *flow.ICMPType
	icmpID       uint16
	hasICMPID    bool
	check        uint16 // of the transport header; 0 if gopacket did not read it
	chunk        Chunk
	fragment     bool
	offset       uint16
	fragID       uint32
	vlan         flow.VLANs
	mirrored     bool        // vlan comes from an ERSPAN header
	tunnel       flow.Tunnel // zero also if gopacket does not decode it
}

// reference decodes a frame with gopacket. It omits IP headers that gopacket
// reports despite an error in them.
func reference(f capturedFrame) (refs []refPacket, failed string, all []gopacket.Layer) {
	p := gopacket.NewPacket(f.data, layers.LinkType(f.link), gopacket.DecodeOptions{NoCopy: true})
	if e := p.ErrorLayer(); e != nil {
		failed = e.Error().Error()
	}
	all = p.Layers()
	wire := max(f.wire, len(f.data))
	var on refPacket // what the layers so far say about the next IP packet
	for _, l := range all {
		on.wire = wire
		switch l := l.(type) {
		case *layers.IPv4:
			if l.SrcIP != nil {
				refs = append(refs, refIPv4(l, on))
			}
			on = refPacket{}
		case *layers.IPv6:
			if l.SrcIP != nil {
				refs = append(refs, refIPv6(l, on))
			}
			on = refPacket{}
		default:
			on.below(l)
			if len(refs) > 0 {
				refs[len(refs)-1].above(l)
			}
		}
		wire -= len(l.LayerContents())
	}
	return refs, failed, all
}

// below applies a layer below the next IP header.
func (ref *refPacket) below(l gopacket.Layer) {
	switch l := l.(type) {
	case *layers.Dot1Q:
		if ref.mirrored { // the frame kept its tag
			ref.vlan, ref.mirrored = flow.VLANs{}, false
		}
		switch id := l.VLANIdentifier; {
		case ref.vlan[0] == 0:
			ref.vlan[0] = id
		case ref.vlan[1] == 0:
			ref.vlan[1] = id
		}
	case *layers.VXLAN:
		ref.vlan, ref.tunnel = flow.VLANs{}, flow.Tunnel{Kind: flow.TunnelVXLAN, ID: l.VNI}
	case *layers.Geneve:
		ref.vlan, ref.tunnel = flow.VLANs{}, flow.Tunnel{Kind: flow.TunnelGeneve, ID: l.VNI}
	case *layers.GRE:
		ref.vlan, ref.tunnel = flow.VLANs{}, flow.Tunnel{Kind: flow.TunnelGRE, ID: l.Key}
		switch {
		case l.Version == 1: // here the key is a length and a call id
			ref.tunnel.ID = 0
		case l.Protocol == greERSPAN && !l.SeqPresent: // type I has no ERSPAN header
			ref.tunnel = flow.Tunnel{Kind: flow.TunnelERSPAN}
		}
	case *layers.ERSPANII:
		ref.tunnel = flow.Tunnel{Kind: flow.TunnelERSPAN, ID: uint32(l.SessionID)}
		ref.vlan, ref.mirrored = flow.VLANs{l.VLANIdentifier}, true
	case *layers.GTPv1U:
		ref.tunnel = flow.Tunnel{Kind: flow.TunnelGTPU}
	}
}

func refIPv4(l *layers.IPv4, ref refPacket) refPacket {
	ref.src, _ = netip.AddrFromSlice(l.SrcIP)
	ref.dst, _ = netip.AddrFromSlice(l.DstIP)
	ref.length = int(binary.BigEndian.Uint16(l.Contents[2:]))
	ref.version, ref.ttl, ref.proto = l.Version, l.TTL, flow.Proto(l.Protocol)
	ref.fragment = l.FragOffset != 0 || l.Flags&layers.IPv4MoreFragments != 0
	ref.offset, ref.fragID = l.FragOffset, uint32(l.Id)
	return ref
}

func refIPv6(l *layers.IPv6, ref refPacket) refPacket {
	ref.src, _ = netip.AddrFromSlice(l.SrcIP)
	ref.dst, _ = netip.AddrFromSlice(l.DstIP)
	if l.Length != 0 {
		ref.length = int(l.Length) + 40
	}
	ref.version, ref.ttl, ref.proto = l.Version, l.HopLimit, flow.Proto(l.NextHeader)
	if l.HopByHop != nil {
		ref.proto = flow.Proto(l.HopByHop.NextHeader)
	}
	return ref
}

// above applies a layer above the IP header.
func (ref *refPacket) above(l gopacket.Layer) {
	switch l := l.(type) {
	case *layers.IPv6Routing:
		ref.proto = flow.Proto(l.NextHeader)
	case *layers.IPv6Destination:
		ref.proto = flow.Proto(l.NextHeader)
	case *layers.IPv6Fragment:
		ref.proto = flow.Proto(l.NextHeader)
		if l.FragmentOffset != 0 || l.MoreFragments {
			ref.fragment, ref.offset, ref.fragID = true, l.FragmentOffset, l.Identification
		}
	case *layers.IPSecAH:
		if next := flow.Proto(l.NextHeader); ref.version == 6 || next.HasPorts() || next.IsICMP() {
			ref.proto = next
		}
	case *layers.TCP:
		ref.ports(uint16(l.SrcPort), uint16(l.DstPort))
		ref.tcp = l
		ref.check = l.Checksum
	case *layers.UDP:
		ref.ports(uint16(l.SrcPort), uint16(l.DstPort))
		ref.check = l.Checksum
	case *layers.UDPLite:
		ref.ports(uint16(l.SrcPort), uint16(l.DstPort))
	case *layers.SCTP:
		ref.ports(uint16(l.SrcPort), uint16(l.DstPort))
		if len(l.Payload) > 0 {
			ref.chunk = Chunk(l.Payload[0])
		}
	case *layers.ICMPv4:
		ref.icmp = &flow.ICMPType{Type: l.TypeCode.Type(), Code: l.TypeCode.Code()}
		ref.icmpID, ref.hasICMPID = l.Id, true
		ref.check = l.Checksum
	case *layers.ICMPv6:
		ref.check = l.Checksum
		ref.icmp = &flow.ICMPType{Type: l.TypeCode.Type(), Code: l.TypeCode.Code()}
	case *layers.ICMPv6Echo:
		ref.icmpID, ref.hasICMPID = l.Identifier, true
	}
}

func (ref *refPacket) ports(src, dst uint16) {
	if !ref.hasPorts && ref.icmp == nil {
		ref.sport, ref.dport, ref.hasPorts = src, dst, true
	}
}

// difference is one property on which the two decoders disagree.
type difference struct {
	what   string
	frame  capturedFrame
	result *Result
	at     int        // index among the packets
	ours   *Packet    // nil: only gopacket has a packet here
	ref    *refPacket // nil: only weir has a packet here
	failed string     // gopacket's error, empty if none
	layers []gopacket.Layer
}

func (d *difference) String() string {
	s := fmt.Sprintf("%s of packet %d (%d packets, %q)", d.what, d.at, d.result.N, d.result.Skip)
	if d.ours != nil {
		s += fmt.Sprintf("\n  ours %+v", *d.ours)
	}
	if d.ref != nil {
		s += fmt.Sprintf("\n  ref  %+v", *d.ref)
	}
	s += fmt.Sprintf("\n  gopacket: %v, layers", d.failed)
	for _, l := range d.layers {
		s += " " + l.LayerType().String()
	}
	return s
}

// compare lists the differences between the two decoders on one frame.
func compare(dec *Decoder, f capturedFrame) (diffs []*difference) {
	var r Result
	dec.Decode(f.link, f.data, f.wire, 7, &r)
	refs, failed, all := reference(f)
	add := func(what string, at int) {
		d := &difference{what: what, frame: f, result: &r, at: at, failed: failed, layers: all}
		if at < r.N {
			d.ours = &r.Packets[at]
		}
		if at < len(refs) {
			d.ref = &refs[at]
		}
		diffs = append(diffs, d)
	}
	for i := range max(r.N, len(refs)) {
		switch {
		case i >= r.N:
			add("missing", i)
		case i >= len(refs):
			add("extra", i)
		default:
			for _, what := range comparePacket(&r.Packets[i], &refs[i]) {
				add(what, i)
			}
		}
	}
	return diffs
}

// comparePacket names the properties that differ.
func comparePacket(p *Packet, ref *refPacket) (what []string) {
	check := func(name string, same bool) {
		if !same {
			what = append(what, name)
		}
	}
	src, dst, sport, dport := p.Key.A, p.Key.B, p.Key.PortA, p.Key.PortB
	if p.FromB {
		src, dst, sport, dport = dst, src, dport, sport
	}
	check("addresses", ref.src.IsValid() && src == flow.AddrFrom(ref.src) && dst == flow.AddrFrom(ref.dst))
	check("protocol", p.Key.Proto == ref.proto)
	check("length", int(p.Octets) == ref.length)
	check("vlan", p.Key.VLAN == ref.vlan)
	check("tunnel", ref.tunnel.Kind == flow.NoTunnel || p.Key.Tunnel == ref.tunnel)
	check("ttl", p.TTL == ref.ttl)
	check("fragment", p.Fragment == ref.fragment && (!p.Fragment || p.FragID == ref.fragID && p.FirstFrag == (ref.offset == 0)))
	if p.Key.Proto.HasPorts() {
		check("having ports", p.HasPorts == ref.hasPorts)
		check("ports", !p.HasPorts || !ref.hasPorts || sport == ref.sport && dport == ref.dport)
	}
	check("having tcp", p.HasTCP == (ref.tcp != nil))
	if p.HasTCP && ref.tcp != nil {
		check("tcp", p.Seq == ref.tcp.Seq && p.Ack == ref.tcp.Ack && p.Flags == refFlags(ref.tcp))
	}
	check("having icmp", p.HasICMP == (ref.icmp != nil))
	if p.HasICMP && ref.icmp != nil {
		check("icmp", p.ICMP == *ref.icmp && (p.ICMPID == 0 || !ref.hasICMPID || p.ICMPID == ref.icmpID))
	}
	check("chunk", p.Chunk == ref.chunk)
	check("checksum", p.Check == 0 || ref.check == 0 || p.Fragment && !p.FirstFrag || p.Check == ref.check)
	return what
}

func refFlags(l *layers.TCP) (f flow.Flags) {
	for i, set := range []bool{l.FIN, l.SYN, l.RST, l.PSH, l.ACK, l.URG, l.ECE, l.CWR} {
		if set {
			f |= 1 << i
		}
	}
	return f
}

// TestGopacketAgrees compares every IP packet of every capture with gopacket's
// layers. Every difference must be an accepted one.
func TestGopacketAgrees(t *testing.T) {
	d := New(Options{})
	counts := make(map[string]int)
	frames := 0
	for _, path := range captures(t) {
		n := 0
		_ = eachFrame(path, func(f capturedFrame) {
			n++
			for _, diff := range compare(d, f) {
				name := accepted(diff)
				counts[name]++
				if name == "" && counts[name] <= 20 {
					t.Errorf("%s, frame %d, link %d: %v", path, n, f.link, diff)
				}
			}
		})
		frames += n
	}
	t.Logf("%d frames", frames)
	for _, a := range acceptedDifferences {
		t.Logf("%7d differences: %s", counts[a.name], a.name)
		if counts[a.name] == 0 && os.Getenv("WEIR_PCAPS") == "" {
			t.Errorf("no capture shows %q any more: remove it from the list", a.name)
		}
	}
}
