package pkttest

import (
	"time"

	"weir/flow"
)

// SYN sends a SYN from the client.
func (c *Conversation) SYN() *Conversation { return c.control(client, flow.SYN) }

// SYNACK sends a SYN-ACK from the server.
func (c *Conversation) SYNACK() *Conversation { return c.control(server, flow.SYN|flow.ACK) }

// ACK sends an ACK from the client for everything the server has sent.
func (c *Conversation) ACK() *Conversation { return c.control(client, flow.ACK) }

// Handshake sends SYN, SYN-ACK, ACK.
func (c *Conversation) Handshake() *Conversation { return c.SYN().SYNACK().ACK() }

// Refuse sends the server's RST in reply to a SYN.
func (c *Conversation) Refuse() *Conversation { return c.control(server, flow.RST|flow.ACK) }

// Send sends n bytes over TCP from the client, and the server's acknowledgments.
func (c *Conversation) Send(n int) *Conversation { return c.transfer(client, n) }

// Recv sends n bytes over TCP from the server, and the client's acknowledgments.
func (c *Conversation) Recv(n int) *Conversation { return c.transfer(server, n) }

// transfer sends n bytes in segments. The peer acknowledges every second segment
// and the last one of a window.
func (c *Conversation) transfer(s side, n int) *Conversation {
	for n > 0 {
		var acks []uint32
		for i := 1; i <= window && n > 0; i++ {
			size := min(n, c.mss)
			n -= size
			flags := flow.ACK
			if n == 0 {
				flags |= flow.PSH
			}
			c.segment(s, flags, c.hosts[s.peer()].seq, size)
			if i%2 == 0 || n == 0 {
				acks = append(acks, c.hosts[s].seq)
			}
		}
		for _, ack := range acks {
			c.segment(s.peer(), flow.ACK, ack, 0)
		}
	}
	return c
}

// Close closes the connection, client first: FIN, FIN, ACK.
func (c *Conversation) Close() *Conversation { return c.closeBy(client) }

// CloseByServer closes the connection, server first.
func (c *Conversation) CloseByServer() *Conversation { return c.closeBy(server) }

func (c *Conversation) closeBy(s side) *Conversation {
	return c.control(s, flow.FIN|flow.ACK).control(s.peer(), flow.FIN|flow.ACK).control(s, flow.ACK)
}

// FIN half-closes the connection from the client.
func (c *Conversation) FIN() *Conversation {
	return c.control(client, flow.FIN|flow.ACK).control(server, flow.ACK)
}

// Reset sends a RST from the client.
func (c *Conversation) Reset() *Conversation { return c.control(client, flow.RST|flow.ACK) }

// ResetByServer sends a RST from the server.
func (c *Conversation) ResetByServer() *Conversation { return c.control(server, flow.RST|flow.ACK) }

// Ask sends a UDP datagram of n bytes from the client.
func (c *Conversation) Ask(n int) *Conversation { return c.datagram(client, n) }

// Answer sends a UDP datagram of n bytes from the server.
func (c *Conversation) Answer(n int) *Conversation { return c.datagram(server, n) }

func (c *Conversation) datagram(s side, n int) *Conversation {
	from, to := c.hosts[s].addr.Port(), c.hosts[s.peer()].addr.Port()
	return c.emit(s, func(p Packet) Packet { return p.UDP(from, to).Payload(n) })
}

// Ping sends an echo request with n data bytes from the client. The client's port
// is the identifier.
func (c *Conversation) Ping(n int) *Conversation {
	c.pings++
	id, seq := c.hosts[client].addr.Port(), c.pings
	return c.emit(client, func(p Packet) Packet { return p.Ping(id, seq).Payload(n) })
}

// Pong sends the server's reply to the last Ping.
func (c *Conversation) Pong(n int) *Conversation {
	id, seq := c.hosts[client].addr.Port(), c.pings
	return c.emit(server, func(p Packet) Packet { return p.Pong(id, seq).Payload(n) })
}

// Pings sends n Pings and Pongs of 56 bytes, one second apart.
func (c *Conversation) Pings(n int) *Conversation {
	for i := range n {
		if i > 0 {
			c.Wait(time.Second)
		}
		c.Ping(56).Pong(56)
	}
	return c
}
