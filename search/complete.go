package search

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"weir/flow"
)

// Env holds the names that completion offers.
type Env struct {
	Nodes      []string // for node, snode, dnode, anynode
	Groups     []string // for these and for group
	Interfaces []string // for interface
}

// Completion is a candidate to replace the word before the cursor.
type Completion struct {
	From, To int    // byte range to replace; To is the cursor
	Text     string // replacement: "dport:", "no-answer"
	Help     string // short description; may be empty
}

// Apply returns text with the completion applied, and the cursor after it.
func (c Completion) Apply(text string) (string, int) {
	return text[:c.From] + c.Text + text[c.To:], c.From + len(c.Text)
}

// Complete returns the candidates at cursor, a byte offset in text: fields and
// bare words at the start of a term, values after a field. All of them start with
// the word before the cursor, ignoring case, and are in the order of the field
// table. Free-form values such as numbers have no candidates.
func Complete(text string, cursor int, env Env) []Completion {
	cursor = min(max(cursor, 0), len(text))
	for cursor > 0 && cursor < len(text) && !utf8.RuneStart(text[cursor]) {
		cursor--
	}
	start, quoted := termStart(text[:cursor])
	s := scanner{text: text[:cursor], pos: start}
	word, op := s.field()
	var all []Completion
	from := start
	switch {
	case op != "":
		from = s.pos + valueStart(s.rest())
		all = valuesOf(fieldByWord(word), env)
		if o := optionValues(word); o != nil {
			all = o
		}
	case quoted:
		return nil
	default:
		if start < cursor && fieldByWord(text[start:cursor]) != FieldNone { // a complete field name: offer operators
			all = operatorsOf(text[start:cursor])
		}
		offered := len(all)
		for _, c := range slices.Concat(fieldWords(), bareWords(), bareNames(env)) {
			if !slices.ContainsFunc(all[:offered], func(o Completion) bool { return o.Text == c.Text }) {
				all = append(all, c)
			}
		}
	}
	return matching(all, from, cursor, text[from:cursor])
}

// termStart returns the start of the last term in text, and whether text ends
// inside quotes.
func termStart(text string) (start int, quoted bool) {
	var quote, previous rune = 0, ' '
	for i, r := range text {
		switch {
		case quote != 0:
			if r == quote && previous != '\\' {
				quote = 0
			}
		case r == '"' || r == '\'':
			quote = r
		case unicode.IsSpace(r), r == ')',
			r == '(' && strings.ContainsRune(" (!", previous), // but not the one of any(…)
			r == '!' && start == i:
			start = i + utf8.RuneLen(r)
		}
		previous = r
		if unicode.IsSpace(r) {
			previous = ' '
		}
	}
	return start, quote != 0
}

// valueStart returns the start of the last value of a list.
func valueStart(list string) int {
	quote := rune(0)
	start := 0
	for i, r := range list {
		switch {
		case quote != 0:
			if r == quote {
				quote = 0
			}
		case r == '"' || r == '\'':
			quote = r
		case strings.ContainsRune(",(|!<>= ", r):
			start = i + 1
		}
	}
	return start
}

// matching returns the candidates that start with prefix and are longer.
func matching(all []Completion, from, cursor int, prefix string) []Completion {
	var kept []Completion
	prefix = strings.ToLower(strings.TrimLeft(prefix, `"'`))
	for _, c := range all {
		plain := strings.ToLower(strings.TrimPrefix(c.Text, `"`))
		if strings.HasPrefix(plain, prefix) && plain != prefix {
			c.From, c.To = from, cursor
			kept = append(kept, c)
		}
	}
	return kept
}

func fieldWords() []Completion {
	var all []Completion
	for _, info := range Fields() {
		all = append(all, Completion{Text: info.Word + ":", Help: info.Help + ", as in " + info.Example})
	}
	for _, o := range optionExamples {
		all = append(all, Completion{Text: o.word + ":", Help: o.help + ", as in " + o.example})
	}
	return all
}

// operatorsOf returns the word of a field with each operator it supports.
func operatorsOf(word string) []Completion {
	info := fieldByWord(word).Info()
	ops := []struct{ sign, help string }{{":", "is"}, {"!=", "is not"}}
	if info.ordered() {
		ops = append(ops, []struct{ sign, help string }{{">=", "at least"}, {"<=", "at most"}, {">", "more than"}, {"<", "less than"}}...)
	}
	all := make([]Completion, len(ops))
	for i, op := range ops {
		all[i] = Completion{Text: strings.ToLower(word) + op.sign, Help: info.Help + " " + op.help}
	}
	return all
}

// optionValues returns common values of since, until, order and limit; nil for
// other words.
func optionValues(word string) []Completion {
	switch strings.ToLower(word) {
	case "since", "last", "until":
		return plainWords([]string{"5m", "30m", "1h", "2h", "12h", "1d", "today", "yesterday"}, "time")
	case "order":
		return plainWords(OrderWords(), "first")
	case "limit":
		return plainWords([]string{"1000", "10000", "all"}, "flows")
	}
	return nil
}

func serviceWords() []Completion {
	all := make([]Completion, len(services))
	for i, s := range services {
		all[i] = Completion{Text: s.name, Help: "port " + decimal(int64(s.port))}
	}
	return all
}

// bareWords returns the words that have a meaning without a field.
func bareWords() []Completion {
	var all []Completion
	for _, p := range commonProtos {
		all = append(all, Completion{Text: strings.ToLower(p.String()), Help: "protocol"})
	}
	for _, v := range flow.Verdicts()[1:] {
		all = append(all, Completion{Text: v.String(), Help: "verdict: " + v.Words()})
	}
	all = append(all, Completion{Text: "open", Help: "still open"})
	all = append(all, slices.Concat(groupCompletions(KindEnum), groupCompletions(KindAddr))...)
	all = append(all, flagNames()...)
	all = append(all, serviceWords()...)
	return append(all, Completion{Text: "and", Help: "both"}, Completion{Text: "or", Help: "either"}, Completion{Text: "not", Help: "the opposite"})
}

// bareNames returns the names of nodes, groups and interfaces that need no field: those that the
// parser reads as names and not as words of the language.
func bareNames(env Env) []Completion {
	var all []Completion
	for _, c := range slices.Concat(plainWords(env.Nodes, "node"), plainWords(env.Groups, "group"), plainWords(env.Interfaces, "interface")) {
		x, err := Parse(c.Text)
		if names, ok := x.(Names); err == nil && ok && names.Field == FieldAnyNode {
			all = append(all, c)
		}
	}
	return all
}

func flagNames() []Completion {
	var all []Completion
	for _, info := range flow.FlagTable {
		all = append(all, Completion{Text: strings.ToLower(info.Name), Help: info.Description})
	}
	return all
}

// valuesOf returns the candidates for a value of the field.
func valuesOf(f Field, env Env) []Completion {
	info := f.Info()
	switch info.Kind {
	case KindProto:
		return plainWords(flow.ProtoNames(), "")
	case KindFlags:
		return append(flagNames(), Completion{Text: "any(", Help: "at least one of"}, Completion{Text: "none", Help: "no flags at all"})
	case KindEnum:
		all := plainWords(info.Words, "")
		if f == FieldTunnel {
			all = append(all, Completion{Text: "any", Help: "travelled in a tunnel"})
		}
		for i := range all {
			if f == FieldVerdict {
				all[i].Help = flow.Verdict(i).Words()
			}
		}
		if f == FieldVerdict {
			all = append(all, groupCompletions(KindEnum)...)
		}
		return all
	}
	switch {
	case f.IsInterface():
		return plainWords(quoteAll(env.Interfaces), "interface")
	case f == FieldGroup:
		return plainWords(quoteAll(env.Groups), "group")
	case info.Kind == KindName:
		return append(plainWords(quoteAll(env.Nodes), "node"), plainWords(quoteAll(env.Groups), "group")...)
	case info.Kind == KindPort:
		return serviceWords()
	case info.Kind == KindAddr && presence(f) == nil:
		return groupCompletions(KindAddr)
	case info.Kind == KindTime:
		return plainWords([]string{"-5m", "-1h", "-12h", "now", "today", "yesterday"}, "time")
	case presence(f) != nil:
		return []Completion{{Text: "any", Help: "has one"}, {Text: "none", Help: "has none"}}
	}
	return nil
}

func plainWords(words []string, help string) []Completion {
	all := make([]Completion, len(words))
	for i, w := range words {
		all[i] = Completion{Text: w, Help: help}
	}
	return all
}

func quoteAll(names []string) []string {
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = quoteName(name)
	}
	return all
}
