package search

import (
	"net/netip"
	"testing"

	"weir/flow"
)

func TestTreesPrintInCanonicalForm(t *testing.T) {
	a := netip.MustParseAddr
	n := func(f Field, lo, hi int64) Expr { return Numbers{f, []Interval{{lo, hi}}} }
	tcp := n(FieldProto, 6, 6)
	for want, x := range map[string]Expr{
		"proto:tcp dport:443":                 And{tcp, n(FieldDport, 443, 443)},
		"proto:tcp or proto:udp":              Or{tcp, n(FieldProto, 17, 17)},
		"!(proto:tcp or dport:53)":            Not{Or{tcp, n(FieldDport, 53, 53)}},
		"src:10.0.0.0/8,10.0.0.1-10.0.0.3":    Addrs{FieldSrc, []AddrRange{PrefixRange(netip.MustParsePrefix("10.0.0.0/8")), {a("10.0.0.1"), a("10.0.0.3")}}},
		"ip:2001:db8::/32,::1":                Addrs{FieldIP, []AddrRange{PrefixRange(netip.MustParsePrefix("2001:db8::/32")), {a("::1"), a("::1")}}},
		"dst:0.0.0.0/0,::/0":                  Addrs{FieldDst, []AddrRange{PrefixRange(netip.MustParsePrefix("0.0.0.0/0")), PrefixRange(netip.MustParsePrefix("::/0"))}},
		"dport:>1024":                         n(FieldDport, 1025, MaxNumber),
		"dport:>=1024":                        n(FieldDport, 1024, MaxNumber),
		"dport:<1024":                         n(FieldDport, 0, 1023),
		"dport:<=443":                         n(FieldDport, 0, 443),
		"dport:0":                             n(FieldDport, 0, 0),
		"bytes:>1M":                           n(FieldBytes, 1_000_001, MaxNumber),
		"bytes:>=4MiB":                        n(FieldBytes, 4<<20, MaxNumber),
		"duration:1.5s-2m":                    n(FieldDuration, 15e8, 120e9),
		"rtt:<200ms":                          n(FieldRTT, 0, 2e8-1),
		"verdict:none,no-answer":              Numbers{FieldVerdict, []Interval{{0, 0}, {1, 1}}},
		"reason:open":                         n(FieldEndReason, 0, 0),
		"open:yes":                            n(FieldOpen, 1, 1),
		"proto:100":                           n(FieldProto, 100, 100),
		"proto:1-17":                          n(FieldProto, 1, 17),
		"end:>=2026-11-23T14:05:00Z":          n(FieldEnd, 1795442700e9, MaxNumber),
		`snode:edge-1,"branch office","a\"b"`: Names{FieldSnode, []string{"edge-1", "branch office", `a"b`}},
		`dnode:""`:                            Names{FieldDnode, []string{""}},
		"flags:syn,!ack":                      FlagTest{Field: FieldFlags, All: flow.SYN, None: flow.ACK},
		"sflags:any(fin,rst)":                 FlagTest{Field: FieldSrcFlags, Any: flow.FIN | flow.RST},
		"dflags:=syn,ack":                     FlagTest{Field: FieldDstFlags, All: flow.SYN | flow.ACK, Exact: true},
		"flags:=none":                         FlagTest{Field: FieldFlags, Exact: true},
		"flags:*":                             FlagTest{Field: FieldFlags},
		"(proto:tcp dport:443) or proto:ospf": Or{And{tcp, n(FieldDport, 443, 443)}, n(FieldProto, 89, 89)},
	} {
		if got := x.String(); got != want {
			t.Errorf("%#v prints as %s, want %s", x, got, want)
		}
	}
}
