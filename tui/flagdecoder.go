package tui

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"weir/flow"
	"weir/search"
)

// flagDialog decodes a set of TCP flags as it is typed, in any notation that
// [flow.ParseFlags] reads, says what the combination means, and finds flows by it.
type flagDialog struct {
	keys   dialogKeys
	record *flow.Record // the flow it was opened on; nil without one, or without flags
	notice string       // why the input was not prefilled; empty if it was
	input  lineInput
	match  flagMatch
}

// flagMatch is how the flags of a flow have to compare to the typed ones.
type flagMatch uint8

const (
	matchExactly flagMatch = iota // these and no others
	matchAll                      // these, and maybe others
	matchAny                      // at least one of these
	numFlagMatches
)

var flagMatchWords = [numFlagMatches]string{"exactly these", "all of these", "any of these"}

// newFlagDialog opens with the flags of r, or empty if r is nil.
func newFlagDialog(r *flow.Record, _ dialogEnv) *flagDialog {
	d := &flagDialog{keys: newDialogKeys(), input: newLineInput("")}
	d.keys.accept.SetHelp("Enter", "find such flows")
	d.keys.next.SetHelp("Tab", "exactly/all/any")
	d.keys.cancel.SetHelp("Esc", "close")
	switch {
	case r == nil:
	case !r.HasFlags():
		d.notice = "The selected flow is " + r.Proto.String() + ": it has no TCP flags."
	default:
		d.record = r
		d.input.set(r.Flags().String())
	}
	return d
}

// result is the term that finds flows with these flags. It is false while the
// input is no set of flags, or one that the match says nothing about.
func (d *flagDialog) result() (search.Expr, bool) {
	f, err := flow.ParseFlags(d.input.value())
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

func (d *flagDialog) update(msg tea.Msg) (tea.Cmd, outcome) {
	switch k := &d.keys; {
	case means(msg, k.cancel):
		return nil, canceled
	case means(msg, k.accept):
		if _, ok := d.result(); ok {
			return nil, accepted
		}
	case means(msg, k.next, k.down):
		d.match = (d.match + 1) % numFlagMatches
	case means(msg, k.prev, k.up):
		d.match = (d.match + numFlagMatches - 1) % numFlagMatches
	case means(msg, k.clear, k.clearAll):
		d.input.set("")
	default:
		d.input.update(msg)
	}
	return nil, stay
}

// What the decoder needs to show everything.
const (
	flagsWidth   = 78
	flagsHeight  = 22
	meaningLines = 4 // kept free for the meaning, so that the box keeps its size while the reader types
)

func (d *flagDialog) view(th *theme, w, h int) string {
	width := min(w, flagsWidth)
	inner, room := boxInner(width), min(h, flagsHeight)-2
	f, err := flow.ParseFlags(d.input.value())

	head := []string{
		th.paint(roleDim, "Flags ") + d.input.view(th, min(inner-6, 34), true, inputLook(d.input.value() != "" && err != nil)) +
			th.paint(roleDim, "  hex, binary, names, letters"),
		d.notations(th, f, err),
		"",
	}
	tail := append([]string{""}, d.meaning(th, f, err, inner)...)
	for len(tail) < 1+meaningLines {
		tail = append(tail, "")
	}
	tail = append(tail, "", d.choice(th, err == nil && f == 0), keyLine(th, inner, d.keys.accept, d.keys.next, d.keys.clear, d.keys.cancel))

	table := d.table(th, f, err == nil, inner, false)
	if written(head)+len(table)+written(tail) > room && err == nil && f != 0 {
		table = d.table(th, f, true, inner, true)
	}
	return drawBox(th, "TCP flags", boxSqueeze(slices.Concat(head, table, tail), 2, room), width, h)
}

// written counts the lines that are not blank.
func written(lines []string) (n int) {
	for _, line := range lines {
		if line != "" {
			n++
		}
	}
	return n
}

// notations is the set in every way it can be written.
func (d *flagDialog) notations(th *theme, f flow.Flags, err error) string {
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%s   %s   %s %s   %s", th.paint(roleAccent, f.Hex()), th.paint(roleAccent, f.Binary()),
		th.paint(roleDim, "decimal"), th.paint(roleAccent, fmt.Sprint(uint8(f))), th.paint(roleAccent, f.Letters())+
			"   "+th.paint(roleAccent, f.String()))
}

// table is the reference's table of the bits. On a selected flow two columns
// say which side set them. A short one leaves out the bits that are not set.
func (d *flagDialog) table(th *theme, f flow.Flags, valid bool, inner int, short bool) []string {
	lines := []string{th.paint(roleHeader, d.tableRow(inner, "", "HEX", "BINARY", "NAME", "DESCRIPTION", "SRC", "DST"))}
	for _, info := range flow.FlagTable {
		mark, look := "[ ]", roleDim
		if valid && f.Has(info.Flag) {
			mark, look = "[x]", roleAccent
		} else if short {
			continue
		}
		var src, dst string
		if d.record != nil {
			src, dst = sideMark(d.record.SrcSide.Flags, info), sideMark(d.record.DstSide.Flags, info)
		}
		row := d.tableRow(inner, mark, info.Flag.Hex(), strings.TrimPrefix(info.Flag.Binary(), "0b"), info.Name, info.Description, src, dst)
		lines = append(lines, th.paint(look, row))
	}
	return lines
}

func (d *flagDialog) tableRow(inner int, mark, hex, binary, name, description, src, dst string) string {
	left := boxFill(mark, 4) + boxFill(hex, 6) + boxFill(binary, 10) + boxFill(name, 5)
	if d.record == nil {
		return boxFill(left+description, inner)
	}
	const sides = 2 + 3 + 2 + 3
	return left + boxFill(description, inner-sides-len(left)) + "  " + boxFill(src, 3) + "  " + boxFill(dst, 3)
}

func sideMark(f flow.Flags, info flow.FlagInfo) string {
	if f.Has(info.Flag) {
		return info.Name
	}
	return " - "
}

// meaning is what the combination says about a flow, and what went on in the
// selected one if it is about that. Without a set of flags it is the reason.
func (d *flagDialog) meaning(th *theme, f flow.Flags, err error, inner int) []string {
	switch {
	case d.input.value() == "":
		hint := "Type flags as 0x12, 0b00010010, 18, SYN ACK or S. to see what they mean."
		if d.notice != "" {
			return []string{th.paint(roleWarn, d.notice), hint}
		}
		return []string{hint}
	case err != nil:
		return paintLines(th, roleBad, boxWrap(drawable(fullSentence(err.Error())), inner, 4))
	}
	lines := boxWrap(fullSentence(f.Meaning()), inner, 2)
	if d.record != nil && d.record.Flags() == f {
		lines = append(lines, paintLines(th, roleAccent, boxWrap("This flow: "+d.record.Explain()+".", inner, 3))...)
	}
	return append(lines, th.paint(roleDim, flow.UnionNote))
}

// choice is what Enter does.
func (d *flagDialog) choice(th *theme, empty bool) string {
	line := th.paint(roleDim, "Find flows with ") + th.paint(roleSelected, "< "+flagMatchWords[d.match]+" >") + "  "
	if x, ok := d.result(); ok {
		return line + th.paint(roleAccent, x.String())
	}
	if empty {
		return line + th.paint(roleWarn, `with no flag, only "exactly" can match`)
	}
	return line
}

func inputLook(bad bool) role {
	if bad {
		return roleBad
	}
	return roleInput
}
