package input

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"weir/tui/ui"
)

// Field is a field of a form. Its text is a value in the syntax of the filter line;
// empty means no condition.
type Field interface {
	// Update handles a key press or a paste.
	Update(msg tea.Msg, k *ui.DialogKeys)

	Text() string

	// SetText is the inverse of Text. Of a text that the field can't represent it
	// shows as much as possible.
	SetText(s string)

	// View draws the field in exactly w terminal columns.
	View(th *ui.Theme, w int, focused bool, look ui.Role) string
}

// TextField is a line of free text.
type TextField struct {
	Line
	placeholder string // shown while it is empty
}

// NewTextField returns an empty field. The placeholder is shown while it is empty.
func NewTextField(placeholder string) *TextField {
	return &TextField{NewFilterLine(""), placeholder}
}

// Update implements [Field].
func (t *TextField) Update(msg tea.Msg, _ *ui.DialogKeys) { t.Line.Update(msg) }

// Text implements [Field].
func (t *TextField) Text() string { return strings.TrimSpace(t.Value()) }

// SetText implements [Field].
func (t *TextField) SetText(s string) { t.Set(s) }

// View implements [Field].
func (t *TextField) View(th *ui.Theme, w int, focused bool, look ui.Role) string {
	if t.Value() == "" && !focused && w > 2 {
		return th.Paint(ui.Dim, "["+ui.Fill(t.placeholder, w-2)+"]")
	}
	return t.Line.View(th, w, focused, look)
}

// OpField is an operator followed by a line of text. Space selects the next operator,
// and typing one before the text sets it.
type OpField struct {
	Ops  []string // the first one is the default
	op   int
	Line Line
}

// NewOpField returns an empty field.
func NewOpField(ops ...string) *OpField { return &OpField{Ops: ops, Line: NewFilterLine("")} }

// Refused is like [Line.Refused].
func (o *OpField) Refused() error { return o.Line.Refused() }

// Text implements [Field].
func (o *OpField) Text() string {
	value := strings.TrimSpace(o.Line.Value())
	switch {
	case value == "":
		return ""
	case o.Ops[o.op] == "=":
		return value
	}
	return o.Ops[o.op] + value
}

// SetText implements [Field].
func (o *OpField) SetText(s string) {
	o.op = 0
	if s != "" {
		o.op = max(0, slices.Index(o.Ops, "="))
	}
	o.Line.Set(s)
	o.takeOperator()
}

// Update implements [Field].
func (o *OpField) Update(msg tea.Msg, k *ui.DialogKeys) {
	if ui.Means(msg, k.Toggle) {
		o.op = (o.op + 1) % len(o.Ops)
		return
	}
	o.Line.Update(msg)
	o.takeOperator()
}

// takeOperator sets the operator from one typed before the text. An "=" completes a
// "<" or ">" that is already set, and does not change "!=".
func (o *OpField) takeOperator() {
	value := strings.TrimLeft(o.Line.Value(), " ")
	op, rest := cutOperator(value)
	if op == "" {
		return
	}
	if present := o.Ops[o.op]; op == "=" && present != "=" {
		switch {
		case slices.Contains(o.Ops, present+"="):
			op = present + "="
		case present == "!=" || !slices.Contains(o.Ops, "="):
			op = present
		}
	}
	i := slices.Index(o.Ops, op)
	if i < 0 { // "!" for "!=", and ">" where there is only ">="
		i = slices.IndexFunc(o.Ops, func(have string) bool { return strings.Trim(have, "=") == strings.Trim(op, "=") })
	}
	if i >= 0 {
		o.op = i
		o.Line.Set(rest)
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

// View implements [Field].
func (o *OpField) View(th *ui.Theme, w int, focused bool, look ui.Role) string {
	sign := ui.Dim
	if focused || o.Text() != "" {
		sign = ui.Accent
	}
	return th.Paint(sign, ui.Fill(" "+o.Ops[o.op], 4)) + o.Line.View(th, w-4, focused, look)
}

// ChoiceField is a choice of a few values. Left and Right cycle through them, a letter
// selects the next value that begins with it.
type ChoiceField struct {
	Codes []string // the texts; an empty text is the first one
	Words []string // as shown
	At    int
	Nots  bool // a choice can be excluded, with "!" in front
	not   bool
}

// Text implements [Field].
func (c *ChoiceField) Text() string {
	if c.not && c.Codes[c.At] != "" {
		return "!" + c.Codes[c.At]
	}
	return c.Codes[c.At]
}

// SetText implements [Field].
func (c *ChoiceField) SetText(s string) {
	code, not := strings.CutPrefix(s, "!")
	c.not = c.Nots && not
	c.At = max(0, slices.Index(c.Codes, code))
}

// Update implements [Field].
func (c *ChoiceField) Update(msg tea.Msg, k *ui.DialogKeys) {
	switch n := len(c.Codes); {
	case c.Nots && ui.Means(msg, k.Toggle):
		c.not = !c.not
	case ui.Means(msg, k.Right, k.Toggle):
		c.At = (c.At + 1) % n
	case ui.Means(msg, k.Left):
		c.At = (c.At + n - 1) % n
	case ui.Means(msg, k.First, k.Erase):
		c.At = 0
	case ui.Means(msg, k.Last):
		c.At = n - 1
	default:
		if press, ok := msg.(tea.KeyPressMsg); ok && press.Text != "" {
			c.jump(press.Text)
		}
	}
}

// jump selects the next value whose word begins with the typed text.
func (c *ChoiceField) jump(typed string) {
	for i := 1; i <= len(c.Words); i++ {
		next := (c.At + i) % len(c.Words)
		if word := c.Words[next]; len(word) >= len(typed) && strings.EqualFold(word[:len(typed)], typed) {
			c.At = next
			return
		}
	}
}

// View shows all choices if there is room for them, else the current one.
func (c *ChoiceField) View(th *ui.Theme, w int, focused bool, _ ui.Role) string {
	look := ui.Accent
	if focused {
		look = ui.Selected
	}
	if ansi.StringWidth(strings.Join(c.Words, "  "))+2 > w {
		word := c.Words[c.At]
		if c.not && c.Codes[c.At] != "" {
			word = "not " + word
		}
		chosen := ui.Fill("< "+word+" >", min(w, ansi.StringWidth(word)+4))
		return th.Paint(look, chosen) + ui.Fill("", w-ansi.StringWidth(chosen))
	}
	var b strings.Builder
	for i, word := range c.Words {
		if i == c.At {
			b.WriteString(th.Paint(look, "<"+word+">"))
		} else {
			b.WriteString(th.Paint(ui.Dim, " "+word+" "))
		}
	}
	return ui.Fill(b.String(), w)
}
