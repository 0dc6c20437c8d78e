package meter

import (
	"cmp"
	"net/netip"
	"time"

	"weir/decode"
)

// Config configures a Meter. The zero value is usable.
type Config struct {
	Node string // name of the observing node, stored in each record

	// NextID returns the ID of a new flow. It is called in the order in which
	// flows begin. nil: 1, 2, 3, …
	NextID func() int64

	// Resolve returns the name of the node that owns an address, or "". nil: always "".
	Resolve func(netip.Addr) string

	Timeouts Timeouts
	MaxFlows int     // flow cache size; ≤ 0: DefaultMaxFlows. Ignored if Budget is set
	Budget   *Budget // shared with other meters; nil: MaxFlows for this meter alone

	Decode decode.Options // flow key fields and tunnel depth

	Now func() time.Time // wall clock; nil: time.Now
}

// Timeouts are the idle timeouts (RFC 7011 section 5.1.1, in packet time) by protocol and TCP
// state, and the active timeout. Zero or less means the default, in parentheses. The maximum is
// 36 hours.
type Timeouts struct {
	HalfOpen    time.Duration // TCP, handshake incomplete (15 s), plus the duration of the attempts so far
	Closing     time.Duration // TCP, after a FIN (60 s)
	Established time.Duration // TCP, otherwise (900 s)
	Linger      time.Duration // TCP, after the close: time for trailing packets (5 s)
	UDP         time.Duration // UDP and UDP-Lite (60 s)
	ICMP        time.Duration // ICMP and ICMPv6 (5 s)
	Other       time.Duration // all other protocols (60 s)

	// Active is the active timeout: a longer flow is split into several records
	// (RFC 7011 section 5.1.1). Zero or less: never.
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
