package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"weir/internal/config"
	"weir/internal/termsafe"
	"weir/tui"
)

func configCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Check the configuration file",
		Long: `The configuration file is config.toml in $XDG_CONFIG_HOME/weir, by default
~/.config/weir. Its settings are theme, ascii, mouse, names, services and fps;
keep_age and keep_size, like --keep-age and --keep-size of weir capture; [[column]]
with name and width; and [keys] with a list of keys for each command.
Choices made on the screen are saved separately and override this file.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "check",
		Short: "List the errors in the configuration file by line",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return checkConfig(cmd.OutOrStdout())
		},
	})
	return cmd
}

func checkConfig(out io.Writer) error {
	path, err := configPath()
	if err != nil {
		return err
	}
	f, err := config.Load(path)
	if err = errors.Join(err, checkSettings(&f)); err != nil {
		return err
	}
	says := "ok"
	if f.IsEmpty() {
		says = "nothing is set; commands for [keys]: " + strings.Join(tui.Commands(), " ")
	}
	_, err = fmt.Fprintf(out, "%s: %s\n", termsafe.Text(path), says)
	return err
}

// checkSettings finds what only the screen knows to be wrong, and its line.
func checkSettings(f *config.File) error {
	var errs []error
	if err := tui.CheckTheme(f.Theme); err != nil {
		errs = append(errs, &config.Error{Path: f.Path(), Line: f.Line("", "theme"), Msg: err.Error()})
	}
	if _, err := parseAge(f.KeepAge); err != nil {
		errs = append(errs, &config.Error{Path: f.Path(), Line: f.Line("", "keep_age"), Msg: "keep_age: " + err.Error()})
	}
	if _, err := parseSize(f.KeepSize); err != nil {
		errs = append(errs, &config.Error{Path: f.Path(), Line: f.Line("", "keep_size"), Msg: "keep_size: " + err.Error()})
	}
	seen := map[string]bool{}
	for i, c := range f.Columns {
		err := tui.CheckColumn(c.Name, c.Width)
		if seen[c.Name] {
			err = fmt.Errorf("duplicate column %q", c.Name)
		}
		seen[c.Name] = true
		if err != nil {
			errs = append(errs, &config.Error{Path: f.Path(), Line: f.ColumnLine(i), Msg: err.Error()})
		}
	}
	for _, err := range each(tui.CheckKeys(f.Keys)) {
		at := 0
		if wrong := new(tui.KeyError); errors.As(err, &wrong) {
			at = f.Line("keys", wrong.Command)
		}
		errs = append(errs, &config.Error{Path: f.Path(), Line: at, Msg: err.Error()})
	}
	return errors.Join(errs...)
}

// each takes joined errors apart.
func each(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok { // the join itself, not one that err wraps
		return joined.Unwrap()
	}
	if err == nil {
		return nil
	}
	return []error{err}
}
