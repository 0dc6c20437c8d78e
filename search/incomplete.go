package search

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"weir/internal/termsafe"
)

// NoBlock is the Gap.Block of flows that are not in a block yet.
const NoBlock = 0

// Gap is a part of a store that can't be read because it is damaged.
type Gap struct {
	Block    int64     // number of the block in the store, or NoBlock
	Flows    int64     // number of flows in it; -1: unknown
	From, To time.Time // starts of the earliest and the latest of them, both included; zero: unknown
	Nodes    []string  // names of the nodes that reported them; empty: unknown. They are untrusted
	Unsure   bool      // Flows, From and To have no checksum
	Table    string    // the damaged table, in a few words, with Flows 0 and the rest not set; empty: flows are damaged
}

// IncompleteError is returned together with an answer that lacks the flows of the gaps, which may or
// may not match. All other flows are in the answer.
type IncompleteError struct {
	Gaps []Gap // not empty, each block and table once, in ascending order
	Err  error // the damage that was met first
}

// Unwrap returns Err.
func (e *IncompleteError) Unwrap() error { return e.Err }

// Error describes the gaps in the time zone of this machine.
func (e *IncompleteError) Error() string {
	return GapText(e.Gaps, time.Local)
}

// Incomplete returns the gaps of an answer that came with err. ok is true if there is an answer: err is
// nil or an *IncompleteError.
func Incomplete(err error) (gaps []Gap, ok bool) {
	if e := new(IncompleteError); errors.As(err, &e) {
		return e.Gaps, true
	}
	return nil, err == nil
}

// Answered reports whether there is an answer that came with err, maybe with gaps.
func Answered(err error) bool {
	_, ok := Incomplete(err)
	return ok
}

// JoinIncomplete returns the error of an answer that is made of two. If both are incomplete, it has the
// gaps of both.
func JoinIncomplete(a, b error) error {
	before, now := new(IncompleteError), new(IncompleteError)
	switch {
	case a == nil:
		return b
	case b == nil || !errors.As(a, &before):
		return a
	case !errors.As(b, &now):
		return b
	}
	return &IncompleteError{Gaps: MergeGaps(before.Gaps, now.Gaps), Err: before.Err}
}

// MergeGaps returns the gaps of two lists, each block and table once, in ascending order.
func MergeGaps(a, b []Gap) []Gap {
	compare := func(x, y Gap) int { return cmp.Or(cmp.Compare(x.Block, y.Block), cmp.Compare(x.Table, y.Table)) }
	all := slices.Concat(a, b)
	slices.SortStableFunc(all, compare)
	return slices.CompactFunc(all, func(x, y Gap) bool { return compare(x, y) == 0 })
}

// namesInGapText is how many nodes or blocks are named in one message.
const namesInGapText = 3

// GapText describes gaps in one line: how many flows of which time and nodes are missing, which blocks
// and tables are damaged, and what to do. It is safe to print.
func GapText(gaps []Gap, loc *time.Location) string {
	var flows []Gap
	var tables []string
	for _, g := range gaps {
		if g.Table == "" {
			flows = append(flows, g)
		} else {
			tables = append(tables, g.Table)
		}
	}
	var texts []string
	if len(flows) > 0 {
		texts = append(texts, flowGapText(flows, loc))
	}
	if len(tables) > 0 {
		texts = append(texts, strings.Join(tables, ", ")+" can't be read completely: damaged")
	}
	return strings.Join(texts, "; ") + ": weir db check, then weir db repair"
}

func flowGapText(gaps []Gap, loc *time.Location) string {
	var flows int64
	var from, to time.Time
	var nodes, blocks []string
	unknown, timeless, unsure, loose := 0, false, false, false
	for _, g := range gaps {
		if g.Block == NoBlock {
			loose = true
		} else {
			blocks = append(blocks, strconv.FormatInt(g.Block, 10))
		}
		unsure = unsure || g.Unsure
		if g.Flows < 0 {
			unknown++
		}
		flows += max(g.Flows, 0)
		nodes = append(nodes, g.Nodes...)
		switch {
		case g.From.IsZero() && g.To.IsZero():
			timeless = true
			continue
		case from.IsZero() || g.From.Before(from):
			from = g.From
		}
		if g.To.After(to) {
			to = g.To
		}
	}
	var b strings.Builder
	switch {
	case unknown == len(gaps):
		b.WriteString("an unknown number of flows")
	case unknown > 0:
		fmt.Fprintf(&b, "%s and an unknown number of further flows", grouped(flows))
	case flows == 1:
		b.WriteString("1 flow")
	default:
		b.WriteString(grouped(flows) + " flows")
	}
	if !from.IsZero() || !to.IsZero() {
		b.WriteString(spanText(from.In(loc), to.In(loc)))
	}
	if timeless {
		b.WriteString(" of unknown time")
	}
	slices.Sort(nodes)
	if nodes = slices.Compact(nodes); len(nodes) > 0 {
		b.WriteString(" of " + some(nodes, "node"))
	}
	if unsure {
		b.WriteString(" (numbers without a checksum)")
	}
	verb := "are"
	if flows == 1 && unknown == 0 {
		verb = "is"
	}
	fmt.Fprintf(&b, " %s missing here: %s damaged", verb, damagedText(blocks, loose))
	return b.String()
}

// damagedText lists the damaged blocks, and the part of the store with flows that are not in a block.
func damagedText(blocks []string, loose bool) string {
	const rest = "the part with open flows"
	switch len(blocks) {
	case 0:
		return rest + " is"
	case 1:
		if !loose {
			return "block " + blocks[0] + " is"
		}
		return "block " + blocks[0] + " and " + rest + " are"
	}
	if loose {
		return "blocks " + some(blocks, "block") + " and " + rest + " are"
	}
	return "blocks " + some(blocks, "block") + " are"
}

// spanText describes a span of time to the minute, with the date of its end only if it differs.
func spanText(from, to time.Time) string {
	const minute = "2006-01-02 15:04"
	end := to.Format(minute)
	if from.Format(time.DateOnly) == to.Format(time.DateOnly) {
		end = to.Format("15:04")
	}
	if from.Format(minute) == to.Format(minute) {
		return " of " + from.Format(minute)
	}
	return " from " + from.Format(minute) + " to " + end
}

// some lists the first of many names.
func some(names []string, what string) string {
	shown := make([]string, 0, namesInGapText)
	for _, name := range names[:min(len(names), namesInGapText)] {
		shown = append(shown, termsafe.Text(cmp.Or(name, `""`)))
	}
	text := strings.Join(shown, ", ")
	switch more := len(names) - len(shown); {
	case more == 1:
		text += " and one more " + what
	case more > 1:
		text += fmt.Sprintf(" and %s more %ss", grouped(int64(more)), what)
	}
	return text
}

// grouped formats a number of at least 0 with a comma before every three digits.
func grouped(n int64) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
