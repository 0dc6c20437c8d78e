package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"weir/csvexport"
	"weir/internal/saved"
	"weir/internal/termsafe"
	"weir/search"
)

// What shells complete of `weir query`: the words of the filter, @ and the names
// of saved searches, and the values of options. Errors are left out: a
// shell that gets nothing offers nothing.

func (o *queryOptions) registerCompletion(cmd *cobra.Command) {
	cmd.ValidArgsFunction = func(cmd *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
		if strings.HasPrefix(word, "@") {
			return savedNames(), cobra.ShellCompDirectiveNoFileComp
		}
		return filterWords(word, o.env(cmd.Context()))
	}
	o.completeValue(cmd, "order", func(search.Env) []string {
		if o.by != "" {
			return search.SumNames()
		}
		return search.OrderWords()
	})
	o.completeValue(cmd, "by", func(search.Env) []string { return search.ByNames() })
	o.completeValue(cmd, "since", func(search.Env) []string { return []string{"5m", "30m", "1h", "2h", "12h", "1d", "today", "yesterday"} })
	o.completeValue(cmd, "node", func(env search.Env) []string { return append(env.Nodes, env.Groups...) })
	o.completeValue(cmd, "columns", func(search.Env) []string { return append(csvexport.ColumnNames(), csvexport.FieldNames()...) })
}

// completeValue completes the value of a flag, of which only the last one of a
// list is taken.
func (o *queryOptions) completeValue(cmd *cobra.Command, flag string, words func(search.Env) []string) {
	complete := func(cmd *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		before := typed[:strings.LastIndexByte(typed, ',')+1]
		var all []string
		for _, word := range words(o.env(cmd.Context())) {
			all = append(all, before+word)
		}
		return all, cobra.ShellCompDirectiveNoFileComp
	}
	if err := cmd.RegisterFlagCompletionFunc(flag, complete); err != nil {
		panic(err) // the flag does not exist: a mistake in this file
	}
}

// env is what the store knows, as far as it can be read and typed: a name with a
// control character would not be found again as a shell shows it.
func (o *queryOptions) env(ctx context.Context) search.Env {
	store, err := o.source.openReader(ctx)
	if err != nil {
		return search.Env{}
	}
	defer store.Close()
	var env search.Env
	if nodes, err := store.Nodes(ctx); search.Answered(err) {
		for _, n := range nodes {
			env.Nodes = append(env.Nodes, n.Name)
		}
	}
	if groups, err := store.Groups(ctx); err == nil {
		env.Groups = groups.Names()
	}
	if interfaces, err := store.Interfaces(ctx); err == nil {
		env.Interfaces = interfaces
	}
	unsafe := func(name string) bool { return termsafe.Text(name) != name }
	env.Nodes, env.Groups, env.Interfaces = slices.DeleteFunc(env.Nodes, unsafe), slices.DeleteFunc(env.Groups, unsafe), slices.DeleteFunc(env.Interfaces, unsafe)
	return env
}

// filterWords are what the last word of a filter may become.
func filterWords(word string, env search.Env) ([]string, cobra.ShellCompDirective) {
	directive := cobra.ShellCompDirectiveNoFileComp
	var all []string
	for _, c := range search.Complete(word, len(word), env) {
		all = append(all, word[:c.From]+c.Text+"\t"+c.Help)
		if strings.ContainsAny(c.Text[len(c.Text)-1:], ":=<>(") { // a value follows
			directive |= cobra.ShellCompDirectiveNoSpace
		}
	}
	return all, directive
}

// savedNames are the names of saved searches, each behind its @.
func savedNames() []string {
	path, err := searchesPath()
	if err != nil {
		return nil
	}
	all, _ := saved.Searches(path).List()
	var names []string
	for _, s := range all {
		names = append(names, "@"+s.Name+"\t"+termsafe.Text(s.Text))
	}
	return names
}
