package search

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Command returns the command line that prints the results of q: "weir query
// --since 2h 'proto:tcp dport:443'". flags, such as --csv, go before the filter.
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
		if strings.ContainsAny(name, "\",\n\r") || name == "" { // the flag parses its value as CSV
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

// ShellQuote quotes s as one word for a POSIX shell. A word with control
// characters becomes a $'…' string, which bash, zsh and ksh support: pasted
// unescaped, a name from the network could end a bracketed paste and run a
// command.
func ShellQuote(s string) string {
	plain := func(r rune) bool {
		return r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) || strings.ContainsRune("-_./:,@%+=", r)
	}
	special := func(r rune) bool { return !plain(r) }
	switch {
	case s != "" && !strings.HasPrefix(s, "=") && strings.IndexFunc(s, special) < 0: // zsh expands a leading =
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

// hidden reports whether r is a character that a terminal does not display.
func hidden(r rune) bool {
	return unicode.IsControl(r) || slices.Contains([]rune{0x2028, 0x2029}, r) || unicode.Is(unicode.Cf, r)
}
