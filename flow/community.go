package flow

import (
	"crypto/sha1" //nolint:gosec // the specification says SHA-1; it protects nothing here
	"encoding/base64"
	"encoding/binary"
)

// CommunityID returns the Community ID of the flow key, version 1 with seed 0
// (github.com/corelight/community-id-spec), which Zeek, Suricata and others log as well:
// the same text for both directions. It is empty without addresses.
func (r *Record) CommunityID() string {
	src, dst := r.Src.Addr, r.Dst.Addr
	if !src.IsValid() || !dst.IsValid() || src.Is4() != dst.Is4() {
		return ""
	}
	srcPort, dstPort, ports := r.Src.Port, r.Dst.Port, r.Proto == TCP || r.Proto == UDP || r.Proto == SCTP
	oneWay := false
	if r.Proto.IsICMP() {
		ports = true
		srcPort, dstPort, oneWay = r.icmpPorts()
	}
	if !oneWay && (dst.Less(src) || dst == src && dstPort < srcPort) {
		src, dst, srcPort, dstPort = dst, src, dstPort, srcPort
	}
	b := []byte{0, 0} // seed
	b = append(append(b, src.AsSlice()...), dst.AsSlice()...)
	b = append(b, byte(r.Proto), 0)
	if ports {
		b = binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(b, srcPort), dstPort)
	}
	sum := sha1.Sum(b) //nolint:gosec // see above
	return "1:" + base64.StdEncoding.EncodeToString(sum[:])
}

// icmpPorts returns what the specification uses as ports of ICMP: the types of request and reply, or type
// and code of messages in one direction.
func (r *Record) icmpPorts() (src, dst uint16, oneWay bool) {
	pairs := map[uint8]uint8{8: 0, 0: 8, 13: 14, 14: 13, 15: 16, 16: 15, 17: 18, 18: 17, 10: 9, 9: 10}
	if r.Proto == ICMPv6 {
		pairs = map[uint8]uint8{128: 129, 129: 128, 133: 134, 134: 133, 135: 136, 136: 135, 130: 131, 131: 130, 144: 145, 145: 144, 139: 140, 140: 139}
	}
	if other, ok := pairs[r.ICMP.Type]; ok {
		return uint16(r.ICMP.Type), uint16(other), false
	}
	return uint16(r.ICMP.Type), uint16(r.ICMP.Code), true
}
