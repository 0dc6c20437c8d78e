package pkttest

import (
	"time"

	"weir/flow"
)

// SYN lets the client ask for a connection.
func (t *Talk) SYN() *Talk { return t.say(client, flow.SYN) }

// SYNACK lets the server accept it.
func (t *Talk) SYNACK() *Talk { return t.say(server, flow.SYN|flow.ACK) }

// ACK lets the client acknowledge what the server sent.
func (t *Talk) ACK() *Talk { return t.say(client, flow.ACK) }

// Handshake is SYN, SYN-ACK, ACK.
func (t *Talk) Handshake() *Talk { return t.SYN().SYNACK().ACK() }

// Refuse lets the server answer a SYN with RST.
func (t *Talk) Refuse() *Talk { return t.say(server, flow.RST|flow.ACK) }

// Send lets the client send n octets over TCP, and the server acknowledge them.
func (t *Talk) Send(n int) *Talk { return t.transfer(client, n) }

// Recv lets the server send n octets over TCP, and the client acknowledge them.
func (t *Talk) Recv(n int) *Talk { return t.transfer(server, n) }

// transfer sends n octets in segments; every second one and the last one of a
// window are acknowledged.
func (t *Talk) transfer(w who, n int) *Talk {
	for n > 0 {
		var acks []uint32
		for i := 1; i <= window && n > 0; i++ {
			size := min(n, t.mss)
			n -= size
			flags := flow.ACK
			if n == 0 {
				flags |= flow.PSH
			}
			t.segment(w, flags, t.party[w.other()].seq, size)
			if i%2 == 0 || n == 0 {
				acks = append(acks, t.party[w].seq)
			}
		}
		for _, ack := range acks {
			t.segment(w.other(), flow.ACK, ack, 0)
		}
	}
	return t
}

// Close lets the client close first: FIN, FIN, ACK.
func (t *Talk) Close() *Talk { return t.closeBy(client) }

// CloseByServer lets the server close first.
func (t *Talk) CloseByServer() *Talk { return t.closeBy(server) }

func (t *Talk) closeBy(w who) *Talk {
	return t.say(w, flow.FIN|flow.ACK).say(w.other(), flow.FIN|flow.ACK).say(w, flow.ACK)
}

// FIN lets the client close its direction alone.
func (t *Talk) FIN() *Talk { return t.say(client, flow.FIN|flow.ACK).say(server, flow.ACK) }

// Reset lets the client tear the connection down.
func (t *Talk) Reset() *Talk { return t.say(client, flow.RST|flow.ACK) }

// ResetByServer lets the server tear the connection down.
func (t *Talk) ResetByServer() *Talk { return t.say(server, flow.RST|flow.ACK) }

// Ask lets the client send a UDP datagram of n octets.
func (t *Talk) Ask(n int) *Talk { return t.datagram(client, n) }

// Answer lets the server send a UDP datagram of n octets.
func (t *Talk) Answer(n int) *Talk { return t.datagram(server, n) }

func (t *Talk) datagram(w who, n int) *Talk {
	from, to := t.party[w].addr.Port(), t.party[w.other()].addr.Port()
	return t.emit(w, func(p Packet) Packet { return p.UDP(from, to).Payload(n) })
}

// Ping lets the client send an echo request with n octets of data. The client's
// port is the identifier.
func (t *Talk) Ping(n int) *Talk {
	t.pings++
	id, seq := t.party[client].addr.Port(), t.pings
	return t.emit(client, func(p Packet) Packet { return p.Ping(id, seq).Payload(n) })
}

// Pong lets the server reply to the last Ping.
func (t *Talk) Pong(n int) *Talk {
	id, seq := t.party[client].addr.Port(), t.pings
	return t.emit(server, func(p Packet) Packet { return p.Pong(id, seq).Payload(n) })
}

// Pings is n times Ping and Pong with 56 octets, a second apart.
func (t *Talk) Pings(n int) *Talk {
	for i := range n {
		if i > 0 {
			t.Wait(time.Second)
		}
		t.Ping(56).Pong(56)
	}
	return t
}
