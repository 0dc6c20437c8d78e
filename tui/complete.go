package tui

import (
	"slices"
	"strings"

	"weir/flow"
	"weir/node"
	"weir/search"
)

// complete extends the word before the end of the typed text as far as it is
// clear what is meant: the word of a field, or a value of it.
func (l *filterLine) complete(nodes []node.Summary) {
	text := l.input.value()
	start := strings.LastIndexAny(text, " (!,:|") + 1
	word := strings.ToLower(text[start:])
	var choices []string
	if at := strings.LastIndexAny(text[:start], " (!"); start > 0 && text[start-1] != ' ' && strings.Contains(text[at+1:start], ":") {
		field, _, _ := strings.Cut(text[at+1:start], ":")
		choices = fieldValues(field, nodes)
	} else {
		for _, info := range search.Fields() {
			choices = append(choices, info.Word+":")
		}
	}
	choices = slices.DeleteFunc(choices, func(c string) bool { return !strings.HasPrefix(strings.ToLower(c), word) })
	if common := commonPrefix(choices); len(common) > len(word) {
		l.set(text[:start] + common)
	}
}

// fieldValues is what can be written behind the field, where that is a list.
func fieldValues(word string, nodes []node.Summary) []string {
	at := slices.IndexFunc(search.Fields(), func(i search.FieldInfo) bool { return i.Word == word || slices.Contains(i.Aliases, word) })
	if at < 0 {
		return nil
	}
	switch info := search.Fields()[at]; {
	case info.Kind == search.KindEnum:
		return slices.Clone(info.Words)
	case info.Kind == search.KindProto:
		return flow.ProtoNames()
	case info.Kind == search.KindFlags:
		var names []string
		for _, f := range flow.FlagTable {
			names = append(names, strings.ToLower(f.Name))
		}
		return names
	case info.Kind == search.KindName && info.Field != search.FieldInterface:
		var names []string
		for i := range nodes {
			names = append(names, nodes[i].Name)
		}
		return names
	}
	return nil
}

// commonPrefix is what all words begin with, whatever their case.
func commonPrefix(words []string) string {
	if len(words) == 0 {
		return ""
	}
	common := words[0]
	for _, w := range words[1:] {
		n := 0
		for n < min(len(common), len(w)) && strings.EqualFold(common[n:n+1], w[n:n+1]) {
			n++
		}
		common = common[:n]
	}
	return common
}
