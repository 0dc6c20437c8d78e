package search

import (
	"slices"
	"strings"
)

// UnknownName returns the first name in x that no node or group in env has, with
// the likely intended word, if any. Only top-level conjuncts are checked. It is for
// names with a field or in quotes; [CheckWords] refuses unknown bare words.
func UnknownName(x Expr, env Env) (name, suggestion string, ok bool) {
	known := slices.Concat(env.Nodes, env.Groups)
	for _, term := range Conjuncts(x) {
		names, ok := term.(Names)
		if !ok || names.Field.IsInterface() || len(names.Patterns) != 1 {
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

// MatchesName reports whether name matches pattern, in which '*' stands for any run of characters,
// ignoring case.
func MatchesName(pattern, name string) bool {
	parts := strings.Split(strings.ToLower(pattern), "*")
	name = strings.ToLower(name)
	first, last := parts[0], parts[len(parts)-1]
	if len(parts) == 1 {
		return name == first
	}
	if len(name) < len(first)+len(last) || !strings.HasPrefix(name, first) || !strings.HasSuffix(name, last) {
		return false
	}
	name = name[len(first) : len(name)-len(last)]
	for _, part := range parts[1 : len(parts)-1] { // the leftmost match leaves the most for the rest
		i := strings.Index(name, part)
		if i < 0 {
			return false
		}
		name = name[i+len(part):]
	}
	return true
}
