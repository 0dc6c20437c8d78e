package tui

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"weir/csvexport"
)

// exportDialog asks for the format, columns and path of an export, and shows
// how far it is. While one is written, Esc cancels it.
type exportDialog struct {
	keys   dialogKeys
	fields [numExportFields]formField
	labels [numExportFields]string
	focus  int
	dir    string
	named  string // the path that the dialog itself chose
	name   func(ext string) string
	begin  func(exportPlan) (*exportJob, tea.Cmd)
	job    *exportJob // not nil: it is being written
	failed error      // why the last try failed
}

const (
	exportFormatField = iota
	exportRowsField
	exportColumnsField
	exportPathField
	numExportFields
)

// newExportDialog proposes a name in dir. shown and matching are the flows of
// the view and those that match.
func newExportDialog(dir string, now time.Time, nodes []string, shown int, matching string) *exportDialog {
	d := &exportDialog{keys: newDialogKeys(), dir: dir, labels: [...]string{"Format", "Flows", "Columns", "File"}}
	d.keys.accept.SetHelp("Enter", "export")
	d.name = func(ext string) string { return csvexport.FileName(now, nodes, ext) }
	d.fields = [...]formField{
		&choiceField{codes: []string{"csv", "ndjson", "json"}, words: []string{"CSV", "JSON lines", "JSON"}},
		&choiceField{codes: []string{"view", "all"}, words: []string{"the view (" + countText(shown) + ")", "all that match (" + matching + ")"}},
		newTextField("the usual ones"),
		newTextField("file name"),
	}
	path := d.fields[exportPathField].(*textField)
	path.model.CharLimit = 4096 // PATH_MAX of Linux
	d.proposeName()
	return d
}

// proposeName gives the file the extension of the format, as long as nobody
// typed a name.
func (d *exportDialog) proposeName() {
	path := d.fields[exportPathField]
	if path.text() == d.named {
		d.named = d.name(d.format().extension())
		path.setText(d.named)
	}
}

func (d *exportDialog) format() exportFormat {
	return exportFormat(d.fields[exportFormatField].(*choiceField).at)
}

// plan is what the fields ask for.
func (d *exportDialog) plan() (exportPlan, error) {
	p := exportPlan{format: d.format(), path: d.fields[exportPathField].text(), all: d.fields[exportRowsField].text() == "all"}
	if p.path == "" {
		return p, errors.New("the file has no name: expected one such as " + d.named)
	}
	p.free = p.path == d.named
	if !filepath.IsAbs(p.path) {
		p.path = filepath.Join(d.dir, p.path)
	}
	for name := range strings.SplitSeq(d.fields[exportColumnsField].text(), ",") {
		if name = strings.TrimSpace(name); name != "" {
			p.columns = append(p.columns, name)
		}
	}
	if p.columns == nil {
		return p, nil
	}
	return p, csvexport.NewCSV(nil, nil).Select(p.columns)
}

func (d *exportDialog) update(msg tea.Msg) (tea.Cmd, outcome) {
	k := &d.keys
	if d.job != nil {
		if means(msg, k.cancel) {
			d.job.cancel()
			return nil, canceled
		}
		return nil, stay
	}
	switch {
	case means(msg, k.cancel):
		return nil, canceled
	case means(msg, k.accept):
		return d.start(), stay
	case means(msg, k.next, k.down):
		d.focus = (d.focus + 1) % numExportFields
	case means(msg, k.prev, k.up):
		d.focus = (d.focus + numExportFields - 1) % numExportFields
	case means(msg, k.clear):
		d.fields[d.focus].setText("")
	default:
		d.fields[d.focus].update(msg, k)
		d.proposeName()
	}
	if _, ok := msg.(tea.KeyPressMsg); ok {
		d.failed = nil
	}
	return nil, stay
}

// start begins to write, if the fields are valid.
func (d *exportDialog) start() tea.Cmd {
	plan, err := d.plan()
	if d.failed = err; err != nil {
		return nil
	}
	var cmd tea.Cmd
	d.job, cmd = d.begin(plan)
	return cmd
}

// The export dialog, in columns.
const (
	exportWidth = 78
	exportLabel = 9
)

func (d *exportDialog) view(th *theme, w, h int) string {
	width := min(w, exportWidth)
	inner := boxInner(width)
	var lines []string
	for i, f := range d.fields {
		focused := i == d.focus && d.job == nil
		sign, look := " ", roleText
		if focused {
			sign, look = th.paint(roleAccent, ">"), roleAccent
		}
		lines = append(lines, th.paint(look, boxFill(d.labels[i], exportLabel))+sign+f.view(th, inner-exportLabel-1, focused, roleInput))
	}
	lines = append(lines, "")
	if d.job != nil {
		lines = append(lines, th.paint(roleText, boxFill(d.job.progress(), inner)), boxFill("", inner))
		return drawBox(th, "Export", boxSqueeze(append(lines, keyLine(th, inner, bind("Esc", "cancel, and leave nothing behind", "esc"))), 2, h-2), width, h)
	}
	text, look := d.hint(), roleDim
	if d.failed != nil {
		text, look = fullSentence(exportProblem(d.failed)), roleBad
	}
	hints := boxWrap(text, inner, formHintLines)
	for len(hints) < formHintLines {
		hints = append(hints, boxFill("", inner))
	}
	lines = append(lines, paintLines(th, look, hints)...)
	lines = append(lines, keyLine(th, inner, d.keys.accept, d.keys.next, d.keys.clear, d.keys.cancel))
	return drawBox(th, "Export", boxSqueeze(lines, 1+formHintLines, h-2), width, h)
}

func (d *exportDialog) hint() string {
	switch d.focus {
	case exportFormatField:
		return "Left and Right choose: CSV for spreadsheets, JSON lines for scripts, JSON for everything that wants one value."
	case exportRowsField:
		return "The view, in its order, or all flows that match, also those beyond what one search shows."
	case exportColumnsField:
		return "Names with commas, in this order: " + strings.Join(csvexport.ColumnNames(), ",")
	}
	return "In " + drawable(d.dir) + " unless it begins with a slash. Files that are there already are left alone."
}

// exportProblem is why an export failed, without the path, which is on the screen
// and may be longer than the dialog is wide.
func exportProblem(err error) string {
	switch {
	case errors.Is(err, fs.ErrExist):
		return "a file of this name is there already, and an export never replaces a file: choose another name"
	case errors.Is(err, fs.ErrNotExist):
		return "the directory of this file is not there: choose another one, or make it"
	case errors.Is(err, fs.ErrPermission):
		return "no permission to write there: choose another directory"
	}
	return oneLine(err)
}

// progress is how far the export is, in words.
func (j *exportJob) progress() string {
	done := j.rows.Load()
	text := "writing: " + countText(done)
	if j.total > 0 {
		text += " of " + countText(max(j.total, done)) + " flows, " + strconv.FormatInt(100*done/max(j.total, done, 1), 10) + " %"
	} else {
		text += " flows"
	}
	return text
}
