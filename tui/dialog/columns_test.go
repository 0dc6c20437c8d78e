package dialog

import (
	"testing"

	"weir/tui/column"
	"weir/tui/tuitest"
)

func TestTheColumnsDialogLooksRight(t *testing.T) {
	d := NewColumns([]column.Chosen{{Column: column.Start}, {Column: column.DstIP, Width: 20}, {Column: column.DstPort}}, usualColumns)
	tuitest.Press(d, "j")
	tuitest.Goldens(t, d, "columns")
}
