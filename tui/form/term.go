package form

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"weir/search"
	"weir/tui/input"
)

// errLimit is the error for an invalid limit.
var errLimit = errors.New("invalid limit: expected 1 to 10,000, or empty for 1,000")

// parseTerm parses the text of a field as a term of the filter; nil for an empty text. A
// leading "!" negates the term.
func parseTerm(field search.Field, text string, env input.Env) (search.Expr, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil, nil
	}
	kind := field.Info().Kind
	if kind == search.KindFlags {
		return parseValue(field, text, env)
	}
	body, negated := strings.CutPrefix(text, "!")
	if negated {
		body = strings.TrimPrefix(body, "=")
	}
	var term search.Expr
	var err error
	switch kind {
	case search.KindName:
		var names []string
		if names, err = parseNames(body); err == nil && names == nil {
			err = errors.New(`expected a name after "!"`)
		}
		term = search.Names{Field: field, Patterns: names}
	case search.KindTime:
		term, err = parseEnd(field, body, env)
	default:
		term, err = parseValue(field, strings.ReplaceAll(body, " ", ""), env)
	}
	if err != nil {
		return nil, err
	}
	if negated {
		return search.Not{X: term}, nil
	}
	return term, nil
}

// parseValue parses a value with the grammar of the filter line, and checks that it is
// only a value of the field.
func parseValue(field search.Field, value string, env input.Env) (search.Expr, error) {
	if i := strings.IndexAny(value, "<>"); i == 0 && strings.Contains(value, ",") {
		return nil, errors.New("< and > take one number; a list needs = or !=")
	}
	x, err := search.ParseAt(field.String()+":"+value, env.Now, env.Loc)
	if err != nil {
		return nil, valueError(err)
	}
	ok := false
	switch x := x.(type) {
	case search.Addrs:
		ok = x.Field == field
	case search.Numbers:
		ok = x.Field == field
	case search.FlagTest:
		ok = x.Field == field
	}
	if !ok {
		return nil, fmt.Errorf("expected a value such as %s", exampleValue(field))
	}
	return x, nil
}

// valueError returns err without its column, which includes the name of the field.
func valueError(err error) error {
	var at *search.Error
	if !errors.As(err, &at) {
		return err
	}
	if at.Hint == "" {
		return errors.New(at.Msg)
	}
	return errors.New(at.Msg + ": " + at.Hint)
}

func exampleValue(field search.Field) string {
	_, value, _ := strings.Cut(field.Info().Example, ":")
	return value
}

// termText returns the text that parseTerm parses as x; false: there is none.
func termText(field search.Field, x search.Expr, env input.Env) (string, bool) {
	prefix := ""
	if not, ok := x.(search.Not); ok {
		prefix, x = "!", not.X
	}
	switch x := x.(type) {
	case search.Names:
		return prefix + joinNames(x.Patterns), x.Field == field
	case search.Numbers:
		if x.Field == search.FieldEnd {
			text, ok := endText(x, env)
			return prefix + text, ok && field == x.Field
		}
		return prefix + valueText(x), x.Field == field
	case search.Addrs:
		return prefix + valueText(x), x.Field == field
	case search.FlagTest:
		return prefix + valueText(x), x.Field == field
	}
	return "", false
}

func valueText(x search.Expr) string {
	_, value, _ := strings.Cut(x.String(), ":")
	return value
}

// sameTerm reports whether two terms are the same condition.
func sameTerm(a, b search.Expr) bool { return reflect.DeepEqual(a, b) }

// parseEnd parses an end time with its operator, in the user's time zone.
func parseEnd(field search.Field, text string, env input.Env) (search.Expr, error) {
	op := ">="
	if strings.HasPrefix(text, "<") {
		op = "<"
	}
	parse := search.ParseFrom
	if op == "<" {
		parse = search.ParseTime
	}
	t, err := parse(strings.TrimSpace(strings.TrimLeft(text, "<>=")), env.Now, env.Loc)
	if err != nil {
		return nil, valueError(err)
	}
	return parseValue(field, op+t.UTC().Format(time.RFC3339Nano), env)
}

// endText is the inverse of parseEnd.
func endText(x search.Numbers, env input.Env) (string, bool) {
	if len(x.Ranges) != 1 {
		return "", false
	}
	switch i := x.Ranges[0]; {
	case i.Hi == search.MaxNumber:
		return ">=" + timeText(time.Unix(0, i.Lo), env), true
	case i.Lo == 0:
		return "<" + timeText(time.Unix(0, i.Hi+1), env), true
	}
	return "", false
}

// timeText returns a time to the nanosecond as [search.ParseTime] parses it, in the
// user's time zone. It includes the offset from UTC only where clocks are set back and
// the time alone would be ambiguous.
func timeText(t time.Time, env input.Env) string {
	const layout = "2006-01-02 15:04:05.999999999"
	text := t.In(env.Loc).Format(layout)
	if back, err := search.ParseTime(text, env.Now, env.Loc); err != nil || !back.Equal(t) {
		text = t.In(env.Loc).Format(layout + " Z07:00")
	}
	return text
}

// joinNames returns names as a list, quoted where necessary.
func joinNames(names []string) string {
	texts := make([]string, len(names))
	for i, name := range names {
		texts[i] = name
		if name == "" || name != strings.TrimSpace(name) || strings.ContainsAny(name, `,"\`) || strings.HasPrefix(name, "!") {
			texts[i] = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) + `"`
		}
	}
	return strings.Join(texts, ",")
}

// parseNames is the inverse of joinNames; nil for an empty text.
func parseNames(s string) ([]string, error) {
	var names []string
	for rest := strings.TrimSpace(s); rest != ""; {
		var name string
		var err error
		if name, rest, err = nextName(rest); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, nil
}

// nextName splits the first name and the comma after it off a list.
func nextName(s string) (name, rest string, err error) {
	if s[0] != '"' {
		name, rest, more := strings.Cut(s, ",")
		name, rest = strings.TrimSpace(name), strings.TrimSpace(rest)
		if name == "" || more && rest == "" {
			return "", "", errors.New(`missing name between commas: expected "" for the empty name`)
		}
		if strings.HasPrefix(name, "!") {
			return "", "", fmt.Errorf(`%s: expected "!" before the whole list, as in !edge-1,dc-2`, name)
		}
		return name, rest, nil
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case s[i] == '"':
			rest, more := strings.CutPrefix(strings.TrimSpace(s[i+1:]), ",")
			if rest = strings.TrimSpace(rest); more == (rest == "") {
				return "", "", errors.New("expected a comma between names")
			}
			return b.String(), rest, nil
		default:
			b.WriteByte(s[i])
		}
	}
	return "", "", errors.New(`missing closing quote: expected " after the last name`)
}
