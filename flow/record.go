package flow

import (
	"net/netip"
	"strconv"
	"time"
)

// Endpoint is one side of a flow.
type Endpoint struct {
	Node string     // name of the node that owns Addr; empty when none does
	Addr netip.Addr // IPv4 or IPv6, never 4-in-6, without zone
	Port uint16     // 0 for protocols without ports (see Proto.HasPorts) and where it is not known
}

// Counters are totals of one direction.
type Counters struct {
	Packets uint64 // IPFIX packetTotalCount, IE 86
	Octets  uint64 // IP total length, headers included (IPFIX octetTotalCount, IE 85)
}

// Add adds d to c.
func (c *Counters) Add(d Counters) {
	c.Packets += d.Packets
	c.Octets += d.Octets
}

// Seq32 is a number out of a header that may not have been seen; 0 is a
// possible value, so Seen says whether it was.
type Seq32 struct {
	Value uint32
	Seen  bool
}

// Side is what is kept of one direction, named by its sender.
type Side struct {
	Flags  Flags // union over its packets; 0 for other protocols than TCP
	ISN    Seq32 // TCP initial sequence number: that of its (last accepted) SYN
	IPID   Seq32 // Identification field of its first IPv4 packet; not Seen for IPv6
	MinTTL uint8 // smallest TTL or Hop Limit; 0: no packet seen
}

// ICMPError is an ICMP error message that quoted a flow.
type ICMPError struct {
	From netip.Addr // who sent it; invalid: there was none
	Type ICMPType
}

// Words returns the error's name for people: "host unreachable". An IPv6 node
// reports in ICMPv6 only (RFC 4443, section 2.4), so the sender's family tells
// the two protocols apart.
func (e ICMPError) Words() string {
	if e.From.Is4() {
		return e.Type.Words(ICMP)
	}
	return e.Type.Words(ICMPv6)
}

// Record is one flow as one node reported it: what the store keeps and the
// screen shows. It is a plain value and safe to copy.
//
// Source is the side that started the conversation. Sent is what the source
// sent, Recv is what it received.
type Record struct {
	ID        int64     // identity in its store; ascends with the time the flow was first seen; 0: not numbered
	Node      string    // the node that observed the flow
	Interface string    // the observation point: "eth0"; empty when not known
	Start     time.Time // earliest packet, UTC (IPFIX flowStartNanoseconds, IE 156)
	Last      time.Time // latest packet so far, UTC (flowEndNanoseconds, IE 157)
	EndReason EndReason // StillOpen: more packets may come

	Proto      Proto
	Src, Dst   Endpoint
	Sent, Recv Counters
	SrcSide    Side // of the packets sent by the source
	DstSide    Side // of the packets sent by the destination
	Verdict    Verdict
	Direction  Direction // how the source was recognised

	ICMP       ICMPType      // first message; valid iff Proto.IsICMP()
	ICMPID     uint16        // identifier of an ICMP request or reply, else 0
	ServerRTT  time.Duration // SYN → SYN-ACK: from here to the destination and back; 0: not seen
	ClientRTT  time.Duration // SYN-ACK → ACK: from here to the source and back; 0: not seen
	SYNRetries uint16        // SYNs of the source after its first, with the same sequence number
	VLAN       VLANs
	Tunnel     Tunnel
	Error      ICMPError // the last ICMP error that quoted this flow; valid iff Error.From.IsValid()
}

// Open reports whether the flow has not ended.
func (r *Record) Open() bool { return r.EndReason == StillOpen }

// End returns the time of the last packet, and the zero time while the flow is open.
func (r *Record) End() time.Time {
	if r.Open() {
		return time.Time{}
	}
	return r.Last
}

// Duration is the time from the first packet to the latest one, open or not.
func (r *Record) Duration() time.Duration { return r.Last.Sub(r.Start) }

// Flags is the union of the TCP flags of both directions. Valid iff HasFlags.
func (r *Record) Flags() Flags { return r.SrcSide.Flags | r.DstSide.Flags }

// HasFlags reports whether the record has TCP flags at all: only TCP does.
func (r *Record) HasFlags() bool { return r.Proto == TCP }

// RTT is the handshake's round trip, SYN to ACK, as seen from both sides of the
// observation point. 0 unless the whole handshake was seen.
func (r *Record) RTT() time.Duration {
	if r.ServerRTT == 0 || r.ClientRTT == 0 {
		return 0
	}
	return r.ServerRTT + r.ClientRTT
}

// String returns the VLAN ids outer first, "100" or "100.200"; empty without a tag.
func (v VLANs) String() string {
	switch {
	case v == VLANs{}:
		return ""
	case v[1] == 0:
		return strconv.Itoa(int(v[0]))
	}
	return strconv.Itoa(int(v[0])) + "." + strconv.Itoa(int(v[1]))
}

// String returns the encapsulation and its id, "vxlan:5001"; empty without a tunnel.
func (t Tunnel) String() string {
	switch {
	case t.Kind == NoTunnel:
		return ""
	case t.ID == 0:
		return t.Kind.String()
	}
	return t.Kind.String() + ":" + strconv.FormatUint(uint64(t.ID), 10)
}
