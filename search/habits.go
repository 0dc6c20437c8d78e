package search

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// toolWords maps words of the syntax of other tools and of plain English to what to write
// instead. Names are not looked for by them, unless they are whole names; see hasWord.
var toolWords = map[string]string{
	// tcpdump
	"arp": "ARP has no flows; flows are of IPv4 and IPv6", "rarp": "RARP has no flows; flows are of IPv4 and IPv6",
	"less": "write bytes:<=100", "greater": "write bytes:>=100", "ether": "flows have no MAC addresses; write vlan:100 or interface:eth0",
	"ip6":  "write ipv6, or ip before an address, as in ip 2001:db8::1",
	"mask": "write the prefix length, as in net 10.0.0.0/8", "ifname": "write interface:eth0", "mpls": "MPLS labels are not stored", "pppoes": "PPPoE sessions are not stored",
	"tcp-syn": "write flags:syn", "tcp-ack": "write flags:ack", "tcp-fin": "write flags:fin", "tcp-rst": "write flags:rst", "tcp-push": "write flags:psh",
	// nfdump
	"inet": "write ipv4", "inet4": "write ipv4", "inet6": "write ipv6", "any": "leave the filter empty to show all flows",
	"in": "a list has commas and no in, as in port:80,443", "out": "write sent, as in sent:>100", "as": "AS numbers are not stored",
	"tos": "the TOS field is not stored", "mac": "flows have no MAC addresses", "ident": "write node:edge-1", "engine-type": "write node:edge-1",
	"icmp-type": "write icmptype:8", "icmp-code": "write icmpcode:0",
	// Wireshark
	"eq": "write =, as in port=443", "ne": "write !=, as in port!=443", "neq": "write !=, as in port!=443", "gt": "write >, as in bytes>1K",
	"lt": "write <, as in bytes<1K", "ge": "write >=, as in bytes>=1K", "le": "write <=, as in bytes<=1K",
	"contains": "filters do not search payload", "matches": "filters do not search payload; names match patterns, as in node:edge-*",
	"xor": "write (a or b) and not (a and b)",
	// Zeek and netstat
	"s0": "write no-answer", "rej": "write refused", "sf": "write closed", "syn_sent": "write no-answer", "time_wait": "write closed",
	"synack": "write flags:syn,ack", "syn/ack": "write flags:syn,ack",
	// plain English
	"from": "write src:10.0.0.1 for addresses, since:14:00 for times", "to": "write dst:10.0.0.1 for addresses, until:15:00 for times",
	"on": "write node:edge-1 or interface:eth0", "via": "write interface:eth0", "by": "write order:oldest for the order",
	"between": "write since:14:00 until:15:00", "before": "write until:15:00", "after": "write since:14:00", "past": "write since:2h",
	"no": "write not, or no-answer", "without": "write not", "except": "write and not", "but": "write and", "is": "write a colon, as in port:443",
	"more": "write >, as in bytes>1M", "larger": "write >, as in bytes>1M", "longer": "write >, as in duration>5m", "over": "write >, as in bytes>1M",
	"under": "write <, as in bytes<1M", "newest": "write order:newest", "oldest": "write order:oldest",
	"everything": "leave the filter empty to show all flows",
}

// nouns is like toolWords, but names that contain them are found by them.
var nouns = map[string]string{
	"gateway": "gateways are not stored; write interface:eth0", "inbound": "write the addresses, as in dst:10.0.0.0/8", "outbound": "write the addresses, as in src:10.0.0.0/8",
	"router": "write node:edge-1", "next": "the next hop is not stored", "label": "labels are not stored", "frame": "flows have no frames; write bytes:>1K", "tls": "write port:443",
	"forwarded": "write established or answered", "dropped": "write no-answer or unanswered", "denied": "write failed, or refused",
	"allowed": "write established or answered", "action": "write a verdict, as in verdict:refused", "block": "write failed, or refused",
	"half-open": "write no-answer, or flags:syn,!ack", "top": "write limit:10", "slow": "write rtt:>200ms", "timeouts": "write no-answer",
	"public": "write dst:!private for destinations", "external": "write dst:!private for destinations", "internal": "write private",
	"ping": "write icmp icmptype:8", "loopback": "write ip:127.0.0.0/8,::1", "local": "write private, or ip:127.0.0.0/8,::1", "web": "write port:80,443",
	"traffic": "leave it out", "connections": "leave it out", "flows": "leave it out",
}

// isHabit reports whether a bare word in lower case is a field, an option or a word of another
// tool, which is not taken as a part of a name.
func isHabit(word string) bool {
	_, option := (&parser{}).options()[word]
	return toolWords[word] != "" || fieldByWord(word) != FieldNone || analyserFields[word] != FieldNone || option
}

// unknownWordHint returns the hint for an unknown bare word.
func unknownWordHint(word string, known []string, now time.Time, loc *time.Location) string {
	lower := strings.ToLower(word)
	if hint := cmp.Or(toolWords[lower], nouns[lower]); hint != "" {
		return hint
	}
	if f := fieldByWord(lower); f != FieldNone {
		return fieldWordHint(f)
	}
	if hint := foreignFieldHint(lower); hint != "" {
		return hint
	}
	if _, option := (&parser{}).options()[lower]; option {
		return "write " + optionExample(lower)
	}
	if _, err := ParseRange(word, now, loc); err == nil {
		return "write since:" + lower
	}
	for _, f := range []Field{FieldTunnel, FieldDirection, FieldEndReason} {
		if slices.Contains(f.Info().Words, lower) {
			return "write " + f.String() + ":" + lower
		}
	}
	words := slices.Clone(known)
	for _, c := range slices.Concat(fieldWords(), bareWords()) {
		words = append(words, strings.TrimSuffix(c.Text, ":"))
	}
	return didYouMean(word, words, "no node, group or interface has it in its name; for a name not seen yet write node:"+quoteName(word)+" or interface:"+quoteName(word))
}

// fieldWordHint returns the hint for the name of a field without a value.
func fieldWordHint(f Field) string {
	switch f.Info().Kind {
	case KindAddr:
		name := map[Field]Field{FieldSrc: FieldSnode, FieldDst: FieldDnode}[f]
		if name == FieldNone {
			name = FieldAnyNode
		}
		version := ""
		if f == FieldIP {
			version = "; all of IPv4 is ipv4"
		}
		return "an address follows it, as in " + f.String() + ":10.0.0.0/8; for names of nodes write " + name.String() + ":edge-1" + version
	case KindName:
		return "names need a colon, as in " + f.Info().Example
	}
	return "a value follows a field, as in " + f.Info().Example
}

// foreignFields maps fields of other tools that flows do not have as such to what to write.
var foreignFields = map[string]string{
	"len": packetLengths, "ip.len": packetLengths, "frame.len": packetLengths, "bpp": packetLengths, "ip.version": "write ipv4 or ipv6", "ip-version": "write ipv4 or ipv6",
	"pps": rates, "bps": rates, "eth.addr": noMACs, "eth.src": noMACs, "eth.dst": noMACs, "flows": "filters select single flows; weir query --by src counts them",
	"mask": "write the prefix length, as in src:10.0.0.0/8", "ip.host": "write anynode:edge-1", "ip.geoip.country": "countries of addresses are not known",
	"tcp.len": "write payload:>0", "tcp.stream": "write id:184223", "tcp.window_size": "write zerowindow:>0", "http.host": noPayload, "http.request": noPayload, "http-status": noPayload,
	"dns.qry.name": noPayload, "fqdn": noPayload, "tcp.analysis.retransmission": "write retrans:>0", "tcp.analysis.flags": "write retrans:>0, outoforder:>0 or zerowindow:>0",
	"tcp.analysis.zero_window": "write zerowindow:>0", "tcp.analysis.initial_rtt": "write rtt:>100ms", "conn_state": "use verdict, as in verdict:refused",
	"from-pod": "write snode:web", "to-pod": "write dnode:web", "from-service": "write snode:web", "to-service": "write dnode:web", "pod": "write anynode:web",
	"namespace": "write group:web", "from-namespace": "write snode:web", "to-namespace": "write dnode:web", "label": "labels are not stored", "identity": "write anynode:web",
	"uid": "write id:184223", "action": "use verdict, as in verdict:refused", "-": "write src:10.0.0.1 dst:10.0.0.2", "as": "AS numbers are not stored", "tos": "the TOS field is not stored",
}

const (
	packetLengths = "lengths of packets are not stored; the bytes of a flow are bytes:>1K"
	rates         = "rates are not stored; write bytes:>1M or packets:>100"
	noMACs        = "flows have no MAC addresses"
	noPayload     = "filters do not search payload"
)

// wiresharkFlags maps the fields of TCP flags in Wireshark to flags.
var wiresharkFlags = map[string]string{"syn": "syn", "ack": "ack", "fin": "fin", "reset": "rst", "push": "psh", "urg": "urg", "ece": "ece", "cwr": "cwr"}

// foreignFieldHint returns the hint for a field of another tool in lower case; "" if there is none.
func foreignFieldHint(word string) string {
	if flag := wiresharkFlags[strings.TrimPrefix(word, "tcp.flags.")]; flag != "" && strings.HasPrefix(word, "tcp.flags.") {
		return "use flags, as in flags:" + flag + ", or flags:!" + flag + " for flows without it"
	}
	f := analyserFields[word]
	proto, _, dotted := strings.Cut(word, ".")
	switch {
	case f == FieldNone:
		return foreignFields[word]
	case dotted && (proto == "tcp" || proto == "udp") && f.Info().Kind == KindPort:
		return "use proto and " + f.String() + ", as in proto:" + proto + " " + f.String() + ":443"
	}
	return "use " + f.String() + ", as in " + f.Info().Example
}

// strangeHint returns the hint for a bare word with a character that names have in quotes only.
func (p *parser) strangeHint(word string, r rune) string {
	if _, isClock := timeOfDay(word); isClock {
		return "a time follows a field, as in since:" + word
	}
	switch r {
	case '|', '&':
		return "write and, or"
	case '\\':
		return "write it without the backslash"
	case '[':
		if word[0] == '[' {
			return "write a list, as in port:80,443"
		}
		return "bytes of packets are not stored; TCP flags are flags:syn,!ack, and ICMP types icmptype:8"
	case '{':
		return "write a list, as in port:80,443"
	}
	return "put a name with such characters in quotes"
}

// keepNames keeps a list of names without a field for CheckWords.
func (p *parser) keepNames(start int, f Field, list []value) {
	if f == FieldAnyNode {
		p.names = append(p.names, nameList{start, p.pos, slices.Clone(list)})
	}
}
