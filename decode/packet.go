package decode

import "weir/flow"

// MaxLayers is how many IP headers of one frame are reported: the outer packet
// and up to three inner ones.
const MaxLayers = 4

// Packet is what one IP packet says about its flow. It is flat and holds no
// pointer into the frame.
//
// A fragment other than the first has no transport header: its key has ports 0
// and, over IPv6, the protocol of the first header in the fragmented part, which
// may be an extension (RFC 8200, section 4.5). Its packet is found by addresses
// and FragID.
type Packet struct {
	Key    flow.Key // canonical; Key.Interface is the one given to Decode
	Octets uint32   // IPv4 Total Length, or IPv6 Payload Length + 40; where that field is 0, the wire length; never the captured length
	Seq    uint32   // TCP Sequence Number; valid iff HasTCP
	Ack    uint32   // TCP Acknowledgment Number; valid iff HasTCP and Flags has ACK
	FragID uint32   // IPv4 Identification or IPv6 fragment Identification; valid iff Fragment or HasIPID
	ICMPID uint16   // identifier of an ICMP request or reply, else 0

	Flags flow.Flags    // TCP control bits; valid iff HasTCP
	TTL   uint8         // IPv4 Time to Live or IPv6 Hop Limit
	ICMP  flow.ICMPType // valid iff HasICMP

	FromB     bool // the sender is Key.B; else it is Key.A
	HasPorts  bool // Key has the transport header's ports, or for ICMP what it holds in their place
	HasTCP    bool // the TCP header was there at least up to its control bits
	HasICMP   bool // the ICMP header was there at least up to its code
	HasIPID   bool // FragID is the IPv4 Identification field
	Fragment  bool // part of a fragmented packet
	FirstFrag bool // its fragment offset is 0; valid iff Fragment
	LastFrag  bool // no more fragments follow; valid iff Fragment
	Multicast bool // the receiver is a multicast or broadcast address
	Request   bool // an ICMP request (echo, timestamp, mask, neighbor solicitation, …)
	Reply     bool // an ICMP reply to such a request
}

// MayHavePorts reports whether the packet that p is a fragment of may have a
// transport header with ports, or with what ICMP has in their place.
func (p *Packet) MayHavePorts() bool {
	proto := p.Key.Proto
	return proto.HasPorts() || proto.IsICMP() || !p.HasIPID && isExtension(uint8(proto))
}

// Result is what one frame gave. It is meant to be used again for each frame.
// What nearly all frames have lies side by side.
type Result struct {
	N           int
	Skip        Reason // why the frame gave no packet, or what stopped the decoder below the last one; OK if nothing did
	HasQuoted   bool
	QuotedFromB bool              // the sender of the quoted packet is Quoted.B
	Packets     [MaxLayers]Packet // the first N are valid, outermost first; those of an IEEE 802.11 aggregate in its order

	// Quoted is the key of the packet that an ICMP error in
	// Packets[N-1] quotes; valid iff HasQuoted.
	Quoted flow.Key
}
