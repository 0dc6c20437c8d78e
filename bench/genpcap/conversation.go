package main

import (
	"time"

	"weir/internal/pkttest"
)

// conversation is one flow that generates a few packets at a time.
type conversation struct {
	at      time.Time // of the next packet
	conv    *pkttest.Conversation
	step    func(*conversation) // appends the next packets and subtracts them from left
	left    int                 // remaining packets
	started bool
	frames  []pkttest.Frame // generated, not yet written
}

// advance removes the first frame and reports whether another one follows.
func (v *conversation) advance() bool {
	v.frames = v.frames[1:]
	if len(v.frames) == 0 && v.left == 0 {
		return false
	}
	v.refill()
	return true
}

func (v *conversation) refill() {
	if len(v.frames) == 0 {
		v.step(v)
		v.frames = v.conv.Frames()
	}
	v.at = v.frames[0].Time
}

// dns is a query and its response.
func (v *conversation) dns() {
	v.conv.Ask(38).Answer(120)
	v.left -= 2
}

// ping is an echo request and its reply, one second after the previous pair.
func (v *conversation) ping() {
	if v.started {
		v.conv.Wait(time.Second)
	}
	v.started = true
	v.conv.Ping(56).Pong(56)
	v.left -= 2
}

// quic is four datagrams from the server and one from the client.
func (v *conversation) quic() {
	if !v.started {
		v.started = true
		v.conv.Ask(1200)
		v.left--
	}
	for range min(4, v.left) {
		v.conv.Answer(1200)
		v.left--
	}
	if v.left > 0 {
		v.conv.Ask(40)
		v.left--
	}
}

// tcp is a handshake, a request, data in full windows, the rest, and a close.
func (v *conversation) tcp() {
	const closing = 3
	if !v.started {
		v.started = true
		v.conv.Handshake().Send(400)
		v.left -= 5
	}
	if v.left >= closing+window {
		v.conv.Recv(window * 2 / 3 * mss)
		v.left -= window
		return
	}
	for data := v.left - closing; data > 0; {
		if data%3 == 1 { // with an acknowledgment for every second segment, data takes 2, 3, 5, 6, 8, … packets
			v.conv.ACK()
			data--
			continue
		}
		v.conv.Recv((data*2 + 1) / 3 * mss)
		data = 0
	}
	v.conv.Close()
	v.left = 0
}

// queue is a heap of conversations ordered by the time of their next packet.
type queue []*conversation

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].at.Before(q[j].at) }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(v any)        { *q = append(*q, v.(*conversation)) }
func (q *queue) Pop() any {
	v := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return v
}
