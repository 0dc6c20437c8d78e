package dialog

import (
	"testing"

	"weir/tui/column"
	"weir/tui/windowtest"
)

func TestTheColumnsDialogLooksRight(t *testing.T) {
	d := NewColumns([]column.Chosen{{Column: column.Start}, {Column: column.DstIP, Width: 20}, {Column: column.DstPort}}, usualColumns)
	windowtest.Press(d, "j")
	windowtest.Goldens(t, d, "columns")
}
