package search

import (
	"net/netip"
	"strings"

	"weir/flow"
)

// fieldByWord returns the field with the given name or alias, ignoring case;
// FieldNone if there is none.
func fieldByWord(word string) Field {
	word = strings.ToLower(word)
	for f := FieldNone + 1; f < numFields; f++ {
		if word == f.String() {
			return f
		}
		for _, alias := range fieldTable[f].Aliases {
			if word == alias {
				return f
			}
		}
	}
	return FieldNone
}

// unknownFieldHint returns the hint for the unknown field word. rest is the text
// after the operator.
func unknownFieldHint(word, rest string) string {
	switch strings.ToLower(word) {
	case "from", "to", "time", "range":
		return "the time range is since:2h, since:14:05 until:15:00, or start:14:05..15:00; addresses are src and dst"
	case "sort":
		return "the order is order:newest, order:oldest or by a field, as in order:bytes"
	case "service", "app":
		return "filter services by port, as in dport:443"
	}
	if hint := foreignFieldHint(strings.ToLower(word)); hint != "" {
		return hint
	}
	if _, ok := ServicePort(word); ok {
		return "write port:" + strings.ToLower(word) + ", or dport for the destination port only"
	}
	if _, err := flow.ParseProto(word); err == nil {
		return "write proto:" + strings.ToLower(word) + " port:" + strings.TrimSpace(rest)
	}
	words := make([]string, 0, 3*int(numFields))
	for _, info := range Fields() {
		words = append(words, info.Word)
	}
	for _, info := range Fields() {
		words = append(words, info.Aliases...)
	}
	for _, o := range optionExamples {
		words = append(words, o.word)
	}
	if w := Nearest(word, words); w != "" {
		if f := fieldByWord(w); f != FieldNone {
			w = f.String()
		}
		return "did you mean " + w + "?"
	}
	return "expected a field such as src dst ip sport dport port snode dnode node proto flags verdict bytes duration"
}

// portHint returns the hint for the invalid port s.
func portHint(s string) string {
	if port, proto, ok := cutPortProto(s); ok {
		return "write the port alone, " + port + ", and the protocol as proto:" + proto
	}
	names := make([]string, len(services))
	for i := range services {
		names[i] = services[i].name
	}
	return didYouMean(s, names, "ports are numbers from 0 to 65535, or services such as https")
}

// cutPortProto splits "443/tcp" and "tcp/443" into port and protocol.
func cutPortProto(s string) (port, proto string, ok bool) {
	a, b, _ := strings.Cut(strings.ToLower(s), "/")
	for _, pair := range [][2]string{{a, b}, {b, a}} {
		p, protoErr := flow.ParseProto(pair[1])
		if _, err := parsePlain(pair[0]); err == nil && protoErr == nil && p.HasPorts() {
			return pair[0], pair[1], true
		}
	}
	return "", "", false
}

// analyserFields maps the field names of Wireshark, Zeek and similar tools to
// fields.
var analyserFields = map[string]Field{
	"ip.src": FieldSrc, "ipv6.src": FieldSrc, "ip.dst": FieldDst, "ipv6.dst": FieldDst, "ip.addr": FieldIP, "ipv6.addr": FieldIP,
	"tcp.srcport": FieldSport, "udp.srcport": FieldSport, "tcp.dstport": FieldDport, "udp.dstport": FieldDport,
	"tcp.port": FieldPort, "udp.port": FieldPort, "ip.proto": FieldProto, "tcp.flags": FieldFlags, "vlan.id": FieldVLAN,
	"icmp.type": FieldICMPType, "icmp.code": FieldICMPCode, "ip.ttl": FieldTTL, "vxlan.vni": FieldTunnelID,
	"src_ip": FieldSrc, "dst_ip": FieldDst, "src_port": FieldSport, "dst_port": FieldDport, "id.orig_h": FieldSrc, "id.resp_h": FieldDst,
	"id.orig_p": FieldSport, "id.resp_p": FieldDport, "srcaddr": FieldSrc, "dstaddr": FieldDst,
	"ip.id": FieldIPID, "ipv6.hlim": FieldTTL, "tcp.seq": FieldISN, "icmpv6.type": FieldICMPType, "icmpv6.code": FieldICMPCode, "frame.time": FieldStart,
	"from-ip": FieldSrc, "to-ip": FieldDst, "from-port": FieldSport, "to-port": FieldDport, "node-name": FieldNode, "tcp-flags": FieldFlags,
	"source.ip": FieldSrc, "source.port": FieldSport, "destination.ip": FieldDst, "destination.port": FieldDport, "dest_ip": FieldDst, "dest_port": FieldDport,
	"orig_bytes": FieldSent, "resp_bytes": FieldRecv, "bytes_in": FieldRecv, "bytes_out": FieldSent,
}

// netmaskHint returns the hint for an address with a netmask: its CIDR.
func netmaskHint(a netip.Addr, mask string) (string, bool) {
	m, err := netip.ParseAddr(mask)
	if err != nil || !m.Is4() || !a.Is4() {
		return "", false
	}
	bits := 0
	for _, b := range m.AsSlice() {
		for ; b&0x80 != 0; b <<= 1 {
			bits++
		}
		if b != 0 {
			return "", false
		}
	}
	p := netip.PrefixFrom(a, bits).Masked()
	last := PrefixRange(netip.PrefixFrom(m, bits)).Lo
	return "write " + p.String(), last == m
}
