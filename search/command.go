package search

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Command returns the command line that prints what q finds: "weir query
// --since 2h 'proto:tcp dport:443'". More flags, such as --csv, come before the
// filter as they are given.
func (q Query) Command(flags ...string) string {
	words := []string{"weir", "query"}
	add := func(flag, value string) { words = append(words, flag, ShellQuote(value)) }
	if q.Range.Last > 0 {
		add("--since", durationText(int64(q.Range.Last)))
	} else {
		if !q.Range.From.IsZero() {
			add("--from", q.Range.From.Format(time.RFC3339Nano))
		}
		if !q.Range.To.IsZero() {
			add("--to", q.Range.To.Format(time.RFC3339Nano))
		}
	}
	for _, name := range q.Nodes {
		if strings.ContainsAny(name, "\",\n\r") || name == "" { // the flag takes a line of CSV
			name = `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
		}
		add("--node", name)
	}
	if q.Order != Newest {
		add("--order", q.Order.String())
	}
	switch {
	case q.Limit < 0:
		words = append(words, "--all")
	case q.Limit > 0 && q.Limit != DefaultLimit:
		add("--limit", decimal(int64(q.Limit)))
	}
	for _, f := range flags {
		words = append(words, ShellQuote(f))
	}
	if q.Filter != nil {
		words = append(words, ShellQuote(q.Filter.String()))
	}
	return strings.Join(words, " ")
}

// ShellQuote returns s as one word for a POSIX shell. A word with control
// characters becomes a $'…' string, which bash, zsh and ksh know: pasted raw, a
// name out of the network could end the paste and type a command.
func ShellQuote(s string) string {
	plain := func(r rune) bool {
		return r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) || strings.ContainsRune("-_./:,@%+=", r)
	}
	notPlain := func(r rune) bool { return !plain(r) }
	switch {
	case s != "" && !strings.HasPrefix(s, "=") && strings.IndexFunc(s, notPlain) < 0: // zsh expands a leading =
		return s
	case strings.IndexFunc(s, hidden) < 0:
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	var b strings.Builder
	b.WriteString("$'")
	for _, r := range s {
		switch {
		case r == '\'' || r == '\\':
			b.WriteString(`\` + string(r))
		case hidden(r):
			for _, c := range []byte(string(r)) {
				fmt.Fprintf(&b, `\%03o`, c)
			}
		default:
			b.WriteRune(r)
		}
	}
	return b.String() + "'"
}

// hidden reports whether r is a character that a terminal does not show.
func hidden(r rune) bool {
	return unicode.IsControl(r) || slices.Contains([]rune{0x2028, 0x2029}, r) || unicode.Is(unicode.Cf, r)
}
