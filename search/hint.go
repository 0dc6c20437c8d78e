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
	case "start", "starttime", "time", "from", "to", "since", "until", "range", "last":
		return "the start time is chosen by the time range, not by the filter"
	case "limit", "order", "sort":
		return "limit and order are chosen beside the filter"
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
	if w := nearest(word, words); w != "" {
		return "did you mean " + fieldByWord(w).String() + "?"
	}
	return "known are src dst ip sport dport port snode dnode node proto flags verdict bytes duration and more"
}

// portHint says how to write a port, and knows the services that people name.
func portHint(s string) string {
	n := 0
	switch strings.ToLower(s) {
	case "ftp":
		n = 21
	case "ssh":
		n = 22
	case "telnet":
		n = 23
	case "smtp":
		n = 25
	case "dns", "domain":
		n = 53
	case "http", "www":
		n = 80
	case "ntp":
		n = 123
	case "snmp":
		n = 161
	case "ldap":
		n = 389
	case "https":
		n = 443
	case "smb":
		n = 445
	case "syslog":
		n = 514
	case "rdp":
		n = 3389
	default:
		return "ports are numbers from 0 to 65535"
	}
	return "ports are numbers, " + strings.ToLower(s) + " is " + decimal(int64(n))
}
