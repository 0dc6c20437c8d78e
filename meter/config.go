package meter

import (
	"cmp"
	"net/netip"
	"time"

	"weir/decode"
)

// Config says how a Meter works. The zero value is useful.
type Config struct {
	Node string // name of the node that observes, put into each record

	// NextID numbers a new flow. It is called in the order in which flows are
	// first seen. nil: 1, 2, 3, …
	NextID func() int64

	// Resolve names the node that owns an address, empty when none does. nil:
	// names none.
	Resolve func(netip.Addr) string

	Timeouts Timeouts
	MaxFlows int     // flows open at most; ≤ 0: DefaultMaxFlows. Not used if there is a Budget
	Budget   *Budget // flows shared with other meters; nil: MaxFlows for this one alone

	Decode decode.Options // what is part of a flow's key, how deep tunnels are read

	Now func() time.Time // the wall clock; nil: time.Now
}

// Timeouts are how long, in packet time, a flow may be silent before it ends.
// Zero or less means the default, in parentheses; more than 36 hours means 36 hours.
type Timeouts struct {
	HalfOpen    time.Duration // TCP, handshake not complete (15 s), and what its attempts took so far
	Closing     time.Duration // TCP, a FIN was seen (60 s)
	Established time.Duration // TCP, otherwise (900 s)
	Linger      time.Duration // TCP, closed: the wait for trailing packets (5 s)
	UDP         time.Duration // UDP and UDP-Lite (60 s)
	ICMP        time.Duration // ICMP and ICMPv6 (5 s)
	Other       time.Duration // all other protocols (60 s)

	// Active ends the record of a flow that lasts longer and begins another one
	// for it (RFC 7011, section 5.1.1). Zero or less: never.
	Active time.Duration
}

func (t Timeouts) withDefaults() Timeouts {
	set := func(d *time.Duration, value time.Duration) { *d = cmp.Or(max(*d, 0), value) }
	set(&t.HalfOpen, 15*time.Second)
	set(&t.Closing, 60*time.Second)
	set(&t.Established, 900*time.Second)
	set(&t.Linger, 5*time.Second)
	set(&t.UDP, 60*time.Second)
	set(&t.ICMP, 5*time.Second)
	set(&t.Other, 60*time.Second)
	set(&t.Active, 0)
	return t
}

func (c Config) withDefaults() Config {
	c.Timeouts = c.Timeouts.withDefaults()
	c.MaxFlows = cmp.Or(max(c.MaxFlows, 0), DefaultMaxFlows)
	if c.Budget == nil {
		c.Budget = NewBudget(c.MaxFlows, 1)
	}
	if c.Resolve == nil {
		c.Resolve = func(netip.Addr) string { return "" }
	}
	if c.NextID == nil {
		var last int64
		c.NextID = func() int64 { last++; return last }
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}
