package flow

import (
	"net/netip"
	"strconv"
	"time"
)

// Endpoint is one side of a flow.
type Endpoint struct {
	Node string     // name of the node that owns Addr; empty if none does
	Addr netip.Addr // IPv4 or IPv6, never 4-in-6, without zone
	Port uint16     // 0 if unknown or if the protocol has no ports (see Proto.HasPorts)
}

// Counters holds the totals of one direction.
type Counters struct {
	Packets uint64 // IPFIX packetTotalCount, IE 86
	Octets  uint64 // IP total length, headers included (IPFIX octetTotalCount, IE 85)
}

// Add adds d to c.
func (c *Counters) Add(d Counters) {
	c.Packets += d.Packets
	c.Octets += d.Octets
}

// Seq32 is a header field that may not have been observed. Zero is a legal value,
// so Seen tells the two apart.
type Seq32 struct {
	Value uint32
	Seen  bool
}

// Side holds the header fields of the packets that one side sent.
type Side struct {
	Flags  Flags // union over these packets; 0 unless TCP
	ISN    Seq32 // TCP initial sequence number, from the last accepted SYN
	IPID   Seq32 // Identification of the first IPv4 packet; never Seen for IPv6
	MinTTL uint8 // smallest TTL or Hop Limit; 0: no packet seen

	// Payload is the number of octets behind the transport header (RFC 9293, section 3.1; RFC 768), or
	// behind the IP header for protocols without one. Unlike Counters it leaves headers out.
	Payload uint64

	// TCP only, from the headers of the packets seen (RFC 9293, section 3.4), which need not be all.
	Retransmitted Counters // segments whose sequence numbers were seen before; Octets: their payload
	OutOfOrder    uint64   // segments that fill a gap in the sequence numbers seen
	ZeroWindows   uint64   // segments with a receive window of 0 (RFC 9293, section 3.8.6)

	// TCP only: round trip from the observation point to this side and back, from data to its
	// acknowledgment (RFC 9293, section 3.8.1), smallest and mean over the whole flow; 0: not measured.
	// The store keeps microseconds, rounded up.
	RTTMin, RTTMean time.Duration
}

// ICMPError is an ICMP error message that quoted a flow.
type ICMPError struct {
	From netip.Addr // sender; invalid: no error was seen
	Type ICMPType
}

// Words returns the display name of the error: "host unreachable". ICMPv6 errors
// are sent over IPv6 only (RFC 4443, section 2.4), so the address family of the
// sender distinguishes the two protocols.
func (e ICMPError) Words() string {
	if e.From.Is4() {
		return e.Type.Words(ICMP)
	}
	return e.Type.Words(ICMPv6)
}

// Record is one flow as reported by one node: what the store keeps and the
// screen shows. It is a plain value and safe to copy.
//
// The source is the side that started the conversation. Sent counts what the
// source sent, Recv what it received.
type Record struct {
	ID        int64  // unique in its store, ascending by the time the flow was first seen; 0: unassigned
	Node      string // the node that observed the flow
	Interface string // the observation point, "eth0"; empty if unknown

	// ReplyInterface is where the packets of the other direction came in, if it is another interface: at
	// a tap or a bond with an interface for each direction. Empty: the same, or there were none.
	ReplyInterface string

	Start     time.Time // earliest packet, UTC (IPFIX flowStartNanoseconds, IE 156)
	Last      time.Time // latest packet so far, UTC (flowEndNanoseconds, IE 157)
	EndReason EndReason // StillOpen: more packets may arrive

	Proto      Proto
	Src, Dst   Endpoint
	Sent, Recv Counters
	SrcSide    Side // packets sent by the source
	DstSide    Side // packets sent by the destination
	Verdict    Verdict
	Direction  Direction // how the source was identified

	ICMP       ICMPType      // first message; valid iff Proto.IsICMP()
	ICMPID     uint16        // identifier of an ICMP request or reply, else 0
	ServerRTT  time.Duration // SYN to SYN-ACK: observation point to destination and back; 0: not measured
	ClientRTT  time.Duration // SYN-ACK to ACK: observation point to source and back; 0: not measured
	SYNRetries uint16        // retransmissions of the source's SYN (same sequence number)
	VLAN       VLANs
	Tunnel     Tunnel
	Error      ICMPError // last ICMP error that quoted this flow; valid iff Error.From.IsValid()

	// Uncounted: Payload, Retransmitted, OutOfOrder and ZeroWindows of both sides are unknown rather than
	// 0, because a version that did not count them stored the record.
	Uncounted bool
}

// Open reports whether the flow has not ended.
func (r *Record) Open() bool { return r.EndReason == StillOpen }

// End returns the time of the last packet, or the zero time while the flow is open.
func (r *Record) End() time.Time {
	if r.Open() {
		return time.Time{}
	}
	return r.Last
}

// Duration returns the time from the first to the latest packet, whether or not
// the flow has ended.
func (r *Record) Duration() time.Duration { return r.Last.Sub(r.Start) }

// Flags returns the union of the TCP flags of both directions; valid iff HasFlags.
func (r *Record) Flags() Flags { return r.SrcSide.Flags | r.DstSide.Flags }

// HasFlags reports whether the record has TCP flags.
func (r *Record) HasFlags() bool { return r.Proto == TCP }

// RTT returns the round-trip time of the TCP handshake, ServerRTT + ClientRTT, or
// 0 unless the whole handshake was seen.
func (r *Record) RTT() time.Duration {
	if r.ServerRTT == 0 || r.ClientRTT == 0 {
		return 0
	}
	return r.ServerRTT + r.ClientRTT
}

// Payload returns the payload octets of both directions; valid unless Uncounted.
func (r *Record) Payload() uint64 { return r.SrcSide.Payload + r.DstSide.Payload }

// HasHealth reports whether the record has the counts of Retransmitted, OutOfOrder and
// ZeroWindows.
func (r *Record) HasHealth() bool { return r.Proto == TCP && !r.Uncounted }

// Retransmitted returns the retransmissions of both directions; valid iff HasHealth.
func (r *Record) Retransmitted() Counters {
	c := r.SrcSide.Retransmitted
	c.Add(r.DstSide.Retransmitted)
	return c
}

// OutOfOrder returns the out-of-order segments of both directions; valid iff HasHealth.
func (r *Record) OutOfOrder() uint64 { return r.SrcSide.OutOfOrder + r.DstSide.OutOfOrder }

// ZeroWindows returns the segments of both directions that announced a receive window
// of 0; valid iff HasHealth.
func (r *Record) ZeroWindows() uint64 { return r.SrcSide.ZeroWindows + r.DstSide.ZeroWindows }

// RTTMin returns the smallest round-trip time over the whole flow: the sum of those of
// the sides for which it was measured, 0 if for none.
func (r *Record) RTTMin() time.Duration { return r.SrcSide.RTTMin + r.DstSide.RTTMin }

// RTTMean is as RTTMin, with the mean of each side.
func (r *Record) RTTMean() time.Duration { return r.SrcSide.RTTMean + r.DstSide.RTTMean }

// String returns the VLAN ids, outer first: "100" or "100.200"; empty without a tag.
func (v VLANs) String() string {
	switch {
	case v == VLANs{}:
		return ""
	case v[1] == 0:
		return strconv.Itoa(int(v[0]))
	}
	return strconv.Itoa(int(v[0])) + "." + strconv.Itoa(int(v[1]))
}

// String returns the encapsulation and its id: "vxlan:5001"; empty without a tunnel.
func (t Tunnel) String() string {
	switch {
	case t.Kind == NoTunnel:
		return ""
	case t.ID == 0:
		return t.Kind.String()
	}
	return t.Kind.String() + ":" + strconv.FormatUint(uint64(t.ID), 10)
}
