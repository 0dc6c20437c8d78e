package cli

import (
	"context"
	"fmt"
	"io"
	"time"

	"weir/db"
	"weir/internal/termsafe"
	"weir/node"
	"weir/search"
)

// Names are the one thing in a query that can be misspelled without being invalid:
// no flows are an answer for a node that is quiet, but not for one that does not
// exist.

// tellUnknown says which of the names of --node nothing has.
func (o *queryOptions) tellUnknown(ctx context.Context, store *db.Reader, stderr io.Writer) error {
	if len(o.nodes) == 0 || len(o.source.files) > 0 {
		return nil
	}
	known, err := knownNodes(ctx, store)
	if err != nil {
		return unlessAnswered(err)
	}
	for _, name := range o.nodes {
		if !node.Contains(known, name) {
			tellName(stderr, name, search.Nearest(name, known))
		}
	}
	return nil
}

// checkWords refuses a filter with a word that is neither of the language nor a part of a name in the store.
// The result is q, with a filter for words that are parts of names of interfaces.
func (o *queryOptions) checkWords(ctx context.Context, store *db.Reader, q search.Query) (search.Query, error) {
	known, err := knownNodes(ctx, store)
	if err != nil {
		return q, unlessAnswered(err)
	}
	interfaces, err := store.Interfaces(ctx)
	if err != nil {
		return q, unlessAnswered(err)
	}
	now := time.Now()
	text, err := search.CheckWords(o.text, now, time.Local, search.Env{Nodes: known, Interfaces: interfaces})
	if err != nil {
		return q, filterError(o.text, err)
	}
	if text == o.text {
		return q, nil
	}
	return o.query(text, now)
}

// tellNames says which name in a filter that found nothing no node has.
func tellNames(ctx context.Context, store *db.Reader, filter search.Expr, stderr io.Writer) error {
	known, err := knownNodes(ctx, store)
	if err != nil {
		return unlessAnswered(err)
	}
	if name, meant, ok := search.UnknownName(filter, search.Env{Nodes: known}); ok {
		tellName(stderr, name, meant)
	}
	return nil
}

// unlessAnswered returns err unless it says that some names are damaged: then which
// are unknown can't be told, and the answer doesn't depend on it.
func unlessAnswered(err error) error {
	if search.Answered(err) {
		return nil
	}
	return err
}

// tellName says that nothing has a name, and which known word was probably meant.
func tellName(stderr io.Writer, name, meant string) {
	hint := "weir nodes lists them"
	if meant != "" {
		hint = "did you mean " + meant + "?"
	}
	fmt.Fprintf(stderr, "weir: no node or group named %s: %s\n", termsafe.Text(name), termsafe.Text(hint))
}
