// Package demo simulates a small network observed by three nodes, to try, test
// and document weir without captured traffic. It generates packets, which pass
// through decoder and meter like captured ones.
//
//	client LAN            virtual network                     server LAN
//	192.168.100.0/24 ── edge-1 ────── core ────── dc-2 ── 172.16.1.0/24
//	                  many:1 NAT                both sides NAT
//	                  10.100.2.1                10.100.1.x → 172.16.1.2x, source 172.16.1.100
//
// If a client connects to 10.100.1.1, edge-1 sees it before its NAT, core sees
// 10.100.2.1 with another port, and dc-2 sees 172.16.1.100 connecting to
// 172.16.1.20 behind its own NAT. IPv6 is forwarded without NAT. Apart from
// successful connections there are the ones an operator looks for: refused,
// unanswered (some are dropped before dc-2, which then has no record), reset,
// unreachable.
//
// [New] returns a [Network]. Each of its sources simulates the whole network from
// the same seed and generates the frames at its own node. Sources share no state
// and hold only the packets of conversations in progress. They start with a
// history and, if live, continue in real time.
package demo
