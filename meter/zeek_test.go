package meter

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"weir/decode"
	"weir/flow"
)

// tcpLetters are the segments of a TCP connection by their letter in Zeek's history. The
// destination's are in lower case.
var tcpLetters = map[byte]struct {
	flags flow.Flags
	data  int
}{
	'S': {flow.SYN, 0},
	'H': {flow.SYN | flow.ACK, 0},
	'A': {flow.ACK, 0},
	'D': {flow.PSH | flow.ACK, 100},
	'F': {flow.FIN | flow.ACK, 0},
	'R': {flow.RST | flow.ACK, 0},
}

// zeekOtherwise lists the sequences of segments whose verdict deliberately differs from Zeek's:
// Zeek's and ours (empty: any), the pattern, the reason. It should only shrink.
var zeekOtherwise = []struct {
	zeek, ours string
	like       *regexp.Regexp
	why        string
}{
	{"S0", "OTH", regexp.MustCompile(`S.*[AD]`), "a source that goes on after its SYN got an answer that doesn't pass here: that is not no answer"},
	{"RSTOS0", "OTH", regexp.MustCompile(`S.*D.*R`), "data with an ACK says the same as an ACK alone: the answer doesn't pass here"},
	{"REJ", "RSTR", regexp.MustCompile(`R.*r|r.*R`), "both reset a connection that was beyond its SYN: the destination did not refuse it, even if no data was sent"},
	{"RSTR", "REJ", regexp.MustCompile(`S.*(R.*r|r.*R)`), "the SYN was refused: what looks like data around a RST is none that anybody accepts"},
	{"OTH", "RSTOS0", regexp.MustCompile(`^[aAdD].*S.*R`), "what came before the SYN is of an older connection"},
	{"S0", "OTH", regexp.MustCompile(`S.*a`), "an ACK of the destination is an answer, even if it accepts nothing"},
	{"S1", "OTH", regexp.MustCompile(`^[Ss]+$`), "a SYN of both sides and no ACK: neither accepted the other's"},
	{"SH", "S2", regexp.MustCompile(`^[^S]*$`), "SYN, then FIN: no SYN was seen"},
	{"SH", "S2", regexp.MustCompile(`[sh]`), "no SYN-ACK seen: the destination did send a SYN, out of order"},
	{"SHR", "S3", regexp.MustCompile(`^[^sh]*$`), "SYN-ACK, then FIN: no SYN was seen of the destination"},
	{"SHR", "S3", regexp.MustCompile(`S`), "no SYN seen: the source did send one, out of order"},
	{"RSTRH", "RSTR", regexp.MustCompile(`^[^sh]*$`), "SYN-ACK, then RST: no SYN was seen of the destination"},
	{"RSTRH", "RSTR", regexp.MustCompile(`S`), "no SYN seen, then RST: the source did send one, out of order"},
	{"RSTOS0", "RSTO", regexp.MustCompile(`S.*[sh]|[sh].*S`), "SYN, then RST, no SYN-ACK seen: the destination did send a SYN, out of order"},
	{"OTH", "RSTO", regexp.MustCompile(`^[aAdD].*R`), "the same after packets of an older connection"},
	{"REJ", "", regexp.MustCompile(`r.*h`), "a SYN that is refused and sent again, and then accepted, is not refused"},
	{"RSTR", "", regexp.MustCompile(`r.*h.*[FR]`), "the same, then closed or reset by the source"},
	{"", "", regexp.MustCompile(`S.*R.*S`), "a source that resets an older connection, whose ACK answered its SYN, and then sends the SYN again has not given up"},
}

// Every sequence of up to five segments of both sides in which the source is
// the client, as far as they belong to one flow.
func TestVerdictEqualsZeekConnStateForEverySequence(t *testing.T) {
	const longest = 5
	same, argued := map[string]int{}, map[string]int{}
	var follow func(seq string)
	follow = func(seq string) {
		if len(seq) == longest {
			return
		}
		for _, letter := range "SADFRshadfr" {
			next := seq + string(letter)
			if letter == 's' && !strings.HasPrefix(seq, "S") {
				continue // the server is the source
			}
			e, zeek, isOne := followSegments(next)
			if !isOne {
				continue
			}
			if e.src() != 0 {
				t.Fatalf("%s: the server is the source", next)
			}
			want, got := zeek.connState(), e.verdict().ConnState()
			if why := whyOtherwise(want, got, next); got == want {
				same[want]++
			} else if why != "" {
				argued[why]++
			} else {
				t.Errorf("%s: want %s, got %s", next, want, got)
			}
			follow(next)
		}
	}
	follow("")
	states := slices.Sorted(maps.Keys(same))
	if want := []string{"OTH", "REJ", "RSTO", "RSTOS0", "RSTR", "RSTRH", "S0", "S1", "S2", "S3", "SF", "SH", "SHR"}; !slices.Equal(states, want) {
		t.Errorf("states seen: %v, want %v", states, want)
	}
	for _, o := range zeekOtherwise {
		if argued[o.why] == 0 {
			t.Errorf("nothing differs any more: %s", o.why)
		}
	}
	t.Logf("the same: %v", same)
	for why, n := range argued {
		t.Logf("%d otherwise: %s", n, why)
	}
}

// followSegments lets us and Zeek's model follow segments, 1 ms apart, whose sequence numbers are acceptable. isOne
// is false if one of them begins another flow.
func followSegments(seq string) (e *entry, zeek zeekConn, isOne bool) {
	c := new(coldEntry)
	e = &entry{key: flow.Key{Proto: flow.TCP, PortA: 40000, PortB: 80}}
	e.key.A[15], e.key.B[15] = 1, 2
	for i := range len(seq) {
		isClient := seq[i] < 'a'
		s := tcpLetters[seq[i]&^0x20]
		p := decode.Packet{Key: e.key, HasPorts: true, HasTCP: true, Flags: s.flags, FromB: !isClient, Seq: 1000, Octets: uint32(40 + s.data)}
		at := int64(i+1) * 1e6
		if i == 0 {
			e.begin(&p, at)
		} else if isSyn(s.flags) && !e.hasISN(c, sender(&p), p.Seq) && e.isOver(sender(&p), at) {
			return e, zeek, false
		}
		e.add(c, &p, sender(&p), at, at)
		e.segment(c, &p, sender(&p), at)
		zeek.packet(isClient, s.flags, s.data)
	}
	return e, zeek, true
}

func whyOtherwise(zeek, ours, seq string) string {
	for _, o := range zeekOtherwise {
		if (o.zeek == "" || o.zeek == zeek) && (o.ours == "" || o.ours == ours) && o.like.MatchString(seq) {
			return o.why
		}
	}
	return ""
}
