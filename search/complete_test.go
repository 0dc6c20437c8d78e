package search

import (
	"strings"
	"testing"
	"unicode/utf8"
)

var testEnv = Env{Nodes: []string{"edge-1", "edge-2", "Branch office", "tcp-relay", "ssh"}, Groups: []string{"europe", "edges"}, Interfaces: []string{"eth0", "wlan0"}}

// completions maps a text with the cursor "|" to the expected candidates.
var completions = map[string]string{
	"dp|":                       "dport:",
	"DP|":                       "dport:",
	"proto:tcp sp|":             "sport:",
	"!dp|":                      "dport:",
	"(dp|":                      "dport:",
	"(tcp or (!dp|":             "dport:",
	"dp| proto:tcp":             "dport:",
	"re|":                       "replyinterface: recv: recvpackets: reason: recvpayload: retrans: recvretrans: retransbytes: refused reset-by-source reset-by-dest reply-only reset redis",
	"tc|":                       "tcp tcp-relay",
	"tcp eu|":                   "europe",
	"!edge|":                    "edge-1 edge-2 edges",
	"ss|":                       "ssh",
	"group:e|":                  "europe edges",
	"group:edge-|":              "",
	"cluster:!eu|":              "europe",
	"no|":                       "node: no-answer not",
	"proto:t|":                  "tcp",
	"proto:tcp,u|":              "udp udplite",
	"proto:!u|":                 "udp udplite",
	"protocol=u|":               "udp udplite",
	"verdict:half|":             "half-closed-source half-closed-dest",
	"verdict:refused,no|":       "none no-answer",
	"open:|":                    "no yes",
	"reason:f|":                 "forced",
	"vlan:|":                    "any none",
	"tunnel:v|":                 "vxlan",
	"tunnel:an|":                "any",
	"flags:s|":                  "syn",
	"flags:syn,!a|":             "ack any(",
	"flags:any(syn,r|":          "rst",
	"flags:syn\\|r|":            "rst",
	"flags:=s|":                 "syn",
	"flags:an|":                 "any(",
	"snode:e|":                  "edge-1 edge-2 europe edges",
	"snode:b|":                  `"Branch office"`,
	`snode:"bra|`:               `"Branch office"`,
	`snode:"Branch office",ed|`: "edge-1 edge-2 edges",
	"iface:e|":                  "eth0",
	"dport:4|":                  "",
	"dport:ht|":                 "http https http-alt https-alt",
	"port:22,dn|":               "dns",
	"wireg|":                    "wireguard",
	"dport|":                    "dport: dport!= dport>= dport<= dport> dport<",
	"proto:tcp bytes| udp":      "bytes: bytes!= bytes>= bytes<= bytes> bytes<",
	"verdict|":                  "verdict: verdict!=",
	"sin|":                      "since:",
	"since:1|":                  "1h 12h 1d",
	"order:o|":                  "oldest outoforder",
	"limit:a|":                  "all",
	"end>=to|":                  "today",
	"isn:|":                     "any none",
	"error:n|":                  "none",
	"direction:h|":              "high-port",
	"no| dport:443":             "node: no-answer not",
	"tcp or ve| or udp":         "verdict:",
	"src:10.|":                  "",
	"nonsense:x|":               "",
	`"a b|`:                     "",
	"proto:tcp|":                "",
}

func TestCompletion(t *testing.T) {
	for text, want := range completions {
		text = strings.ReplaceAll(text, `\|`, "\x00")
		before, after, _ := strings.Cut(text, "|")
		before = strings.ReplaceAll(before, "\x00", "|")
		var got []string
		for _, c := range Complete(before+after, len(before), testEnv) {
			got = append(got, c.Text)
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s offers %s, want %s", text, s, want)
		}
	}
}

func TestEveryFieldIsOfferedAtTheStartOfATerm(t *testing.T) {
	for _, text := range []string{"", "tcp ", "(", "!", "tcp or "} {
		all := Complete(text, len(text), testEnv)
		if len(all) < int(numFields) || all[0].Text != "src:" || all[0].Help == "" {
			t.Errorf("%q offers %v", text, all)
		}
	}
}

func FuzzComplete(f *testing.F) {
	for _, c := range canonicalTexts {
		f.Add(c.text, len(c.text)/2)
	}
	f.Fuzz(func(t *testing.T, text string, cursor int) {
		for _, c := range Complete(text, cursor, testEnv) {
			if c.From < 0 || c.From > c.To || c.To > len(text) {
				t.Fatalf("%q at %d replaces %d to %d", text, cursor, c.From, c.To)
			}
			done, at := c.Apply(text)
			if at > len(done) || utf8.ValidString(text) && !utf8.ValidString(done) {
				t.Fatalf("%q at %d becomes %q", text, cursor, done)
			}
		}
	})
}
