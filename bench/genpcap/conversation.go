package main

import (
	"time"

	"weir/internal/pkttest"
)

// conversation is one flow that is written down a few packets at a time.
type conversation struct {
	at     time.Time // of the next packet
	talk   *pkttest.Conversation
	step   func(*conversation) // appends the next packets to talk and takes them from left
	left   int                 // packets to come
	begun  bool
	frames []pkttest.Frame
}

// advance drops the frame that was written. It reports whether one follows.
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
		v.frames = v.talk.Frames()
	}
	v.at = v.frames[0].Time
}

// dns is a question and its answer.
func (v *conversation) dns() {
	v.talk.Ask(38).Answer(120)
	v.left -= 2
}

// ping is an echo request and its reply, a second after the last one.
func (v *conversation) ping() {
	if v.begun {
		v.talk.Wait(time.Second)
	}
	v.begun = true
	v.talk.Ping(56).Pong(56)
	v.left -= 2
}

// quic is datagrams from the server, and one back for every four of them.
func (v *conversation) quic() {
	if !v.begun {
		v.begun = true
		v.talk.Ask(1200)
		v.left--
	}
	for range min(4, v.left) {
		v.talk.Answer(1200)
		v.left--
	}
	if v.left > 0 {
		v.talk.Ask(40)
		v.left--
	}
}

// tcp is a handshake, a request, what is left in full windows, and a close.
func (v *conversation) tcp() {
	const closing = 3
	if !v.begun {
		v.begun = true
		v.talk.Handshake().Send(400)
		v.left -= 5
	}
	if v.left >= closing+window {
		v.talk.Recv(window * 2 / 3 * mss)
		v.left -= window
		return
	}
	for data := v.left - closing; data > 0; {
		if data%3 == 1 { // segments with an acknowledgment for every second one are 2, 3, 5, 6, 8, … packets
			v.talk.ACK()
			data--
			continue
		}
		v.talk.Recv((data*2 + 1) / 3 * mss)
		data = 0
	}
	v.talk.Close()
	v.left = 0
}

// queue is a heap of conversations by the time of their next packet.
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
