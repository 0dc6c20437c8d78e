package meter

import (
	"regexp"
	"strings"

	"weir/flow"
)

// zeekSideState is Zeek's state of one side of a TCP connection.
type zeekSideState uint8

const (
	zeekInactive zeekSideState = iota
	zeekSynSent
	zeekSynAckSent
	zeekPartial
	zeekEstablished
	zeekClosed
	zeekReset
)

type zeekSide struct {
	state, before zeekSideState
	data          int // octets
}

func (s *zeekSide) become(state zeekSideState) {
	if s.state != state {
		s.before, s.state = s.state, state
	}
}

// zeekConn is a model of Zeek's TCP analysis, written from its source (TCPSessionAdapter.cc,
// scripts/base/protocols/conn/main.zeek) independently of ours. Sequence numbers are valid and
// nothing times out.
type zeekConn struct {
	orig, resp zeekSide
	history    string // each letter once: upper case is the originator's
}

// packet follows a packet with n octets of data.
func (z *zeekConn) packet(isOrig bool, f flow.Flags, n int) {
	z.note(isOrig, f, n)
	me, peer := &z.orig, &z.resp
	if !isOrig {
		me, peer = peer, me
	}
	syn, fin, rst := f.Has(flow.SYN), f.Has(flow.FIN), f.Has(flow.RST)
	if !rst {
		me.data += n
	}
	switch me.state {
	case zeekInactive:
		z.wake(me, peer, isOrig, f, n)
	case zeekSynSent, zeekSynAckSent:
		if fin {
			me.become(zeekClosed)
		}
		if rst {
			me.become(zeekReset)
		}
	case zeekEstablished, zeekPartial:
		if syn && !f.Has(flow.ACK) && me.state == zeekPartial && peer.state == zeekInactive {
			me.become(zeekSynSent)
		}
		if fin && !rst {
			me.become(zeekClosed)
			if peer.state == zeekReset && peer.before == zeekClosed {
				peer.become(zeekClosed)
			}
		}
		if rst {
			me.become(zeekReset)
		}
	case zeekClosed:
		if rst && peer.state != zeekClosed {
			me.become(zeekReset)
		}
	}
}

// wake is the step of a side that sends its first packet.
func (z *zeekConn) wake(me, peer *zeekSide, isOrig bool, f flow.Flags, n int) {
	switch {
	case !f.Has(flow.SYN):
	case isOrig && peer.state == zeekEstablished: // a SYN-ACK overtook its SYN
		me.become(zeekEstablished)
	case isOrig && f.Has(flow.ACK):
		me.become(zeekSynAckSent)
	case isOrig:
		me.become(zeekSynSent)
	default:
		if peer.state == zeekSynSent {
			peer.become(zeekEstablished)
		}
		me.become(zeekEstablished)
	}
	if f.Has(flow.FIN) {
		me.become(zeekClosed)
	}
	if f.Has(flow.RST) {
		me.become(zeekReset)
	}
	switch {
	case me.state != zeekInactive:
	case !isOrig && n == 0 && peer.state == zeekSynSent:
	case f.Has(flow.ACK) && peer.state == zeekEstablished:
		me.become(zeekEstablished)
	default:
		me.become(zeekPartial)
	}
}

// note adds a packet to the history.
func (z *zeekConn) note(isOrig bool, f flow.Flags, n int) {
	var letter string
	switch {
	case f.Has(flow.SYN | flow.ACK):
		letter = "H"
	case f.Has(flow.SYN):
		letter = "S"
	case f.Has(flow.FIN):
		letter = "F"
	case f.Has(flow.RST):
		letter = "R"
	case n > 0:
		letter = "D"
	default:
		letter = "A"
	}
	if !isOrig {
		letter = strings.ToLower(letter)
	}
	if !strings.Contains(z.history, letter) {
		z.history += letter
	}
}

var zeekSynThenRST = regexp.MustCompile(`^S[^HAFGIQ]*R.*`)

// connState is conn_state in conn.log.
func (z *zeekConn) connState() string {
	orig, resp := z.orig.state, z.resp.state
	origSilent, respSilent := orig == zeekInactive || orig == zeekPartial, resp == zeekInactive || resp == zeekPartial
	choose := func(first bool, a, b string) string {
		if first {
			return a
		}
		return b
	}
	switch {
	case resp == zeekReset && (orig == zeekSynSent || orig == zeekSynAckSent || orig == zeekReset && z.orig.data+z.resp.data == 0):
		return "REJ"
	case resp == zeekReset:
		return choose(origSilent, "RSTRH", "RSTR")
	case orig == zeekReset && respSilent:
		return choose(zeekSynThenRST.MatchString(z.history), "RSTOS0", "OTH")
	case orig == zeekReset:
		return "RSTO"
	case orig == zeekClosed && resp == zeekClosed:
		return "SF"
	case orig == zeekClosed:
		return choose(respSilent, "SH", "S2")
	case resp == zeekClosed:
		return choose(origSilent, "SHR", "S3")
	case orig == zeekSynSent && resp == zeekInactive:
		return "S0"
	case orig == zeekEstablished && resp == zeekEstablished:
		return "S1"
	}
	return "OTH"
}
