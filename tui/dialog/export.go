package dialog

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"weir/csvexport"
	"weir/tui/export"
	"weir/tui/input"
	"weir/tui/ui"
)

// Export asks for format, columns and path of an export, and shows its progress. While
// it runs, Esc cancels it.
type Export struct {
	keys   ui.DialogKeys
	fields [numExportFields]input.Field
	labels [numExportFields]string
	focus  int
	dir    string
	named  string // the proposed path
	name   func(ext string) string
	job    *export.Progress // not nil: the export is running
	failed error            // of the last attempt
}

const (
	exportFormatField = iota
	exportRowsField
	exportColumnsField
	exportPathField
	numExportFields
)

// NewExport proposes a name in dir. shown is the number of flows in the view, matching
// that of all matching flows as text.
func NewExport(dir string, now time.Time, nodes []string, shown int, matching string) *Export {
	d := &Export{keys: ui.NewDialogKeys(), dir: dir, labels: [...]string{"Format", "Flows", "Columns", "File"}}
	d.keys.Accept.SetHelp("Enter", "export")
	d.name = func(ext string) string { return csvexport.FileName(now, nodes, ext) }
	d.fields = [...]input.Field{
		&input.ChoiceField{Codes: []string{"csv", "ndjson", "json"}, Words: []string{"CSV", "JSON lines", "JSON"}},
		&input.ChoiceField{Codes: []string{"view", "all"}, Words: []string{"the view (" + ui.Count(shown) + ")", "all matches (" + matching + ")"}},
		input.NewTextField("default"),
		input.NewTextField("file name"),
	}
	for _, i := range []int{exportColumnsField, exportPathField} {
		d.fields[i].(*input.TextField).Model.CharLimit = 4096 // PATH_MAX of Linux, and more than all columns
	}
	d.proposeName()
	return d
}

// proposeName proposes a name with the extension of the format, until one is typed.
func (d *Export) proposeName() {
	path, name := d.fields[exportPathField], d.name(d.format().String())
	if path.Text() == d.named && name != d.named { // setting the same text would move the cursor
		d.named = name
		path.SetText(name)
	}
}

// exportFormats are the choices of the format field.
var exportFormats = [...]csvexport.Format{csvexport.FormatCSV, csvexport.FormatNDJSON, csvexport.FormatJSON}

func (d *Export) format() csvexport.Format {
	return exportFormats[d.fields[exportFormatField].(*input.ChoiceField).At]
}

// plan returns the export that the fields describe.
func (d *Export) plan() (export.Plan, error) {
	p := export.Plan{Format: d.format(), Path: d.fields[exportPathField].Text(), All: d.fields[exportRowsField].Text() == "all"}
	if p.Path == "" {
		return p, errors.New("missing file name: expected one such as " + d.named)
	}
	p.Free = p.Path == d.named
	if !filepath.IsAbs(p.Path) {
		p.Path = filepath.Join(d.dir, p.Path)
	}
	for name := range strings.SplitSeq(d.fields[exportColumnsField].Text(), ",") {
		if name = strings.TrimSpace(name); name != "" {
			p.Columns = append(p.Columns, name)
		}
	}
	if p.Columns == nil {
		return p, nil
	}
	_, err := csvexport.New(nil, csvexport.Options{Format: p.Format, Columns: p.Columns})
	return p, err
}

// OutOfDate reports whether the progress of an export is shown.
func (d *Export) OutOfDate(time.Time) bool { return d.job != nil }

// Update implements [ui.Window].
func (d *Export) Update(msg tea.Msg) tea.Msg {
	k := &d.keys
	switch msg := msg.(type) {
	case export.BegunMsg:
		d.job = msg.Progress
		return nil
	case export.FinishedMsg:
		return d.finish(msg.Err)
	}
	if d.job != nil {
		if ui.Means(msg, k.Cancel) {
			return ExportCanceledMsg{}
		}
		return nil
	}
	switch {
	case ui.Means(msg, k.Cancel):
		return ui.ClosedMsg{}
	case ui.Means(msg, k.Accept):
		return d.start()
	case ui.Means(msg, k.Next, k.Down):
		d.focus = (d.focus + 1) % numExportFields
	case ui.Means(msg, k.Prev, k.Up):
		d.focus = (d.focus + numExportFields - 1) % numExportFields
	case ui.Means(msg, k.Clear):
		d.fields[d.focus].SetText("")
	default:
		d.fields[d.focus].Update(msg, k)
		d.proposeName()
	}
	if _, ok := msg.(tea.KeyPressMsg); ok {
		d.failed = nil
	}
	return nil
}

// start answers with the plan if the fields are valid.
func (d *Export) start() tea.Msg {
	plan, err := d.plan()
	if d.failed = err; err != nil {
		return nil
	}
	return ExportChosenMsg{plan}
}

// finish closes the window after a successful export, and else shows the error, so that
// another path can be tried.
func (d *Export) finish(err error) tea.Msg {
	d.job = nil
	if err == nil {
		return ui.ClosedMsg{}
	}
	if !errors.Is(err, context.Canceled) {
		d.failed = err
	}
	return nil
}

// The size of the window in terminal columns and lines.
const (
	exportWidth     = 78
	exportLabel     = 9
	exportHintLines = 2
)

// View implements [ui.Window].
func (d *Export) View(th *ui.Theme, w, h int) string {
	width := min(w, exportWidth)
	inner := ui.Inner(width)
	var lines []string
	for i, f := range d.fields {
		focused := i == d.focus && d.job == nil
		sign, look := " ", ui.Text
		if focused {
			sign, look = th.Paint(ui.Accent, ">"), ui.Accent
		}
		lines = append(lines, th.Paint(look, ui.Fill(d.labels[i], exportLabel))+sign+f.View(th, inner-exportLabel-1, focused, ui.Input))
	}
	lines = append(lines, "")
	if d.job != nil {
		bar := ""
		if percent, ok := d.job.Percent(); ok {
			bar = ui.Progress(th, percent, inner)
		}
		lines = append(lines, th.Paint(ui.Text, ui.Fill(d.job.Text(), inner)), ui.Fill(bar, inner))
		return ui.Box(th, "Export", ui.Squeeze(append(lines, ui.KeyLine(th, inner, ui.Bind("Esc", "cancel and delete the file", "esc"))), 2, h-2), width, h)
	}
	text, look := d.hint(), ui.Dim
	if d.failed != nil {
		text, look = ui.Sentence(exportProblem(d.failed)), ui.Bad
	}
	hints := ui.Wrap(text, inner, exportHintLines)
	for len(hints) < exportHintLines {
		hints = append(hints, ui.Fill("", inner))
	}
	lines = append(lines, ui.PaintLines(th, look, hints)...)
	lines = append(lines, ui.KeyLine(th, inner, d.keys.Accept, d.keys.Next, d.keys.Clear, d.keys.Cancel))
	return ui.Box(th, "Export", ui.Squeeze(lines, 1+exportHintLines, h-2), width, h)
}

func (d *Export) hint() string {
	switch d.focus {
	case exportFormatField:
		return "Left/Right pick a format. CSV: spreadsheets. JSON lines: scripts. JSON: one array."
	case exportRowsField:
		return "The flows of the view in their order, or all matches without the limit."
	case exportColumnsField:
		return "Columns, separated by commas, in the order you want: " + strings.Join(csvexport.ColumnNames(), ",")
	}
	return "In " + ui.Safe(d.dir) + " unless the path is absolute. Existing files are never replaced."
}

// exportProblem returns why an export failed, without the path, which the window shows
// and which may be wider than the window.
func exportProblem(err error) string {
	switch {
	case errors.Is(err, fs.ErrExist):
		return "the file exists, and an export never replaces a file: choose another name"
	case errors.Is(err, fs.ErrNotExist):
		return "no such directory: choose another one, or create it"
	case errors.Is(err, fs.ErrPermission):
		return "no permission to write there: choose another directory"
	}
	return ui.OneLine(err)
}

// Help implements [ui.Window].
func (d *Export) Help() ui.KeyGroup {
	k := &d.keys
	if d.job != nil {
		return ui.KeyGroup{Title: "Export", Keys: []key.Binding{ui.Said(k.Cancel, "cancel and delete the file")}}
	}
	return ui.KeyGroup{Title: "Export", Keys: []key.Binding{
		ui.Said(k.Accept, "write the file"), ui.Said(k.Next, "next field"), ui.Said(k.Prev, "previous field"), ui.Said(k.Left, "previous choice"), ui.Said(k.Right, "next choice"),
		ui.Said(k.Clear, "clear the field"), ui.Said(k.Cancel, "cancel"),
	}}
}

// ExportChosenMsg asks for an export. The window stays open and shows its progress
// after [export.BegunMsg].
type ExportChosenMsg struct{ Plan export.Plan }

// StaysOpen implements [ui.StaysOpen].
func (ExportChosenMsg) StaysOpen() {}

// ExportCanceledMsg asks to cancel the running export.
type ExportCanceledMsg struct{}
