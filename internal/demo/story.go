package demo

import (
	"math/rand/v2"
	"time"

	"weir/internal/pkttest"
)

// chat is a conversation that is going on.
type chat struct {
	talk *pkttest.Conversation
	rand *rand.Rand // the conversation's own
}

// act is a part of a conversation: it lets the two say something and returns
// the next part, nil after the last one.
type act func(*chat) act

// size draws a number of octets; small ones are far more likely.
func (c *chat) size(low, high int) int {
	x := c.rand.Float64()
	return low + int(float64(high-low)*x*x*x)
}

// pause lets a time from low to high pass.
func (c *chat) pause(low, high time.Duration) {
	c.talk.Wait(low + time.Duration(c.rand.Int64N(int64(high-low))))
}

// menu holds all stories with their shares of the traffic, in percent.
var menu = []struct {
	share int
	draw  func(client, server int, r *rand.Rand) story
}{
	{27, func(c, s int, _ *rand.Rand) story { return story{path: toServer(c, s), port: 443, first: fetch} }},
	{8, func(c, s int, r *rand.Rand) story {
		return story{path: toServer(c, s), port: 443, first: browse(2 + r.IntN(8))}
	}},
	{9, func(c, _ int, r *rand.Rand) story {
		return story{path: toInternet(c, internet(1+r.IntN(60))), port: 443, first: fetch}
	}},
	{1, func(_, s int, _ *rand.Rand) story { return story{path: toStorage(s), port: 873, first: bulk(4)} }},
	{1, func(c, s int, _ *rand.Rand) story { return story{path: toServer(c, s), port: 443, first: bulk(3)} }},
	{4, func(c, s int, r *rand.Rand) story {
		return story{path: toServer(c, s), port: pick(r, 23, 3389, 8443), first: refused}
	}},
	{3, func(c, s int, r *rand.Rand) story {
		return story{path: toServer(c, s).before(dc), port: pick(r, 8080, 5900), first: unanswered}
	}},
	{1, func(c, s int, _ *rand.Rand) story { return story{path: toServer(c, s), port: 9200, first: unanswered} }},
	{3, func(c, s int, _ *rand.Rand) story { return story{path: toServer(c, s), port: 443, first: reset} }},
	{2, func(c, _ int, r *rand.Rand) story {
		return story{path: toCore(c, nowhere(1+r.IntN(9))), port: 443, first: unreachable}
	}},
	{18, func(c, _ int, _ *rand.Rand) story { return story{path: toCore(c, resolver), port: 53, first: lookup} }},
	{3, func(c, _ int, _ *rand.Rand) story {
		return story{path: toCore(c, resolver), port: 53, first: lookupInVain}
	}},
	{3, func(c, _ int, _ *rand.Rand) story { return story{path: toCore(c, clock), port: 123, first: askTime} }},
	{4, func(c, s int, r *rand.Rand) story { return story{path: toServer(c, s), first: ping(3 + r.IntN(3))} }},
	{7, func(c, s int, _ *rand.Rand) story { return story{path: toServer6(c, s), port: 443, first: fetch} }},
	{3, func(c, s int, r *rand.Rand) story { return story{path: toServer6(c, s), first: ping(3 + r.IntN(3))} }},
	{1, func(c, s int, _ *rand.Rand) story { return story{path: toServer6(c, s), port: 25, first: refused} }},
	{2, func(c, _ int, _ *rand.Rand) story {
		return story{path: toInternet(c, everybody), port: 5353, own: 5353, first: announce}
	}},
}

// anyStory draws from the menu.
func anyStory(r *rand.Rand) story {
	client, server := 1+r.IntN(clients), 1+r.IntN(servers)
	left := r.IntN(100)
	for _, dish := range menu[:len(menu)-1] {
		if left -= dish.share; left < 0 {
			return dish.draw(client, server, r)
		}
	}
	return menu[len(menu)-1].draw(client, server, r)
}

// stand draws one of the connections that are never closed.
func stand(r *rand.Rand) story {
	return story{path: toServer(1+r.IntN(clients), 1+r.IntN(servers)), port: pick(r, 22, 5432, 443), first: standOpen}
}

func pick(r *rand.Rand, ports ...uint16) uint16 { return ports[r.IntN(len(ports))] }
