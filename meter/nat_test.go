package meter

import (
	"cmp"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"weir/flow"
)

// translation is one flow as the kernel's conntrack saw it begin: before the
// masquerade, and the answer that it waits for behind it.
var translation = regexp.MustCompile(`src=(\S+) dst=(\S+) (?:sport=(\d+) dport=(\d+)|type=8 code=0 id=(\d+)) \[UNREPLIED\] ` +
	`src=(\S+) dst=(\S+) (?:sport=(\d+) dport=(\d+)|type=0 code=0 id=(\d+))`)

// The kernel's own truth of 90 flows: each of them is in both captures once,
// and everything that NAT doesn't touch is equal.
func TestFlowIsRecognisedOnBothSidesOfANAT(t *testing.T) {
	find := func(glob string) map[string]flow.Record {
		all := map[string]flow.Record{}
		for _, r := range flowsOf(t, Config{}, corpus(t, glob)[0]) {
			if r.Proto == flow.ICMPv6 {
				continue // neighbour discovery of either network
			}
			// ICMP's identifier stands where the source port is.
			all[fmt.Sprint(r.Proto, " ", r.Src.Addr, " ", r.Src.Port+r.ICMPID, " ", r.Dst.Addr, " ", r.Dst.Port)] = r
		}
		return all
	}
	lan, wan := find("nat/nat-lan.pcap"), find("nat/nat-wan.pcap")
	log, err := os.ReadFile(corpus(t, "nat/conntrack.txt")[0])
	if err != nil {
		t.Fatal(err)
	}
	flows := 0
	for line := range strings.Lines(string(log)) {
		m := translation.FindStringSubmatch(line)
		if m == nil || !strings.Contains(line, "[NEW]") {
			continue
		}
		flows++
		proto := strings.ToUpper(strings.Fields(line)[2])
		before, ok := lan[strings.Join([]string{proto, m[1], m[3] + m[5], m[2], cmp.Or(m[4], "0")}, " ")]
		after, ok2 := wan[strings.Join([]string{proto, m[7], m[9] + m[10], m[6], cmp.Or(m[8], "0")}, " ")]
		if !ok || !ok2 {
			t.Errorf("seen before the NAT: %v, behind it: %v: %s", ok, ok2, line)
			continue
		}
		checkTranslated(t, before, after)
	}
	equal(t, "flows that the kernel translated", flows, 90)
	equal(t, "flows before", len(lan), flows)
	equal(t, "flows behind", len(wan), flows)
}

// checkTranslated compares what a masquerade leaves as it is.
func checkTranslated(t *testing.T, before, after flow.Record) {
	t.Helper()
	equal(t, "sent", after.Sent, before.Sent)
	equal(t, "received", after.Recv, before.Recv)
	equal(t, "verdict", after.Verdict, before.Verdict)
	equal(t, "source's ISN", after.SrcSide.ISN, before.SrcSide.ISN)
	equal(t, "destination's ISN", after.DstSide.ISN, before.DstSide.ISN)
	equal(t, "source's first IP ID", after.SrcSide.IPID, before.SrcSide.IPID)
	equal(t, "destination's first IP ID", after.DstSide.IPID, before.DstSide.IPID)
	equal(t, "flags sent", after.SrcSide.Flags, before.SrcSide.Flags)
	equal(t, "flags received", after.DstSide.Flags, before.DstSide.Flags)
	equal(t, "TTL of the source", after.SrcSide.MinTTL, before.SrcSide.MinTTL-1)
}
