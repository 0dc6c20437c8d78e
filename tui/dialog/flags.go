package dialog

import (
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"weir/flow"
	"weir/search"
	"weir/tui/input"
	"weir/tui/ui"
)

// Flags decodes TCP flags while they are typed, in any notation that [flow.ParseFlags]
// reads, explains the combination, and makes a filter term of it.
type Flags struct {
	keys   ui.DialogKeys
	record *flow.Record // the selected flow; nil: none, or one without flags
	notice string       // why the input is not prefilled; empty if it is
	input  input.Line
	match  flagMatch
}

// flagMatch is how flags of flows are compared with the typed ones.
type flagMatch uint8

const (
	matchExactly flagMatch = iota // these and no others
	matchAll                      // at least these
	matchAny                      // any of these
	numFlagMatches
)

var flagMatchWords = [numFlagMatches]string{"exactly these", "all of these", "any of these"}

// TermChosenMsg asks to add this term to the filter.
type TermChosenMsg struct{ Term search.Expr }

// NewFlags shows the flags of r; r may be nil.
func NewFlags(r *flow.Record) *Flags {
	d := &Flags{keys: ui.NewDialogKeys(), input: input.NewLine("")}
	d.keys.Accept.SetHelp("Enter", "find flows")
	d.keys.Next.SetHelp("Tab", "exactly/all/any")
	d.keys.Cancel.SetHelp("Esc", "close")
	switch {
	case r == nil:
	case !r.HasFlags():
		d.notice = "The selected flow is " + r.Proto.String() + ": it has no TCP flags."
	default:
		d.record = r
		d.input.Set(r.Flags().String())
	}
	return d
}

// result returns the filter term for the flags; false while the input is invalid, or an
// empty set that the comparison can't test.
func (d *Flags) result() (search.Expr, bool) {
	f, err := flow.ParseFlags(d.input.Value())
	if err != nil || f == 0 && d.match != matchExactly {
		return nil, false
	}
	test := search.FlagTest{Field: search.FieldFlags}
	switch d.match {
	case matchAll:
		test.All = f
	case matchAny:
		test.Any = f
	default:
		test.All, test.Exact = f, true
	}
	return test, true
}

// Update implements [ui.Window].
func (d *Flags) Update(msg tea.Msg) tea.Msg {
	switch k := &d.keys; {
	case ui.Means(msg, k.Cancel):
		return ui.ClosedMsg{}
	case ui.Means(msg, k.Accept):
		if term, ok := d.result(); ok {
			return TermChosenMsg{term}
		}
	case ui.Means(msg, k.Next, k.Down):
		d.match = (d.match + 1) % numFlagMatches
	case ui.Means(msg, k.Prev, k.Up):
		d.match = (d.match + numFlagMatches - 1) % numFlagMatches
	case ui.Means(msg, k.Clear, k.ClearAll):
		d.input.Set("")
	default:
		d.input.Update(msg)
	}
	return nil
}

// The size of the window in terminal columns and lines.
const (
	flagsWidth   = 78
	flagsHeight  = 22
	meaningLines = 4 // reserved for the meaning, so that the window keeps its size during typing
)

// View implements [ui.Window].
func (d *Flags) View(th *ui.Theme, w, h int) string {
	width := min(w, flagsWidth)
	inner, room := ui.Inner(width), min(h, flagsHeight)-2
	f, err := flow.ParseFlags(d.input.Value())

	head := []string{
		th.Paint(ui.Dim, "Flags ") + d.input.View(th, min(inner-6, 34), true, inputLook(d.input.Value() != "" && err != nil)) +
			th.Paint(ui.Dim, "  hex, binary, names, letters"),
		d.notations(th, f, err),
		"",
	}
	tail := append([]string{""}, d.meaning(th, f, err, inner)...)
	for len(tail) < 1+meaningLines {
		tail = append(tail, "")
	}
	tail = append(tail, "", d.choice(th, err == nil && f == 0), ui.KeyLine(th, inner, d.keys.Accept, d.keys.Next, d.keys.Clear, d.keys.Cancel))

	table := d.table(th, f, err == nil, inner, false)
	if written(head)+len(table)+written(tail) > room && err == nil && f != 0 {
		table = d.table(th, f, true, inner, true)
	}
	return ui.Box(th, "TCP flags", ui.Squeeze(slices.Concat(head, table, tail), 2, room), width, h)
}

// written returns the number of lines that are not blank.
func written(lines []string) (n int) {
	for _, line := range lines {
		if line != "" {
			n++
		}
	}
	return n
}

// notations returns the flags in every notation.
func (d *Flags) notations(th *ui.Theme, f flow.Flags, err error) string {
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%s   %s   %s %s   %s", th.Paint(ui.Accent, f.Hex()), th.Paint(ui.Accent, f.Binary()),
		th.Paint(ui.Dim, "decimal"), th.Paint(ui.Accent, fmt.Sprint(uint8(f))), th.Paint(ui.Accent, f.Letters())+
			"   "+th.Paint(ui.Accent, f.String()))
}

// table returns the reference's table of the bits. For a selected flow two columns say
// which side set them. A short table has only the bits that are set.
func (d *Flags) table(th *ui.Theme, f flow.Flags, valid bool, inner int, short bool) []string {
	lines := []string{th.Paint(ui.Header, d.tableRow(inner, "", "HEX", "BINARY", "NAME", "DESCRIPTION", "SRC", "DST"))}
	for _, info := range flow.FlagTable {
		mark, look := "[ ]", ui.Dim
		if valid && f.Has(info.Flag) {
			mark, look = "[x]", ui.Accent
		} else if short {
			continue
		}
		var src, dst string
		if d.record != nil {
			src, dst = sideMark(d.record.SrcSide.Flags, info), sideMark(d.record.DstSide.Flags, info)
		}
		row := d.tableRow(inner, mark, info.Flag.Hex(), strings.TrimPrefix(info.Flag.Binary(), "0b"), info.Name, info.Description, src, dst)
		lines = append(lines, th.Paint(look, row))
	}
	return lines
}

func (d *Flags) tableRow(inner int, mark, hex, binary, name, description, src, dst string) string {
	left := ui.Fill(mark, 4) + ui.Fill(hex, 6) + ui.Fill(binary, 10) + ui.Fill(name, 5)
	if d.record == nil {
		return ui.Fill(left+description, inner)
	}
	const sides = 2 + 3 + 2 + 3
	return left + ui.Fill(description, inner-sides-len(left)) + "  " + ui.Fill(src, 3) + "  " + ui.Fill(dst, 3)
}

func sideMark(f flow.Flags, info flow.FlagInfo) string {
	if f.Has(info.Flag) {
		return info.Name
	}
	return " - "
}

// meaning explains the combination and, if the flags are those of the selected flow,
// what happened in it. For invalid input it returns the error.
func (d *Flags) meaning(th *ui.Theme, f flow.Flags, err error, inner int) []string {
	switch {
	case d.input.Value() == "":
		hint := "Type flags as 0x12, 0b00010010, 18, SYN ACK or S. to see what they mean."
		if d.notice != "" {
			return []string{th.Paint(ui.Warn, d.notice), hint}
		}
		return []string{hint}
	case err != nil:
		return ui.PaintLines(th, ui.Bad, ui.Wrap(ui.Safe(ui.Sentence(err.Error())), inner, 4))
	}
	lines := ui.Wrap(ui.Sentence(f.Meaning()), inner, 2)
	if d.record != nil && d.record.Flags() == f {
		lines = append(lines, ui.PaintLines(th, ui.Accent, ui.Wrap("This flow: "+d.record.Explain()+".", inner, 3))...)
	}
	return append(lines, th.Paint(ui.Dim, flow.UnionNote))
}

// choice returns what Enter does.
func (d *Flags) choice(th *ui.Theme, empty bool) string {
	line := th.Paint(ui.Dim, "Find flows with ") + th.Paint(ui.Selected, "< "+flagMatchWords[d.match]+" >") + "  "
	if x, ok := d.result(); ok {
		return line + th.Paint(ui.Accent, x.String())
	}
	if empty {
		return line + th.Paint(ui.Warn, `with no flag, only "exactly" can match`)
	}
	return line
}

func inputLook(bad bool) ui.Role {
	if bad {
		return ui.Bad
	}
	return ui.Input
}

// Help implements [ui.Window].
func (d *Flags) Help() ui.KeyGroup {
	k := &d.keys
	return ui.KeyGroup{Title: "TCP flags", Keys: []key.Binding{
		ui.Said(k.Accept, "find flows with these flags"), ui.Said(k.Next, "exactly these, all or any of them"), ui.Said(k.Clear, "clear"), ui.Said(k.Cancel, "close"),
	}}
}
