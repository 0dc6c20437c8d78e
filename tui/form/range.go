package form

import (
	"errors"
	"slices"
	"time"

	"weir/search"
	"weir/tui/input"
)

// The texts of the time range that are not durations.
const (
	allTime     = "all"
	customRange = "custom"
)

// presets are the relative time ranges to choose from.
var presets = [...]time.Duration{5 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 12 * time.Hour}

// newRangeField returns a choice of the presets, all time and a custom range; also last,
// if that is not a preset, so that a range set elsewhere can be shown.
func newRangeField(last time.Duration) *input.ChoiceField {
	spans := slices.Clone(presets[:])
	if last > 0 && !slices.Contains(spans, last) {
		spans = append(spans, last)
		slices.Sort(spans)
	}
	c := &input.ChoiceField{Codes: []string{allTime}, Words: []string{"all"}}
	for _, d := range spans {
		c.Codes = append(c.Codes, d.String())
		c.Words = append(c.Words, input.SpanText(d))
	}
	c.Codes = append(c.Codes, customRange)
	c.Words = append(c.Words, "custom")
	return c
}

// showRange sets the three fields of the time range.
func (f *Form) showRange(r search.Range) {
	field := newRangeField(r.Last)
	f.cells[cellRange].field = field
	switch {
	case r.Last > 0:
		field.SetText(r.Last.String())
	case r == search.Range{}:
		field.SetText(allTime)
	default:
		field.SetText(customRange)
		f.cells[cellFrom].field.SetText(boundText(r.From, f.env))
		f.cells[cellTo].field.SetText(boundText(r.To, f.env))
	}
}

func boundText(t time.Time, env input.Env) string {
	if t.IsZero() {
		return ""
	}
	return timeText(t, env)
}

// timeRange returns the range that the three fields describe: the old one, to the
// nanosecond and with its time zone, if they are unchanged.
func (f *Form) timeRange() (search.Range, error) {
	span := f.text(cellRange)
	custom := span == customRange
	if !f.changed(cellRange) && (!custom || !f.changed(cellFrom) && !f.changed(cellTo)) {
		return f.old.Range, nil
	}
	if custom {
		return f.customRange()
	}
	if span == allTime {
		return search.Range{}, nil
	}
	last, err := time.ParseDuration(span)
	return search.Range{Last: last}, err
}

func (f *Form) customRange() (r search.Range, err error) {
	if r.From, err = f.from(); err != nil {
		return search.Range{}, err
	}
	if r.To, err = f.to(r.From); err != nil {
		return search.Range{}, err
	}
	return r, nil
}

// from returns the start of a custom range; the zero time for an empty field.
func (f *Form) from() (time.Time, error) {
	text := f.text(cellFrom)
	switch {
	case text == "":
		return time.Time{}, nil
	case !f.changed(cellFrom):
		return f.old.Range.From, nil
	}
	t, err := search.ParseFrom(text, f.env.Now, f.env.Loc)
	return t, valueError(err)
}

// to returns the end of a custom range that starts at from.
func (f *Form) to(from time.Time) (time.Time, error) {
	text := f.text(cellTo)
	switch {
	case text == "":
		return time.Time{}, nil
	case !f.changed(cellTo):
		return f.old.Range.To, nil
	}
	t, err := search.ParseTo(text, from, f.env.Now, f.env.Loc)
	return t, valueError(err)
}

// rangeProblem returns why an end of a custom range is invalid.
func (f *Form) rangeProblem(id cellID) error {
	if f.text(cellRange) != customRange {
		return nil
	}
	from, fromErr := f.from()
	if id == cellFrom {
		return fromErr
	}
	to, err := f.to(from)
	if err == nil && fromErr == nil && !from.IsZero() && !to.IsZero() && !to.After(from) {
		err = errors.New("range ends before it starts: expected a time after " + timeText(from, f.env))
	}
	return err
}

// fillCustom sets the start of a custom range to that of the previous range, unless the
// user has typed one.
func (f *Form) fillCustom(before, after string) {
	from := f.text(cellFrom)
	if after != customRange || from != f.filled || f.text(cellTo) != "" {
		return
	}
	if last, err := time.ParseDuration(before); err == nil {
		f.filled = timeText(f.env.Now.Add(-last).Truncate(time.Second), f.env)
		f.cells[cellFrom].field.SetText(f.filled)
	}
}

// resolvedBound returns an end of a range that is not a custom one, for the user.
func (f *Form) resolvedBound(id cellID) string {
	r, err := f.timeRange()
	if err != nil {
		return ""
	}
	from, _ := r.Bounds(f.env.Now)
	switch {
	case id == cellTo:
		return "now"
	case from.IsZero():
		return "the first flow"
	}
	return from.In(f.env.Loc).Format("2006-01-02 15:04:05")
}
