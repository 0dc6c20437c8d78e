// Package demo is a small simulated network that is watched by three nodes, so
// that weir can be tried, tested and pictured without a wire. What it sends are
// packets: they take the way of captured ones, through decoder and meter.
//
//	client LAN            virtual network                     server LAN
//	192.168.100.0/24 ── edge-1 ────── core ────── dc-2 ── 172.16.1.0/24
//	                  many:1 NAT                both sides NAT
//	                  10.100.2.1                10.100.1.x → 172.16.1.2x, source 172.16.1.100
//
// A client that calls 10.100.1.1 is seen by edge-1 before its NAT, by core as
// 10.100.2.1 with another port, and by dc-2 behind its own NAT as 172.16.1.100
// calling 172.16.1.20. IPv6 goes through unchanged. Besides connections that go
// well there are those that an operator looks for: refused, unanswered (some
// stop at dc-2, which then has no record), reset, unreachable.
//
// A [Network] is made by [New]. Each of its sources plays the whole network by
// itself, from the same seed, and hands out what its own node sees: sources
// share no state and hold no more than the packets of the conversations that
// are going on. They begin with a history that lies in the past, and go on in
// the present.
package demo
