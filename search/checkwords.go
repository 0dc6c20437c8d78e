package search

import (
	"slices"
	"strings"
	"time"
)

// nameList is a list of bare words that are not words of the language: "edge" or
// "edge,eth0".
type nameList struct {
	start, end int // byte range in the text
	words      []value
}

// CheckWords returns an error for the first word in text without a field, quotes or a
// meaning, unless a name in env contains it: a misspelled word must not be an answer.
// Names with a field (node:edge-9) or in quotes are not checked, since they stay valid
// before the first flow of that name. The result is text, in which words that are in names of
// interfaces have fields: "eth0" becomes "(anynode:*eth0* or interface:*eth0*)". now and loc
// are as in [ParseAt]. A text that does not parse has no words to check. Errors are of type
// [*Error].
func CheckWords(text string, now time.Time, loc *time.Location, env Env) (string, error) {
	p := parser{scanner: scanner{text: text}, now: now, loc: loc}
	if _, err := p.parse(); err != nil {
		return text, nil
	}
	known := slices.Concat(env.Nodes, env.Groups)
	out, done := "", 0
	for _, list := range p.names {
		interfaces := false
		for _, v := range list.words {
			iface := hasWord(env.Interfaces, v.text)
			if !iface && !v.quoted && !hasWord(known, v.text) {
				return text, p.fail(v.pos, unknownWordHint(v.text, slices.Concat(known, env.Interfaces), now, loc), "unknown word %q", v.text)
			}
			interfaces = interfaces || iface && !v.quoted
		}
		if interfaces {
			out += text[done:list.start] + " " + anyName(list.words) + " " // blanks, as it may follow a quote
			done = list.end
		}
	}
	return out + text[done:], nil
}

// anyName returns a list of bare words as a term for names of nodes and of interfaces.
func anyName(words []value) string {
	var included, excluded []string
	for _, v := range words {
		pattern := v.text
		if !v.quoted {
			pattern = partOfName(pattern)
		}
		if v.neg {
			excluded = append(excluded, quoteName(pattern))
		} else {
			included = append(included, quoteName(pattern))
		}
	}
	either := func(names []string) string {
		list := strings.Join(names, ",")
		return "(" + FieldAnyNode.String() + ":" + list + " or " + FieldInterface.String() + ":" + list + ")"
	}
	switch {
	case excluded == nil:
		return either(included)
	case included == nil:
		return "!" + either(excluded)
	}
	return "(" + either(included) + " !" + either(excluded) + ")"
}

// partOfName returns the pattern of names that a bare word stands for: those that contain
// it, unless the word is a pattern.
func partOfName(word string) string {
	if strings.Contains(word, "*") {
		return word
	}
	return "*" + word + "*"
}

// hasWord reports whether one of the names contains the word or matches it as a pattern.
// A word that is a field, or a habit from another tool, must be a whole name:
// "port in 80" must not be an answer because a node is called main-airport.
func hasWord(names []string, word string) bool {
	pattern := partOfName(word)
	if isHabit(strings.ToLower(word)) {
		pattern = word
	}
	return slices.ContainsFunc(names, func(name string) bool { return MatchesName(pattern, name) })
}
