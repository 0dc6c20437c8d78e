package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"weir/db"
	"weir/internal/termsafe"
	"weir/search"
)

// Names are the one thing in a query that can be misspelled without being wrong:
// no flows are an answer for a node that is quiet, but not for one that is none.

// tellUnknown says which of the names of --node nothing has.
func (o *queryOptions) tellUnknown(ctx context.Context, store *db.Store, stderr io.Writer) error {
	if len(o.nodes) == 0 || len(o.source.files) > 0 {
		return nil
	}
	known, err := knownNodes(ctx, store)
	if err != nil {
		return err
	}
	for _, name := range o.nodes {
		if !slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, name) }) {
			tellName(stderr, name, known)
		}
	}
	return nil
}

// tellNames says which names in a filter that found nothing no node has: bare
// words that mean nothing else are read as names.
func tellNames(ctx context.Context, store *db.Store, filter search.Expr, stderr io.Writer) error {
	known, err := knownNodes(ctx, store)
	if err != nil {
		return err
	}
	for _, term := range search.Conjuncts(filter) {
		names, ok := term.(search.Names)
		if !ok || names.Field == search.FieldInterface || len(names.Patterns) != 1 {
			continue
		}
		name := strings.ToLower(strings.Trim(names.Patterns[0], "*"))
		if name == "" || strings.Contains(name, "*") || slices.ContainsFunc(known, func(k string) bool { return strings.Contains(strings.ToLower(k), name) }) {
			continue
		}
		words := known
		if names.Field == search.FieldAnyNode {
			for _, c := range search.Complete("", 0, search.Env{}) {
				words = append(words, strings.TrimSuffix(c.Text, ":"))
			}
		}
		tellName(stderr, name, words)
	}
	return nil
}

// tellName says that nothing has a name, and which known word may have been meant.
func tellName(stderr io.Writer, name string, known []string) {
	hint := "weir nodes lists them"
	if near := search.Nearest(name, known); near != "" {
		hint = "did you mean " + near + "?"
	}
	fmt.Fprintf(stderr, "weir: no node or group is called %s: %s\n", termsafe.Text(name), termsafe.Text(hint))
}
