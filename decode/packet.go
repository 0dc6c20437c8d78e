package decode

import "weir/flow"

// MaxLayers is the maximum number of IP headers reported per frame: the outer
// packet and up to three inner ones.
const MaxLayers = 4

// Packet is what one IP packet contributes to its flow. It is flat and holds no
// pointer into the frame.
//
// A fragment other than the first has no transport header: the ports of its key
// are 0 and, over IPv6, the protocol is that of the first header in the fragmented
// part, which may be an extension header (RFC 8200, section 4.5). Addresses and
// FragID identify the packet it belongs to.
type Packet struct {
	Key     flow.Key // canonical; Key.Interface is the argument of Decode
	Octets  uint32   // IPv4 Total Length or IPv6 Payload Length + 40; if that field is 0, the wire length; never the captured length
	Seq     uint32   // TCP Sequence Number; valid iff HasTCP
	Ack     uint32   // TCP Acknowledgment Number; valid iff HasTCP and Flags has ACK
	Payload uint32   // octets behind the transport header, by the lengths in the headers; of a later fragment all; 0 if the header can't be read
	FragID  uint32   // IPv4 Identification or IPv6 fragment Identification; valid iff Fragment or HasIPID
	ICMPID  uint16   // identifier of an ICMP request or reply, else 0
	Check   uint16   // checksum of the transport header (of SCTP, both halves XORed), or the header checksum of a later IPv4 fragment; 0 if there is none or it was not captured

	Flags flow.Flags    // TCP control bits; valid iff HasTCP
	TTL   uint8         // IPv4 Time to Live or IPv6 Hop Limit
	ICMP  flow.ICMPType // valid iff HasICMP
	Chunk Chunk         // of an SCTP packet, the first one; ChunkData if it was not captured

	FromB      bool // the sender is Key.B, otherwise Key.A
	HasPorts   bool // Key has the ports of the transport header, or what ICMP has in their place
	HasTCP     bool // the TCP header was captured at least up to its control bits
	ZeroWindow bool // TCP: the Window field was captured and is 0, in a segment without SYN, FIN and RST
	HasICMP    bool // the ICMP header was captured at least up to its code
	HasIPID    bool // FragID is the IPv4 Identification field
	Fragment   bool // part of a fragmented packet
	FirstFrag  bool // its fragment offset is 0; valid iff Fragment
	LastFrag   bool // no more fragments follow; valid iff Fragment
	Multicast  bool // the destination is a multicast or broadcast address
	Request    bool // an ICMP request (echo, timestamp, mask, neighbor solicitation, …)
	Reply      bool // an ICMP reply to such a request
}

// MayHavePorts reports whether the packet that fragment p belongs to may have a
// transport header with ports, or with what ICMP has in their place.
func (p *Packet) MayHavePorts() bool {
	proto := p.Key.Proto
	return proto.HasPorts() || proto.IsICMP() || !p.HasIPID && isExtension(uint8(proto))
}

// Chunk is the type of an SCTP chunk (RFC 9260, section 3.2).
type Chunk uint8

// The chunks of the handshake, none of which follows another chunk in its packet,
// and the one that refuses it.
const (
	ChunkData       Chunk = 0
	ChunkInit       Chunk = 1
	ChunkInitAck    Chunk = 2
	ChunkAbort      Chunk = 6
	ChunkCookieEcho Chunk = 10
	ChunkCookieAck  Chunk = 11
)

// Result is the outcome of decoding one frame. Reuse it for the next frame. The
// fields that the common case needs are adjacent in memory.
type Result struct {
	N           int               // number of valid Packets
	Skip        Reason            // why the frame has no packet, or why decoding stopped inside the last one; OK if it did not
	HasQuoted   bool              // Quoted and QuotedFromB are valid
	QuotedFromB bool              // the sender of the quoted packet is Quoted.B
	Packets     [MaxLayers]Packet // the first N are valid, outermost first; packets of an IEEE 802.11 aggregate in frame order

	// Quoted is the key of the packet that an ICMP error in
	// Packets[N-1] quotes; valid iff HasQuoted.
	Quoted flow.Key
}
