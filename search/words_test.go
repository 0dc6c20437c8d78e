package search

import (
	"errors"
	"testing"
)

// TestUnknownWordsAreErrors checks an unknown word in every place of a filter: it
// must not become a name that nothing has.
func TestUnknownWordsAreErrors(t *testing.T) {
	env := Env{Nodes: []string{"Edge-1", "dc"}, Groups: []string{"europe"}, Interfaces: []string{"eth0"}}
	for _, c := range []struct {
		text string
		col  int
		hint string
	}{
		{"refusd", 1, "did you mean refused?"},
		{"tcp refusd", 5, "did you mean refused?"},
		{"not refusd", 5, "did you mean refused?"},
		{"!refusd", 2, "did you mean refused?"},
		{"tcp or refusd", 8, "did you mean refused?"},
		{"tcp and not (udp or refusd)", 21, "did you mean refused?"},
		{"edge,refusd", 6, "did you mean refused?"},
		{"since:2h refusd", 10, "did you mean refused?"},
		{"edg-1", 1, "did you mean Edge-1?"},
		{"e*2", 1, "no node, group or interface has it in its name; for a name not seen yet write node:e*2 or interface:e*2"},
		{"somewhere", 1, "no node, group or interface has it in its name; for a name not seen yet write node:somewhere or interface:somewhere"},
		{"tcp dprt 443", 5, "did you mean dport?"},
		{"arp", 1, "ARP has no flows; flows are of IPv4 and IPv6"},
		{"host edge", 1, "an address follows it, as in ip:10.0.0.0/8; for names of nodes write anynode:edge-1; all of IPv4 is ipv4"},
		{"tcp.port in 80", 1, "use proto and port, as in proto:tcp port:443"},
		{"less 100", 1, "write bytes:<=100"},
		{"port in 80", 1, "a value follows a field, as in port:6000-6063"},
	} {
		var e *Error
		if _, err := CheckWords(c.text, testNow, testLoc, env); !errors.As(err, &e) || e.Col != c.col || e.Hint != c.hint {
			t.Errorf("%s: %v, want %q at column %d", c.text, err, c.hint, c.col)
		}
	}
	for _, text := range []string{
		"", "edge", "EDGE-1", "europe tcp", "e*1", "dc or udp", "443", "tcp", "failed", "ipv6", "open", "syn", "https", "established",
		"node:edge-9", `"edge-9"`, "snode:nowhere", "interface:eth7", "group:*", "refusd:", // the last is an error of Parse
	} {
		if _, err := CheckWords(text, testNow, testLoc, env); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestHabitsOfOtherTools compares filters as tcpdump, nfdump and Wireshark users
// write them with what they mean.
func TestHabitsOfOtherTools(t *testing.T) {
	for text, want := range map[string]string{
		"host ::1": "ip:::1", "src ::/0": "src:::/0", "dst ::1": "dst:::1", "udp ::1": "proto:udp ip:::1", "src host ::1": "src:::1", "net fe80::/10": "ip:fe80::/10",
		"src ip 10.0.0.5": "src:10.0.0.5", "not src ip 10.0.0.5": "!src:10.0.0.5", "dst ip ::1": "dst:::1", "ip host 10.0.0.1": "ip:10.0.0.1",
		"ip src 10.0.0.1": "src:10.0.0.1", "ip dst net 10.0.0.0/8": "dst:10.0.0.0/8", "ip proto 17": "proto:udp", "proto tcp and port 22": "proto:tcp port:22",
		"portrange 22-443": "port:22-443", "src portrange 1-9": "sport:1-9", "dst portrange 1-9": "dport:1-9", "tcp dst port 80": "proto:tcp dport:80",
		"flags S": "flags:syn", "port !443": "!port:443", "port != 443": "!port:443", "dst port > 1024": "dport:>1024", "src port != 80,443": "!sport:80,443", "dst port = 22": "dport:22",
		"tcp and not ipv6": "proto:tcp !ip:::/0", "src private and not dst private": "src:10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7 !dst:10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7",
		"tcp && port == 443": "proto:tcp port:443", "proto:ipv6": "proto:ipv6", "verdict:!failed": "!verdict:refused,reset-by-source,reset-by-dest,unreachable,no-answer",
		"failed": "verdict:refused,reset-by-source,reset-by-dest,unreachable,no-answer", "Reset": "verdict:reset-by-source,reset-by-dest", "reset,closed": "verdict:reset-by-source,reset-by-dest,closed",
		"multicast": "ip:224.0.0.0/4,ff00::/8", "broadcast": "ip:255.255.255.255", `"reset"`: "anynode:reset",
		"bytes:>12,0.412K": "bytes:>=13,=412",
	} {
		x, err := ParseAt(text, testNow, testLoc)
		if err != nil || Text(x) != want {
			t.Errorf("%s is %s, %v, want %s", text, Text(x), err, want)
			continue
		}
		if again, err := ParseAt(want, testNow, testLoc); err != nil || Text(again) != want {
			t.Errorf("%s parses back as %s, %v", want, Text(again), err)
		}
	}
	for text, want := range map[string]string{
		"bytes:>12,412":     "comma in a number at column 11: write the number without separators, as in bytes:>12412",
		"ip.addr == ::1":    `unknown field "ip.addr" at column 1: use ip, as in ip:2001:db8::/32`,
		"tcp[tcpflags] = 2": `unexpected "[" at column 4: bytes of packets are not stored; TCP flags are flags:syn,!ack, and ICMP types icmptype:8`,
	} {
		if x, err := ParseAt(text, testNow, testLoc); err == nil || err.Error() != want {
			t.Errorf("%s is %v, %v, want %s", text, x, err, want)
		}
	}
}
