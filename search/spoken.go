package search

import (
	"net/netip"
	"strings"

	"weir/flow"
)

// Filters of tcpdump have a blank where ours have a colon: "src host 10.0.0.1
// and dst port 443". They are read as they are meant as far as what follows the
// field can be nothing else than its value. Names, which can be anything, need
// the colon.

// spoken reads such a field and stops before its value. FieldNone: there is none.
func (p *parser) spoken() Field {
	s := p.scanner
	f := fieldByWord(s.word())
	if f == FieldNone || !s.skipSomeBlanks() {
		return FieldNone
	}
	if f == FieldSrc || f == FieldDst {
		f = s.sideOf(f)
	}
	at := s.pos
	v, err := s.value()
	if err != nil || v.op != "" || v.neg || v.quoted || v.args != nil || !suits(f, v.text) {
		return FieldNone
	}
	p.pos = at
	return f
}

// sideOf reads "host", "net" or "port" behind src and dst, and returns the field
// that both words name.
func (s *scanner) sideOf(f Field) Field {
	before := s.pos
	word := strings.ToLower(s.word())
	switch {
	case !s.skipSomeBlanks():
	case word == "host" || word == "net":
		return f
	case word == "port" && f == FieldSrc:
		return FieldSport
	case word == "port":
		return FieldDport
	}
	s.pos = before
	return f
}

// suits reports whether a word is a value of the field, and looks like one.
func suits(f Field, word string) bool {
	switch f.Info().Kind {
	case KindAddr:
		return looksLikeAddr(word)
	case KindPort:
		return fieldOf(value{text: word}) == FieldPort
	case KindNumber:
		return strings.Trim(word, "0123456789") == ""
	case KindProto:
		_, err := flow.ParseProto(word)
		return err == nil
	}
	return false
}

// spokenSpan reads "since" and "last" with a blank before how long ago.
func (p *parser) spokenSpan() (word string, ok bool) {
	s := p.scanner
	word = strings.ToLower(s.word())
	if word != "since" && word != "last" && word != "until" || !s.skipSomeBlanks() {
		return "", false
	}
	at := s.pos
	if _, err := ParseRange(s.word(), p.now, p.loc); err != nil {
		return "", false
	}
	p.pos = at
	return word, true
}

// skipSomeBlanks reports whether there were any.
func (s *scanner) skipSomeBlanks() bool {
	before := s.pos
	s.skipBlanks()
	return s.pos > before && !s.atEnd()
}

// foreignFields are what packet analysers call fields that we have.
var foreignFields = map[string]Field{
	"ip.src": FieldSrc, "ipv6.src": FieldSrc, "ip.dst": FieldDst, "ipv6.dst": FieldDst, "ip.addr": FieldIP, "ipv6.addr": FieldIP,
	"tcp.srcport": FieldSport, "udp.srcport": FieldSport, "tcp.dstport": FieldDport, "udp.dstport": FieldDport,
	"tcp.port": FieldPort, "udp.port": FieldPort, "ip.proto": FieldProto, "tcp.flags": FieldFlags, "vlan.id": FieldVLAN,
	"icmp.type": FieldICMPType, "icmp.code": FieldICMPCode, "ip.ttl": FieldTTL, "vxlan.vni": FieldTunnelID,
	"src_ip": FieldSrc, "dst_ip": FieldDst, "src_port": FieldSport, "dst_port": FieldDport, "id.orig_h": FieldSrc, "id.resp_h": FieldDst,
	"id.orig_p": FieldSport, "id.resp_p": FieldDport, "srcaddr": FieldSrc, "dstaddr": FieldDst,
}

// netmaskHint is the CIDR that an address with a netmask stands for.
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
