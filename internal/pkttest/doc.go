// Package pkttest builds packets for tests and for the simulated network of the
// demo.
//
// A [Packet] is a stack of layers, outermost first. Lengths, checksums and the
// fields that identify the next layer are computed unless a method overrides
// them:
//
//	pkttest.Eth().VLAN(100).IPv4("10.0.0.1", "10.0.0.2").TCP(51422, 443).SYN().Seq(1000).Bytes()
//	pkttest.Raw().IPv4("10.0.0.1", "10.0.0.2").TotalLen(9000).UDP(53, 53).Payload(120).Bytes()
//	pkttest.Eth().IPv4("192.0.2.1", "192.0.2.2").UDP(4789, 4789).VXLAN(7).Eth().IPv6("fd00::1", "fd00::2").Ping(1, 1)
//
// Packets are values: every method returns a new one, so a common prefix can be
// reused. A method that sets a field (TTL, Seq, Options, Checksum, …) sets it in
// the innermost layer that has the field.
//
// A [Conversation] generates the packets of a conversation at one observation
// point, with handshake, data, close and retransmissions, as [Frame]s in order of
// time. [WritePcap] writes frames to a pcap file.
//
// Invalid arguments, such as a malformed address or a sequence number without a
// TCP layer, are bugs in the caller and panic.
package pkttest
