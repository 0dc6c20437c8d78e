package demo

import (
	"math/rand/v2"
	"time"

	"weir/internal/pkttest"
)

// session is a running conversation.
type session struct {
	conv *pkttest.Conversation
	rand *rand.Rand // exclusive to the conversation
}

// step is a part of a conversation. It generates packets and returns the next
// step, nil after the last one.
type step func(*session) step

// size returns a random number of bytes. Small sizes are far more likely.
func (s *session) size(low, high int) int {
	x := s.rand.Float64()
	return low + int(float64(high-low)*x*x*x)
}

// pause waits for a random time from low to high.
func (s *session) pause(low, high time.Duration) {
	s.conv.Wait(low + time.Duration(s.rand.Int64N(int64(high-low))))
}

// mix lists all scenarios with their shares of the traffic in percent.
var mix = []struct {
	share int
	make  func(client, server int, r *rand.Rand) scenario
}{
	{27, func(c, s int, _ *rand.Rand) scenario { return scenario{path: toServer(c, s), port: 443, first: fetch} }},
	{8, func(c, s int, r *rand.Rand) scenario {
		return scenario{path: toServer(c, s), port: 443, first: browse(2 + r.IntN(8))}
	}},
	{9, func(c, _ int, r *rand.Rand) scenario {
		return scenario{path: toInternet(c, internet(1+r.IntN(60))), port: 443, first: fetch}
	}},
	{1, func(_, s int, _ *rand.Rand) scenario { return scenario{path: toStorage(s), port: 873, first: bulk(4)} }},
	{1, func(c, s int, _ *rand.Rand) scenario {
		return scenario{path: toServer(c, s), port: 443, first: bulk(3)}
	}},
	{4, func(c, s int, r *rand.Rand) scenario {
		return scenario{path: toServer(c, s), port: pick(r, 23, 3389, 8443), first: refused}
	}},
	{3, func(c, s int, r *rand.Rand) scenario {
		return scenario{path: toServer(c, s).before(dc), port: pick(r, 8080, 5900), first: unanswered}
	}},
	{1, func(c, s int, _ *rand.Rand) scenario {
		return scenario{path: toServer(c, s), port: 9200, first: unanswered}
	}},
	{3, func(c, s int, _ *rand.Rand) scenario { return scenario{path: toServer(c, s), port: 443, first: reset} }},
	{2, func(c, _ int, r *rand.Rand) scenario {
		return scenario{path: toCore(c, unusedAddr(1+r.IntN(9))), port: 443, first: unreachable}
	}},
	{18, func(c, _ int, _ *rand.Rand) scenario {
		return scenario{path: toCore(c, resolver), port: 53, first: lookup}
	}},
	{3, func(c, _ int, _ *rand.Rand) scenario {
		return scenario{path: toCore(c, resolver), port: 53, first: unansweredLookup}
	}},
	{3, func(c, _ int, _ *rand.Rand) scenario {
		return scenario{path: toCore(c, clock), port: 123, first: askTime}
	}},
	{4, func(c, s int, r *rand.Rand) scenario {
		return scenario{path: toServer(c, s), first: ping(3 + r.IntN(3))}
	}},
	{7, func(c, s int, _ *rand.Rand) scenario { return scenario{path: toServer6(c, s), port: 443, first: fetch} }},
	{3, func(c, s int, r *rand.Rand) scenario {
		return scenario{path: toServer6(c, s), first: ping(3 + r.IntN(3))}
	}},
	{1, func(c, s int, _ *rand.Rand) scenario {
		return scenario{path: toServer6(c, s), port: 25, first: refused}
	}},
	{2, func(c, _ int, _ *rand.Rand) scenario {
		return scenario{path: toInternet(c, mdnsGroup), port: 5353, clientPort: 5353, first: announce}
	}},
}

// randomScenario draws a scenario from the mix.
func randomScenario(r *rand.Rand) scenario {
	client, server := 1+r.IntN(clients), 1+r.IntN(servers)
	left := r.IntN(100)
	for _, m := range mix[:len(mix)-1] {
		if left -= m.share; left < 0 {
			return m.make(client, server, r)
		}
	}
	return mix[len(mix)-1].make(client, server, r)
}

// permanentScenario draws a connection that never closes.
func permanentScenario(r *rand.Rand) scenario {
	return scenario{path: toServer(1+r.IntN(clients), 1+r.IntN(servers)), port: pick(r, 22, 5432, 443), first: stayOpen}
}

func pick(r *rand.Rand, ports ...uint16) uint16 { return ports[r.IntN(len(ports))] }
