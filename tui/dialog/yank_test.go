package dialog

import (
	"testing"

	"weir/tui/windowtest"
)

func TestTheYankDialogLooksRight(t *testing.T) {
	windowtest.Goldens(t, NewYank(3, "source port"), "yank")
}
