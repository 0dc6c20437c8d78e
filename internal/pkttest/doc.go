// Package pkttest builds packets by hand: for tests, and for the simulated
// network of the demo.
//
// A [Packet] is a stack of layers, written down from the outside in. Lengths,
// checksums and the fields that name the next layer are right unless a method
// makes them lie:
//
//	pkttest.Eth().VLAN(100).IPv4("10.0.0.1", "10.0.0.2").TCP(51422, 443).SYN().Seq(1000).Bytes()
//	pkttest.Raw().IPv4("10.0.0.1", "10.0.0.2").TotalLen(9000).UDP(53, 53).Payload(120).Bytes()
//	pkttest.Eth().IPv4("192.0.2.1", "192.0.2.2").UDP(4789, 4789).VXLAN(7).Eth().IPv6("fd00::1", "fd00::2").Ping(1, 1)
//
// Packets are values: every method returns a new one, so that a common prefix
// can be kept and used again. A method that sets a field (TTL, Seq, Options,
// Checksum, …) sets it in the innermost layer that has such a field.
//
// A [Talk] is a conversation as one observation point sees it: handshake, data
// both ways, close, retransmissions, as [Frame]s in order of time. [WritePcap]
// writes frames to a file that other tools read.
//
// What the caller spells out wrongly (an address that is none, a sequence
// number without a TCP layer) is a mistake in the calling code and panics.
package pkttest
