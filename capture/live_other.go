//go:build !linux

package capture

import "fmt"

// OpenLive returns an error that wraps ErrNotSupported: live capture is for Linux only.
func OpenLive(cfg LiveConfig) (Source, error) {
	return nil, fmt.Errorf("capture on %q: %w, only on Linux: read a capture file instead", cfg.Interface, ErrNotSupported)
}
