package search

import "strings"

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
