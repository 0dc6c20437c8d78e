package tui

import (
	"context"
	"errors"
	"fmt"
	"io"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
)

// Run shows the screen until the user quits or ctx ends, neither of which is an error.
// It always restores the terminal, even after a panic. The caller handles signals: those
// that end the program should end ctx.
func Run(ctx context.Context, cfg Config, in io.Reader, out io.Writer) error {
	if cfg.Store == nil {
		return errors.New("show screen: no store given")
	}
	asking, stop := context.WithCancel(ctx)
	defer stop()
	m := newModel(asking, cfg)
	options := []tea.ProgramOption{
		tea.WithInput(withShortPastes(in)), tea.WithOutput(out), tea.WithoutSignalHandler(),
		tea.WithEnvironment(m.Cfg.Env), tea.WithFPS(m.Cfg.FPS),
	}
	if cfg.ColorProfile != colorprofile.Unknown {
		options = append(options, tea.WithColorProfile(cfg.ColorProfile))
	}
	program := tea.NewProgram(m, options...)
	// Bubble Tea's own context option closes the input while it is being read.
	unwatch := context.AfterFunc(ctx, program.Quit)
	_, err := program.Run()
	unwatch()
	stop()
	m.exports.Finish() // completes exports in progress
	if err = errors.Join(err, m.crashed); err != nil {
		return fmt.Errorf("show screen: %w", err)
	}
	return nil
}
