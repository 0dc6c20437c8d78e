package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/search"
)

// flagError is what is wrong with an option, in the words of someone who never
// saw its code.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var missing *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown):
		return unknownFlag(cmd, unknown)
	case errors.As(err, &missing):
		return fmt.Errorf("%s needs a value: %s", optionName(missing.GetFlag(), missing.GetSpecifiedName()), usageOf(missing.GetFlag()))
	case errors.As(err, &invalid) && invalid.GetFlag().Value.Type() == "int":
		return fmt.Errorf("invalid --%s %q: expected a number", invalid.GetFlag().Name, invalid.GetValue())
	case errors.As(err, &invalid) && invalid.GetFlag().Value.Type() == "bool":
		return fmt.Errorf("invalid --%s %q: it takes no value", invalid.GetFlag().Name, invalid.GetValue())
	}
	return err
}

// unknownFlag names the option that was probably meant.
func unknownFlag(cmd *cobra.Command, err *pflag.NotExistError) error {
	name := err.GetSpecifiedName()
	if len(name) == 1 && err.GetSpecifiedShortnames() != "" {
		return fmt.Errorf("unknown option -%s", name)
	}
	var known []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
	if near := search.Nearest(name, known); near != "" {
		return fmt.Errorf("unknown option --%s: did you mean --%s?", name, near)
	}
	return fmt.Errorf("unknown option --%s", name)
}

// optionName is an option as it was written, in its short or long form.
func optionName(f *pflag.Flag, name string) string {
	if name == f.Shorthand {
		return "-" + name
	}
	return "--" + f.Name
}

// usageOf is what an option is for, without the marks of its value's name.
func usageOf(f *pflag.Flag) string {
	_, usage := pflag.UnquoteUsage(f)
	return usage
}
