package search

import (
	"strings"

	"weir/flow"
)

// fieldByWord finds a field by its word or one of its aliases.
func fieldByWord(word string) Field {
	word = strings.ToLower(word)
	for f := FieldNone + 1; f < numFields; f++ {
		if word == f.String() {
			return f
		}
		for _, alias := range fieldTable[f].Aliases {
			if word == alias {
				return f
			}
		}
	}
	return FieldNone
}

// unknownFieldHint says what someone who wrote word for a field may have meant.
// rest is the text behind the operator.
func unknownFieldHint(word, rest string) string {
	switch strings.ToLower(word) {
	case "from", "to", "time", "range":
		return "the time range is since:2h, since:14:05 until:15:00, or start:14:05..15:00; addresses are src and dst"
	case "sort":
		return "the order is order:newest or order:oldest"
	case "service", "app":
		return "services go by port, as in dport:443"
	}
	if f := foreignFields[strings.ToLower(word)]; f != FieldNone {
		return "here it is " + f.String() + ", as in " + f.Info().Example
	}
	if strings.HasPrefix(strings.ToLower(word), "tcp.flags.") {
		return "here it is flags, as in flags:" + strings.TrimPrefix(strings.ToLower(word), "tcp.flags.")
	}
	if _, ok := ServicePort(word); ok {
		return "write port:" + strings.ToLower(word) + ", or dport for the destination's alone"
	}
	if _, err := flow.ParseProto(word); err == nil {
		return "write proto:" + strings.ToLower(word) + " port:" + strings.TrimSpace(rest)
	}
	words := make([]string, 0, 3*int(numFields))
	for _, info := range Fields() {
		words = append(words, info.Word)
	}
	for _, info := range Fields() {
		words = append(words, info.Aliases...)
	}
	for _, o := range optionExamples {
		words = append(words, o.word)
	}
	if w := Nearest(word, words); w != "" {
		if f := fieldByWord(w); f != FieldNone {
			w = f.String()
		}
		return "did you mean " + w + "?"
	}
	return "known are src dst ip sport dport port snode dnode node proto flags verdict bytes duration and more"
}

// portHint says how to write a port.
func portHint(s string) string {
	if port, proto, ok := cutPortProto(s); ok {
		return "write the port alone, " + port + ", and the protocol as proto:" + proto
	}
	names := make([]string, len(services))
	for i := range services {
		names[i] = services[i].name
	}
	return didYouMean(s, names, "ports are numbers from 0 to 65535, or services such as https")
}

// cutPortProto takes "443/tcp" and "tcp/443" apart.
func cutPortProto(s string) (port, proto string, ok bool) {
	a, b, _ := strings.Cut(strings.ToLower(s), "/")
	for _, way := range [][2]string{{a, b}, {b, a}} {
		p, protoErr := flow.ParseProto(way[1])
		if _, err := parsePlain(way[0]); err == nil && protoErr == nil && p.HasPorts() {
			return way[0], way[1], true
		}
	}
	return "", "", false
}
