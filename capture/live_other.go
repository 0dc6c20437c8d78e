//go:build !linux

package capture

import "fmt"

// OpenLive captures on a network interface. This is for Linux only.
func OpenLive(cfg LiveConfig) (Source, error) {
	return nil, fmt.Errorf("capture on %q: %w, only on Linux: read a capture file instead", cfg.Interface, ErrNotSupported)
}
