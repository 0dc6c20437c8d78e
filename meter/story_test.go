package meter

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/flow"
	"weir/internal/pkttest"
)

// story is a TCP connection as captured: packets 10 ms apart, with waits in between.
type story struct {
	name   string
	seen   []any // pkttest.Packet, or time.Duration to wait
	want   string
	reason flow.EndReason
}

// Packets of stories, beside those of the handshake.
var (
	data      = up().PSH().Seq(1001).ACK(5001).Payload(100)
	reply     = down().PSH().Seq(5001).ACK(1101).Payload(100)
	srcFIN    = up().FIN().Seq(1001).ACK(5001)
	dstFIN    = down().FIN().Seq(5001).ACK(1002)
	lastACK   = up().Seq(1002).ACK(5002)
	srcRST    = up().RST().Seq(1001)
	dstRST    = down().RST().Seq(0).ACK(1001)
	keepAlive = up().Seq(1000).ACK(5001)
	alive     = down().Seq(5001).ACK(1001)
	newSYN    = up().SYN().Seq(900_000)
)

// want is "verdict sent/received" of each flow, in the order of their start. The
// client is the source of all.
var stories = []story{
	{"the SYN-ACK is retransmitted", []any{syn(), synAck(), synAck(), ack()}, "established 2/2", flow.StillOpen},
	{"the ACK of the handshake is lost, data follow", []any{syn(), synAck(), synAck(), data, reply}, "established 2/3", flow.StillOpen},
	{"the ACK overtakes the SYN-ACK", []any{syn(), ack(), synAck(), data}, "established 3/1", flow.StillOpen},
	{"both open at once", []any{syn(), down().SYN().Seq(5000), up().SYN().Seq(1000).ACK(5001), synAck()}, "established 2/2", flow.StillOpen},
	{"the SYN has data (fast open)", []any{syn().Payload(100), synAck(), ack()}, "established 2/1", flow.StillOpen},
	{"the SYN-ACK has data too", []any{syn().Payload(100), synAck().Payload(50), ack()}, "established 2/1", flow.StillOpen},
	{"joined mid-stream, at the answer", []any{reply, data, reply}, "mid-stream 1/2", flow.StillOpen},
	{"joined mid-stream, then closed", []any{reply, data, srcFIN, dstFIN, lastACK}, "closed 3/2", flow.EndOfFlow},
	{"joined mid-stream, then reset by the source", []any{reply, data, up().RST().Seq(1101)}, "mid-stream 2/1", flow.EndOfFlow},
	{"joined mid-stream, then reset by the destination", []any{data, reply, down().RST().Seq(5101)}, "reset-by-dest 1/2", flow.EndOfFlow},
	{"a FIN alone", []any{srcFIN}, "half-closed-source 1/0", flow.StillOpen},

	{"half closed: the destination continues to send", []any{syn(), synAck(), ack(), srcFIN, reply, reply}, "half-closed-source 3/3", flow.StillOpen},
	{"half closed, then closed", []any{syn(), synAck(), ack(), srcFIN, reply, dstFIN, lastACK}, "closed 4/3", flow.EndOfFlow},
	{"both FINs cross", []any{syn(), synAck(), ack(), srcFIN, dstFIN, lastACK, down().Seq(5002).ACK(1002)}, "closed 4/3", flow.EndOfFlow},
	{"the FIN is retransmitted", []any{syn(), synAck(), ack(), srcFIN, srcFIN, dstFIN, lastACK}, "closed 5/2", flow.EndOfFlow},
	{"RST after both FINs", []any{syn(), synAck(), ack(), srcFIN, dstFIN, up().RST().Seq(1002)}, "closed 4/2", flow.EndOfFlow},
	{"RST in answer to a FIN", []any{syn(), synAck(), ack(), srcFIN, down().RST().Seq(5001)}, "reset-by-dest 3/2", flow.EndOfFlow},
	{"RST after its own FIN", []any{syn(), synAck(), ack(), srcFIN, srcRST}, "reset-by-source 4/1", flow.EndOfFlow},
	{"data still on the way when the RST passes", []any{syn(), synAck(), ack(), srcRST, reply, reply, srcRST, srcRST}, "reset-by-source 5/3", flow.EndOfFlow},
	{"a RST behind the window is ignored", []any{syn(), synAck(), ack(), up().RST().Seq(77), data}, "established 4/1", flow.StillOpen},
	{"a RST far ahead of the window is ignored", []any{syn(), synAck(), ack(), down().RST().Seq(3_000_000_000), data, reply, up().FIN().Seq(1101).ACK(5101), down().FIN().Seq(5101).ACK(1102), up().Seq(1102).ACK(5102)}, "closed 5/4", flow.EndOfFlow},
	{"a RST inside the window is challenged, and the sender goes on", []any{syn(), synAck(), ack(), up().RST().Seq(5000), data, reply}, "established 4/2", flow.StillOpen},
	{"a RST inside the window is challenged, and confirmed", []any{syn(), synAck(), ack(), up().RST().Seq(1101), down().Seq(5001).ACK(1001), srcRST}, "reset-by-source 4/2", flow.EndOfFlow},
	{"a RST that overtook data", []any{syn(), synAck(), ack(), up().RST().Seq(1101), data}, "reset-by-source 4/1", flow.EndOfFlow},
	{"a RST that nobody challenged", []any{syn(), synAck(), ack(), up().RST().Seq(5000)}, "reset-by-source 3/1", flow.EndOfFlow},
	{"a RST that acknowledges another SYN", []any{syn(), down().RST().Seq(0).ACK(77), synAck(), ack()}, "established 2/2", flow.StillOpen},

	{"refused twice: the client tries the same SYN again", []any{syn(), dstRST, syn(), dstRST}, "refused 2/2", flow.EndOfFlow},
	{"refused, then another try from the same port", []any{syn(), dstRST, newSYN, down().RST().Seq(0).ACK(900_001)}, "refused 1/1, refused 1/1", flow.EndOfFlow},
	{"refused three times", []any{syn(), dstRST, syn(), dstRST, syn(), dstRST}, "refused 3/3", flow.EndOfFlow},
	{"refused, then the same SYN is accepted", []any{syn(), dstRST, syn(), synAck(), ack(), srcFIN, dstFIN, lastACK}, "closed 5/3", flow.EndOfFlow},
	{"refused, then another SYN is accepted", []any{syn(), dstRST, newSYN, down().SYN().Seq(5000).ACK(900_001)}, "refused 1/1, established 1/1", flow.StillOpen},
	{"a challenge ACK, a RST, and the SYN again", []any{syn(), down().Seq(7).ACK(9), up().RST().Seq(9), syn(), synAck(), ack()}, "established 4/2", flow.StillOpen},

	{"keep-alives for an hour", append([]any{syn(), synAck(), ack()}, repeat(60, time.Minute, keepAlive, alive)...), "established 62/61", flow.StillOpen},
	{"a port used again in TIME_WAIT", []any{syn(), synAck(), ack(), srcFIN, dstFIN, lastACK, newSYN, down().SYN().Seq(7000).ACK(900_001)}, "closed 4/2, established 1/1", flow.StillOpen},
	{"a port used again after a minute", []any{syn(), synAck(), ack(), srcFIN, dstFIN, lastACK, time.Minute, newSYN}, "closed 4/2, no-answer 1/0", flow.StillOpen},
	{"a port used again by a client that crashed", []any{syn(), synAck(), ack(), time.Minute, newSYN, alive, up().RST().Seq(5001)}, "established 2/1, aborted 2/1", flow.EndOfFlow},
	{"a port used again, one direction seen", []any{syn(), ack(), srcFIN, lastACK, newSYN, up().Seq(900_001).ACK(7001), up().FIN().Seq(900_001).ACK(7001)}, "syn-fin 4/0, syn-fin 3/0", flow.StillOpen},
	{"a port used again, only the answers seen", []any{synAck(), dstFIN, down().SYN().Seq(7000).ACK(900_001), down().Seq(7001).ACK(900_001)}, "synack-only 0/2, mid-stream 0/2", flow.StillOpen},
	{"a port used again at once by a client that crashed", []any{syn(), synAck(), ack(), newSYN, down().SYN().Seq(7000).ACK(900_001), up().Seq(900_001).ACK(7001)}, "established 2/1, established 2/1", flow.StillOpen},
	{"the SYN is seen last", []any{synAck(), ack(), srcFIN, dstFIN, lastACK, syn()}, "closed 4/2", flow.EndOfFlow},
	{"the SYN is seen last, and only the answers before", []any{synAck(), dstFIN, syn()}, "half-closed-dest 1/2", flow.StillOpen},
	{"a forged SYN into a live connection", []any{syn(), synAck(), ack(), newSYN, data, reply}, "established 4/2", flow.StillOpen},
}

func repeat(times int, wait time.Duration, packets ...any) (all []any) {
	for range times {
		all = append(append(all, wait), packets...)
	}
	return all
}

func TestStoriesOfTCPConnections(t *testing.T) {
	for _, s := range stories {
		t.Run(s.name, func(t *testing.T) {
			l := newLab(t, Config{})
			at := time.Duration(0)
			for _, next := range s.seen {
				switch next := next.(type) {
				case time.Duration:
					at += next
				case pkttest.Packet:
					l.see(at, next)
					at += 10 * ms
				}
			}
			for _, slot := range l.remainingFlows() {
				if e := l.table.at(slot); e.bits.has(tcpFinished) {
					l.end(slot, e, flow.ForcedEnd)
				}
			}
			var got []string
			all := slices.Concat(l.out, l.open())
			for _, r := range all {
				got = append(got, fmt.Sprint(r.Verdict, " ", r.Sent.Packets, "/", r.Recv.Packets))
				equal(t, "source", r.Src.Addr.String(), client)
			}
			equal(t, "flows", strings.Join(got, ", "), s.want)
			equal(t, "end reason of the last", all[len(all)-1].EndReason, s.reason)
		})
	}
}
