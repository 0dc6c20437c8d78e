package dialog

import (
	"testing"
	"time"

	"weir/tui/export"
	"weir/tui/tuitest"
)

func TestTheNameFollowsTheFormatUntilItIsTyped(t *testing.T) {
	d := NewExport("/tmp", time.Date(2026, 11, 23, 14, 12, 7, 0, time.UTC), []string{"edge-1"}, 10, "10")
	tuitest.Press(d, "right")
	if got := d.fields[exportPathField].Text(); got != "weir-20261123-141207-edge-1.ndjson" {
		t.Errorf("got %s", got)
	}
	d.focus = exportPathField
	tuitest.Type(d, "x")
	d.focus = exportFormatField
	tuitest.Press(d, "right")
	if got := d.fields[exportPathField].Text(); got != "weir-20261123-141207-edge-1.ndjsonx" {
		t.Errorf("got %s", got)
	}
}

func TestTheExportDialogLooksRight(t *testing.T) {
	d := NewExport("/home/ada/exports", time.Date(2026, 11, 23, 14, 12, 7, 0, time.UTC), []string{"edge-1"}, 1000, "184,223")
	tuitest.Goldens(t, d, "export")
	writing := &export.Progress{Total: 184_223}
	writing.Rows.Store(120_000)
	d.Update(export.BegunMsg{Progress: writing})
	tuitest.Goldens(t, d, "export-writing")
}
