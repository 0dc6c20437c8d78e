package cli

import (
	"errors"
	"fmt"
	"strings"

	"weir/capture"
	"weir/flow"
)

// isPartial reports whether err, of reading files, means only that not all of them was read.
func isPartial(err error) bool {
	if err == nil {
		return true
	}
	for _, e := range joinedErrors(err) {
		if !errors.As(e, new(*capture.PartialError)) {
			return false
		}
	}
	return true
}

// unknownLinks returns the error of frames whose link type can't be decoded, or nil.
func unknownLinks(h flow.Health) error {
	var errs []error
	for _, c := range h.Skipped {
		if link, ok := strings.CutPrefix(c.Name, "unknown link type "); ok {
			errs = append(errs, fmt.Errorf("%s can't be decoded: unknown link type %s (see tcpdump.org/linktypes.html)", counted(int64(c.N), "frame"), link))
		}
	}
	return errors.Join(errs...)
}
