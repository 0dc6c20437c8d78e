package tui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"weir/flow"
	"weir/tui/ui"
)

// formField is one field of a form. Its text is a value in the notation of the
// filter line; empty means that it asks for nothing.
type formField interface {
	// update edits by one key press or paste.
	update(msg tea.Msg, k *ui.DialogKeys)

	text() string

	// setText undoes text. It shows as much as it can of a text that the field
	// can't hold.
	setText(s string)

	// view draws the field in exactly w columns.
	view(th *ui.Theme, w int, focused bool, look ui.Role) string
}

// textField is a line of free text.
type textField struct {
	lineInput
	placeholder string // shown while it is empty
}

func newTextField(placeholder string) *textField {
	return &textField{newLineInput(""), placeholder}
}

func (t *textField) update(msg tea.Msg, _ *ui.DialogKeys) { t.lineInput.update(msg) }

func (t *textField) text() string     { return strings.TrimSpace(t.value()) }
func (t *textField) setText(s string) { t.set(s) }

func (t *textField) view(th *ui.Theme, w int, focused bool, look ui.Role) string {
	if t.value() == "" && !focused && w > 2 {
		return th.Paint(ui.Dim, "["+ui.Fill(t.placeholder, w-2)+"]")
	}
	return t.lineInput.view(th, w, focused, look)
}

// opField is a line of text behind an operator. Space goes to the next
// operator, and typing one before the text sets it.
type opField struct {
	ops  []string // the first is set when the field is cleared
	op   int
	line lineInput
}

func (o *opField) text() string {
	value := strings.TrimSpace(o.line.value())
	switch {
	case value == "":
		return ""
	case o.ops[o.op] == "=":
		return value
	}
	return o.ops[o.op] + value
}

func (o *opField) setText(s string) {
	o.op = 0
	if s != "" {
		o.op = max(0, slices.Index(o.ops, "="))
	}
	o.line.set(s)
	o.takeOperator()
}

func (o *opField) update(msg tea.Msg, k *ui.DialogKeys) {
	if ui.Means(msg, k.Toggle) {
		o.op = (o.op + 1) % len(o.ops)
		return
	}
	o.line.update(msg)
	o.takeOperator()
}

// takeOperator moves an operator at the beginning of the text to its place. An
// "=" completes a "<" or ">" that is already there, and has nothing to add to "!=".
func (o *opField) takeOperator() {
	value := strings.TrimLeft(o.line.value(), " ")
	op, rest := cutOperator(value)
	if op == "" {
		return
	}
	if present := o.ops[o.op]; op == "=" && present != "=" {
		switch {
		case slices.Contains(o.ops, present+"="):
			op = present + "="
		case present == "!=" || !slices.Contains(o.ops, "="):
			op = present
		}
	}
	i := slices.Index(o.ops, op)
	if i < 0 { // "!" for "!=", and ">" where there is only ">="
		i = slices.IndexFunc(o.ops, func(have string) bool { return strings.Trim(have, "=") == strings.Trim(op, "=") })
	}
	if i >= 0 {
		o.op = i
		o.line.set(rest)
	}
}

// cutOperator splits an operator off the beginning of s.
func cutOperator(s string) (op, rest string) {
	for _, op := range [...]string{"!=", ">=", "<=", ">", "<", "=", "!"} {
		if rest, ok := strings.CutPrefix(s, op); ok {
			return op, rest
		}
	}
	return "", s
}

func (o *opField) view(th *ui.Theme, w int, focused bool, look ui.Role) string {
	sign := ui.Dim
	if focused || o.text() != "" {
		sign = ui.Accent
	}
	return th.Paint(sign, ui.Fill(" "+o.ops[o.op], 4)) + o.line.view(th, w-4, focused, look)
}

// choiceField is one of a few values. Left and Right go round, and a letter goes
// to the next value that begins with it.
type choiceField struct {
	codes []string // the texts; the first one stands for the empty text too
	words []string // what is shown for each
	at    int
	nots  bool // a choice can be excluded, with "!" in front
	not   bool
}

func (c *choiceField) text() string {
	if c.not && c.codes[c.at] != "" {
		return "!" + c.codes[c.at]
	}
	return c.codes[c.at]
}

func (c *choiceField) setText(s string) {
	code, not := strings.CutPrefix(s, "!")
	c.not = c.nots && not
	c.at = max(0, slices.Index(c.codes, code))
}

func (c *choiceField) update(msg tea.Msg, k *ui.DialogKeys) {
	switch n := len(c.codes); {
	case c.nots && ui.Means(msg, k.Toggle):
		c.not = !c.not
	case ui.Means(msg, k.Right, k.Toggle):
		c.at = (c.at + 1) % n
	case ui.Means(msg, k.Left):
		c.at = (c.at + n - 1) % n
	case ui.Means(msg, k.First, k.Erase):
		c.at = 0
	case ui.Means(msg, k.Last):
		c.at = n - 1
	default:
		if press, ok := msg.(tea.KeyPressMsg); ok && press.Text != "" {
			c.jump(press.Text)
		}
	}
}

// jump goes to the next value whose word begins with what was typed.
func (c *choiceField) jump(typed string) {
	for i := 1; i <= len(c.words); i++ {
		next := (c.at + i) % len(c.words)
		if word := c.words[next]; len(word) >= len(typed) && strings.EqualFold(word[:len(typed)], typed) {
			c.at = next
			return
		}
	}
}

// view shows all choices side by side if there is room for them, else the present one.
func (c *choiceField) view(th *ui.Theme, w int, focused bool, _ ui.Role) string {
	look := ui.Accent
	if focused {
		look = ui.Selected
	}
	if ansi.StringWidth(strings.Join(c.words, "  "))+2 > w {
		word := c.words[c.at]
		if c.not && c.codes[c.at] != "" {
			word = "not " + word
		}
		chosen := ui.Fill("< "+word+" >", min(w, ansi.StringWidth(word)+4))
		return th.Paint(look, chosen) + ui.Fill("", w-ansi.StringWidth(chosen))
	}
	var b strings.Builder
	for i, word := range c.words {
		if i == c.at {
			b.WriteString(th.Paint(look, "<"+word+">"))
		} else {
			b.WriteString(th.Paint(ui.Dim, " "+word+" "))
		}
	}
	return ui.Fill(b.String(), w)
}

// flagField asks of each TCP flag that it is there, that it is not, or nothing.
// Left and Right choose the flag, Space goes round the three.
type flagField struct {
	need, deny flow.Flags
	at         int // index into flow.FlagTable
}

func (f *flagField) text() string {
	var words []string
	for _, info := range flow.FlagTable {
		switch {
		case f.need.Has(info.Flag):
			words = append(words, strings.ToLower(info.Name))
		case f.deny.Has(info.Flag):
			words = append(words, "!"+strings.ToLower(info.Name))
		}
	}
	return strings.Join(words, ",")
}

func (f *flagField) setText(s string) {
	f.need, f.deny = 0, 0
	for word := range strings.SplitSeq(s, ",") {
		name, not := strings.CutPrefix(word, "!")
		for _, info := range flow.FlagTable {
			switch {
			case !strings.EqualFold(info.Name, name):
			case not:
				f.deny |= info.Flag
			default:
				f.need |= info.Flag
			}
		}
	}
}

func (f *flagField) update(msg tea.Msg, k *ui.DialogKeys) {
	flag := flow.FlagTable[f.at].Flag
	switch n := len(flow.FlagTable); {
	case ui.Means(msg, k.Right):
		f.at = (f.at + 1) % n
	case ui.Means(msg, k.Left):
		f.at = (f.at + n - 1) % n
	case ui.Means(msg, k.First):
		f.at = 0
	case ui.Means(msg, k.Last):
		f.at = n - 1
	case ui.Means(msg, k.Toggle):
		f.cycle(flag)
	case ui.Means(msg, k.Erase):
		f.need &^= flag
		f.deny &^= flag
	}
}

// cycle goes from "either" to "must have" to "must not have" and back.
func (f *flagField) cycle(flag flow.Flags) {
	switch {
	case f.need.Has(flag):
		f.need &^= flag
		f.deny |= flag
	case f.deny.Has(flag):
		f.deny &^= flag
	default:
		f.need |= flag
	}
}

func (f *flagField) view(th *ui.Theme, w int, focused bool, _ ui.Role) string {
	names := 3
	if w < len(flow.FlagTable)*7-1 {
		names = 1
	}
	var b strings.Builder
	for i, info := range flow.FlagTable {
		mark, look := "[ ]", ui.Dim
		switch {
		case f.need.Has(info.Flag):
			mark, look = "[x]", ui.Accent
		case f.deny.Has(info.Flag):
			mark, look = "[!]", ui.Warn
		}
		if focused && i == f.at {
			look = ui.Selected
		}
		b.WriteString(th.Paint(look, mark+info.Name[:names]) + " ")
	}
	return ui.Fill(strings.TrimSuffix(b.String(), " "), w)
}
