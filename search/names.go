package search

import (
	"slices"
	"strings"
)

// UnknownName returns the first name in x that no node or group in env has, with
// the likely intended word, if any. The parser reads unknown bare words as names,
// so this detects misspelled words. Only top-level conjuncts are checked.
func UnknownName(x Expr, env Env) (name, suggestion string, ok bool) {
	known := slices.Concat(env.Nodes, env.Groups)
	for _, term := range Conjuncts(x) {
		names, ok := term.(Names)
		if !ok || names.Field == FieldInterface || len(names.Patterns) != 1 {
			continue
		}
		name := strings.ToLower(strings.Trim(names.Patterns[0], "*"))
		has := func(known string) bool { return strings.Contains(strings.ToLower(known), name) }
		if strings.Contains(name, "*") || slices.ContainsFunc(known, has) {
			continue
		}
		words := known
		if names.Field == FieldAnyNode {
			for _, c := range slices.Concat(fieldWords(), bareWords()) {
				words = append(words, strings.TrimSuffix(c.Text, ":"))
			}
		}
		return name, Nearest(name, words), true
	}
	return "", "", false
}
