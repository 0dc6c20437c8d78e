package form

import (
	"slices"
	"strings"

	"weir/node"
	"weir/search"
	"weir/tui/input"
	"weir/tui/ui"
)

// In the form Tab completes an incomplete word, as in the filter line, and else moves to
// the next field: after a complete word, in an empty field, and without completions.

// completes reports whether Tab completes a word.
func (f *Form) completes() bool { return f.offered.GoesRound() || len(f.choices()) > 0 }

func (f *Form) complete() { f.offered.Complete(f.line(), f.choices()) }

// line returns the input line of the field under the cursor; nil if it has none.
func (f *Form) line() *input.Line {
	switch field := f.cells[f.focus].field.(type) {
	case *input.TextField:
		return &field.Line
	case *input.OpField:
		return &field.Line
	}
	return nil
}

// choices returns the completions of the word before the cursor.
func (f *Form) choices() []search.Completion {
	line := f.line()
	if f.offered.GoesRound() || line == nil {
		return f.offered.Choices
	}
	text, cursor := line.Value(), line.Cursor()
	var all []search.Completion
	switch field := f.vocabulary(); {
	case field == search.FieldNone:
	case field.Info().Kind == search.KindName:
		all = nameChoices(text, cursor, f.env.Words)
	case f.problem(f.focus) != nil: // a valid value needs no completion
		all = valueChoices(field, text, cursor)
	}
	if len(all) > 0 && all[0].From == all[0].To {
		return nil // nothing is typed yet
	}
	return all
}

// vocabulary returns the filter field whose values the field under the cursor takes.
func (f *Form) vocabulary() search.Field {
	switch f.focus {
	case cellNodes:
		return search.FieldNode
	case cellFrom, cellTo:
		return search.FieldStart
	}
	return f.cells[f.focus].term
}

// valueChoices returns the completions of the filter line after "field:".
func valueChoices(field search.Field, text string, cursor int) []search.Completion {
	before := field.String() + ":"
	choices := search.Complete(before+text, len(before)+cursor, search.Env{})
	for i := range choices {
		choices[i].From -= len(before)
		choices[i].To -= len(before)
	}
	return choices
}

// nameChoices returns the nodes and groups that begin with the name before the cursor;
// none if it is a complete one. Unlike in the filter line, names may contain blanks
// without quotes.
func nameChoices(text string, cursor int, env search.Env) []search.Completion {
	from := strings.LastIndexByte(text[:cursor], ',') + 1
	from = cursor - len(strings.TrimLeft(text[from:cursor], " !"))
	typed := strings.TrimPrefix(text[from:cursor], `"`)
	var all []search.Completion
	for i, names := range [][]string{env.Nodes, env.Groups} {
		for _, name := range names {
			switch {
			case strings.EqualFold(name, typed):
				return nil
			case len(name) > len(typed) && strings.EqualFold(name[:len(typed)], typed):
				help := [...]string{"node", "group of nodes"}[i]
				all = append(all, search.Completion{From: from, To: cursor, Text: joinNames([]string{name}), Help: help})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b search.Completion) int { return node.CompareNames(a.Text, b.Text) })
	return all
}

// offerLines returns the completions, starting with the inserted one, and its description.
func (f *Form) offerLines(th *ui.Theme, inner int, choices []search.Completion) []string {
	o := &f.offered
	var words []string
	width := 0
	for i := range choices {
		word := ui.Safe(choices[(i+max(o.At, 0))%len(choices)].Text)
		if width += ui.Width(word) + 2; width > inner-2 && i > 0 {
			words = append(words, th.Paint(ui.Dim, ui.CutMark))
			break
		}
		look := ui.Text
		if i == 0 && o.GoesRound() && o.At >= 0 {
			look = ui.Accent
		}
		words = append(words, th.Paint(look, word))
	}
	help := choices[max(o.At, 0)].Help
	if help != "" {
		help = ui.Safe(choices[max(o.At, 0)].Text) + ": " + ui.Safe(help)
	}
	return []string{ui.Fill(strings.Join(words, "  "), inner), th.Paint(ui.Dim, ui.Fill(help, inner))}
}
