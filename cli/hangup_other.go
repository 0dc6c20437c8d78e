//go:build !linux

package cli

import "io"

// hangupOf never reports a hangup: the next write does.
func hangupOf(io.Writer) func() bool { return func() bool { return false } }
