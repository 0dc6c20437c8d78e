package tuitest

import (
	"strings"
	"unicode"

	"weir/node"
)

// HostileNames are names that a network, a file or a resolver may contain.
var HostileNames = []string{
	"\x1b[2J\x1b[31mred",                              // clears the screen
	"\x1b]0;title\x07\x1b]52;c;cm0gLXJm\x07",          // sets title and clipboard
	"\x9b31m\u009b2J",                                 // the same as C1 controls
	"\u202egnp.exe\u2066x\u200f",                      // right to left
	"世界世界世界世界世界世界世界",                                  // wide
	"Z" + strings.Repeat("\u0301\u0334\u0489", 40),    // many combining characters
	"a\tb\r\nc\x00\x08\x7f",                           // moves the cursor
	"\u200b\u00ad\ufeff",                              // invisible
	"👩‍👩‍👧‍👦🇩🇪",                                       // several code points in one cell
	string([]byte{0xff, 0xfe, 'x'}),                   // not UTF-8
	strings.Repeat("very-long-name.", 20) + "example", // longer than any column
}

// HostileStore returns a store in which every name is the given one.
func HostileStore(name string) *Store {
	s := &Store{NodeList: []node.Summary{{Node: node.Node{Name: name}, Flows: 8, LastSeen: Now}}, GroupList: node.Groups{{Name: name + "s", Members: []string{name}}}}
	recs := append(Hops(), Flows()[1:]...)
	for i := range recs {
		recs[i].Node, recs[i].Interface, recs[i].Src.Node, recs[i].Dst.Node = name, name, name, name
	}
	s.Add(recs...)
	return s
}

// Dangerous reports whether a terminal may interpret a character instead of drawing it
// in its place.
func Dangerous(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u200b' || r == '\ufeff' || r == '\u2028' || r == '\u2029'
}
