package dialog

import (
	"testing"

	"weir/tui/tuitest"
)

func TestTheYankDialogLooksRight(t *testing.T) {
	tuitest.Goldens(t, NewYank(3, "source port"), "yank")
}
