package tui

import (
	"context"
	"io"

	"weir/tui/plain"
)

// RunLines is [Run] for screen readers, and for terminals that can't be drawn on.
func RunLines(ctx context.Context, cfg Config, in io.Reader, out io.Writer) error {
	return plain.Run(ctx, cfg, in, out)
}
