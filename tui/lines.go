package tui

import (
	"context"
	"io"

	"weir/tui/plain"
)

// RunLines runs the line mode, for screen readers and for terminals without cursor control.
func RunLines(ctx context.Context, cfg Config, in io.Reader, out io.Writer) error {
	return plain.Run(ctx, cfg, in, out)
}
