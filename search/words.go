package search

import (
	"slices"
	"strings"
	"time"
)

// groupWord is a word that stands for several values of a field.
type groupWord struct {
	word   string
	kind   Kind // KindAddr, or KindEnum for verdicts
	values []string
	help   string
}

// groupWords is read-only.
var groupWords = [...]groupWord{
	{"failed", KindEnum, []string{"refused", "reset-by-source", "reset-by-dest", "unreachable", "no-answer"}, "refused, reset, unreachable or no answer"},
	{"reset", KindEnum, []string{"reset-by-source", "reset-by-dest"}, "reset by either side"},
	{"ipv4", KindAddr, []string{"0.0.0.0/0"}, "IPv4 addresses"},
	{"ipv6", KindAddr, []string{"::/0"}, "IPv6 addresses"},
	{"multicast", KindAddr, []string{"224.0.0.0/4", "ff00::/8"}, "multicast addresses"},
	{"broadcast", KindAddr, []string{"255.255.255.255"}, "the limited broadcast address"},
	{"private", KindAddr, []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"}, "private addresses (RFC 1918, RFC 4193)"},
}

// groupOf returns the group word of a kind, ignoring case; nil if s is none.
func groupOf(kind Kind, s string) *groupWord {
	for i := range groupWords {
		if g := &groupWords[i]; g.kind == kind && strings.EqualFold(g.word, s) {
			return g
		}
	}
	return nil
}

// hasGroups reports whether group words are values of f.
func hasGroups(f Field) bool { return f == FieldVerdict || f.Info().Kind == KindAddr }

// expandGroups replaces group words in a list by the values they stand for.
func expandGroups(f Field, list []value) []value {
	if !hasGroups(f) {
		return list
	}
	var all []value
	for _, v := range list {
		g := groupOf(f.Info().Kind, v.text)
		if g == nil || v.quoted || v.args != nil {
			all = append(all, v)
			continue
		}
		for _, text := range g.values {
			v.text = text
			all = append(all, v)
		}
	}
	return all
}

// groupCompletions returns the group words that are values of fields of a kind.
func groupCompletions(kind Kind) []Completion {
	var all []Completion
	for _, g := range groupWords {
		if g.kind == kind {
			all = append(all, Completion{Text: g.word, Help: g.help})
		}
	}
	return all
}

// CheckWords returns an error for the first word in text without a field, quotes or a
// meaning, unless a name in env contains it: a misspelled word must not be an answer. Names with a field (node:edge-9) or in quotes are not checked, since
// they stay valid before the first flow of that name. now and loc are as in
// [ParseAt]. A text that does not parse has no words to check. Errors are of type
// [*Error].
func CheckWords(text string, now time.Time, loc *time.Location, env Env) error {
	p := parser{scanner: scanner{text: text}, now: now, loc: loc}
	if _, err := p.parse(); err != nil {
		return nil
	}
	known := slices.Concat(env.Nodes, env.Groups)
	for _, v := range p.names {
		if hasName(known, v.text) {
			continue
		}
		if hasName(env.Interfaces, v.text) {
			return p.fail(v.pos, "write interface:"+quoteName(v.text), "%q is an interface", v.text)
		}
		return p.fail(v.pos, unknownWordHint(v.text, known), "unknown word %q", v.text)
	}
	return nil
}

// hasName reports whether the word is a part of one of the names, or with a '*' in it a
// pattern of a whole name.
func hasName(names []string, word string) bool {
	if !strings.Contains(word, "*") {
		word = "*" + word + "*"
	}
	return slices.ContainsFunc(names, func(name string) bool { return MatchesName(word, name) })
}

// toolWords maps words of tcpdump, nfdump and Wireshark to what to write instead.
var toolWords = map[string]string{
	"arp": "ARP has no flows; flows are of IPv4 and IPv6", "rarp": "RARP has no flows; flows are of IPv4 and IPv6",
	"less": "write bytes:<=100", "greater": "write bytes:>=100", "ether": "flows have no MAC addresses; write vlan:100 or interface:eth0",
	"ip6": "write ipv6", "inet": "write ipv4", "inet4": "write ipv4", "inet6": "write ipv6", "gateway": "flows have no gateway; write interface:eth0",
	"in": "write a list, as in port:80,443", "eq": "write =, as in port=443", "ne": "write !=, as in port!=443", "gt": "write >, as in bytes>1K",
	"lt": "write <, as in bytes<1K", "ge": "write >=, as in bytes>=1K", "le": "write <=, as in bytes<=1K",
	"contains": "filters do not search payload", "any": "leave the filter empty to show all flows",
	"forwarded": "write established or answered", "dropped": "write no-answer or unanswered", "denied": "write failed, or refused",
}

// unknownWordHint returns the hint for an unknown bare word.
func unknownWordHint(word string, known []string) string {
	lower := strings.ToLower(word)
	if hint := toolWords[lower]; hint != "" {
		return hint
	}
	if f := fieldByWord(lower); f != FieldNone {
		return "a value follows a field, as in " + f.Info().Example
	}
	if f := analyserFields[lower]; f != FieldNone {
		return "use " + f.String() + ", as in " + f.Info().Example
	}
	words := slices.Clone(known)
	for _, c := range slices.Concat(fieldWords(), bareWords()) {
		words = append(words, strings.TrimSuffix(c.Text, ":"))
	}
	return didYouMean(word, words, "no node or group has it in its name; for a name not seen yet write node:"+quoteName(word)+" or interface:"+quoteName(word))
}
