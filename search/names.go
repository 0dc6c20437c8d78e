package search

import (
	"slices"
	"strings"
)

// UnknownName returns a name that x asks for and no node or group of env has,
// and the known word that was probably meant, if there is one. Bare words that
// mean nothing else are read as names, so it is how a misspelled one shows. Only
// terms that every flow must match are looked at.
func UnknownName(x Expr, env Env) (name, meant string, ok bool) {
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
