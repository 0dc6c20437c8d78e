package search

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// CheckGroups returns an [*Error] for the first group name in x that is not among
// known. text is the text that x was parsed from.
func CheckGroups(text string, x Expr, known []string) error {
	name, ok := unknownGroup(x, known)
	if !ok {
		return nil
	}
	at := max(strings.Index(strings.ToLower(text), strings.ToLower(name)), 0)
	hint := "no groups are defined: weir nodes group add creates one"
	if len(known) > 0 {
		hint = didYouMean(name, known, "expected "+strings.Join(known, ", "))
	}
	return &Error{Col: utf8.RuneCountInString(text[:min(at, len(text))]) + 1, Msg: `unknown group "` + name + `"`, Hint: hint}
}

// unknownGroup returns the first group name in x that is not known. Patterns and
// the empty name, which means no group, are not checked.
func unknownGroup(x Expr, known []string) (name string, ok bool) {
	switch x := x.(type) {
	case And:
		return firstUnknown(x, known)
	case Or:
		return firstUnknown(x, known)
	case Not:
		return unknownGroup(x.X, known)
	case Names:
		if x.Field != FieldGroup {
			return "", false
		}
		for _, p := range x.Patterns {
			is := func(group string) bool { return strings.EqualFold(group, p) }
			if p != "" && !strings.Contains(p, "*") && !slices.ContainsFunc(known, is) {
				return p, true
			}
		}
	}
	return "", false
}

func firstUnknown(terms []Expr, known []string) (name string, ok bool) {
	for _, t := range terms {
		if name, ok = unknownGroup(t, known); ok {
			return name, ok
		}
	}
	return "", false
}
