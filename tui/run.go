package tui

import (
	"context"
	"errors"
	"fmt"
	"io"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
)

// Run shows the screen until the user leaves it or ctx ends, neither of which
// is an error. It restores the terminal in any case, also when it panics.
// Signals are the caller's: those that end the program should end ctx.
func Run(ctx context.Context, cfg Config, in io.Reader, out io.Writer) error {
	if cfg.Store == nil {
		return errors.New("show screen: no store given")
	}
	asking, stop := context.WithCancel(ctx)
	defer stop()
	m := newModel(asking, cfg)
	options := []tea.ProgramOption{
		tea.WithInput(in), tea.WithOutput(out), tea.WithoutSignalHandler(),
		tea.WithEnvironment(m.Cfg.Env), tea.WithFPS(m.Cfg.FPS),
	}
	if cfg.ColorProfile != colorprofile.Unknown {
		options = append(options, tea.WithColorProfile(cfg.ColorProfile))
	}
	program := tea.NewProgram(m, options...)
	// Bubble Tea's own way to end with a context closes the input under its reader.
	unwatch := context.AfterFunc(ctx, program.Quit)
	_, err := program.Run()
	unwatch()
	stop()
	m.exports.Finish() // an export that was begun is finished
	if err = errors.Join(err, m.crashed); err != nil {
		return fmt.Errorf("show screen: %w", err)
	}
	return nil
}
