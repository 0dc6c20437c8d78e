package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"weir/search"
)

// noArgs refuses arguments that are not flags.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 && !cmd.HasParent() {
		return unknownCommand(cmd, args[0])
	}
	if len(args) > 0 {
		hint := ""
		if cmd.Flags().Lookup("read") != nil {
			hint = " (capture files come after -r)"
		}
		return usagef("unexpected argument %q: %s takes no arguments%s", args[0], cmd.CommandPath(), hint)
	}
	return nil
}

// unknownCommand names the command that was probably meant.
func unknownCommand(root *cobra.Command, word string) error {
	var known []string
	for _, cmd := range root.Commands() {
		known = append(known, cmd.Name())
	}
	hint := "expected one of " + strings.Join(known, ", ") + " (capture files come after -r)"
	if near := search.Nearest(word, known); near != "" {
		hint = "did you mean " + near + "?"
	}
	return usagef("unknown command %q: %s", word, hint)
}

// atLeast refuses less than n arguments; expected is what they should have been.
func atLeast(n int, expected string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) < n {
			return usagef("expected %s", expected)
		}
		return nil
	}
}

// exactly refuses any other number of arguments than n.
func exactly(n int, expected string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != n {
			return usagef("expected %s", expected)
		}
		return nil
	}
}
