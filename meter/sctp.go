package meter

import (
	"weir/decode"
	"weir/flow"
)

// addChunk updates e with the first chunk of the SCTP packet p, already counted, from that side.
func (e *entry) addChunk(p *decode.Packet, from int) {
	e.redecide(p, from)
	me, peer := &e.tcp[from], &e.tcp[1-from]
	switch p.Chunk {
	case decode.ChunkInit:
		if me.state() == inactive && peer.state() == inactive {
			me.become(synSent)
		}
	case decode.ChunkAbort:
		if peer.state() == synSent && e.side[from].Packets == 1 { // its only answer
			me.become(reset)
		}
	case decode.ChunkInitAck, decode.ChunkCookieEcho, decode.ChunkCookieAck:
		me.become(established)
	}
}

// isRefusedSCTP reports whether an ABORT answered the INIT.
func (e *entry) isRefusedSCTP() bool {
	return e.key.Proto == flow.SCTP && e.tcp[e.src()].state() == synSent && e.tcp[1-e.src()].state() == reset
}
