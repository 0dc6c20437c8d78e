package demo

import "time"

// fetch is one request on a new connection.
func fetch(c *session) step {
	c.conv.Handshake().Send(c.size(180, 2000)).Wait(time.Duration(c.size(1, 200)) * time.Millisecond)
	c.conv.Recv(c.size(400, 90_000))
	if c.rand.IntN(3) == 0 {
		c.conv.CloseByServer()
	} else {
		c.conv.Close()
	}
	return nil
}

// browse is a connection with several requests and reading time in between.
func browse(rounds int) step {
	return func(c *session) step {
		c.conv.Handshake()
		return browsing(rounds)
	}
}

func browsing(rounds int) step {
	return func(c *session) step {
		if rounds == 0 {
			c.conv.CloseByServer()
			return nil
		}
		c.conv.Send(c.size(180, 900)).Recv(c.size(400, 60_000))
		c.pause(time.Second, 20*time.Second)
		return browsing(rounds - 1)
	}
}

// stayOpen is a connection that never closes and keeps transferring data.
func stayOpen(c *session) step {
	c.conv.Handshake()
	return keepSending
}

func keepSending(c *session) step {
	c.conv.Send(c.size(40, 400)).Recv(c.size(60, 4000))
	c.pause(2*time.Second, 25*time.Second)
	return keepSending
}

// bulk transfers parts of about 200 kB each.
func bulk(parts int) step {
	return func(c *session) step {
		c.conv.Handshake().Send(300)
		return transferring(parts)
	}
}

func transferring(parts int) step {
	return func(c *session) step {
		if parts == 0 {
			c.conv.Close()
			return nil
		}
		c.conv.Recv(150_000 + c.rand.IntN(100_000))
		if c.rand.IntN(4) == 0 {
			c.conv.Retransmit(200 * time.Millisecond)
		}
		return transferring(parts - 1)
	}
}

// refused is a connection to a closed port.
func refused(c *session) step {
	c.conv.SYN().Refuse()
	return nil
}

// unanswered is a connection whose packets are dropped. Linux retransmits the SYN
// after 1, 2 and 4 s.
func unanswered(c *session) step {
	c.conv.SYN().Retransmit(time.Second).Retransmit(2 * time.Second).Retransmit(4 * time.Second)
	return nil
}

// reset is a connection that one side resets while it is in use.
func reset(c *session) step {
	c.conv.Handshake().Send(c.size(200, 3000)).Recv(c.size(500, 20_000))
	c.pause(100*time.Millisecond, 3*time.Second)
	if c.rand.IntN(2) == 0 {
		c.conv.Reset()
	} else {
		c.conv.ResetByServer()
	}
	return nil
}

// unreachable is a connection that core answers with host unreachable (ICMP type
// 3 code 1).
func unreachable(c *session) step {
	c.conv.SYN().Error(coreSelf.String(), 3, 1)
	return nil
}

// lookup is a DNS query and its response.
func lookup(c *session) step {
	c.conv.Ask(c.size(32, 70)).Answer(c.size(60, 480))
	return nil
}

// unansweredLookup is a DNS query without a response, repeated after 5 s.
func unansweredLookup(c *session) step {
	n := c.size(32, 70)
	c.conv.Ask(n).Wait(5 * time.Second).Ask(n)
	return nil
}

// askTime is an NTP exchange.
func askTime(c *session) step {
	c.conv.Ask(48).Answer(48)
	return nil
}

// ping sends n echo requests, one second apart.
func ping(n int) step {
	return func(c *session) step {
		c.conv.Pings(n)
		return nil
	}
}

// announce is an mDNS announcement, which has no response.
func announce(c *session) step {
	c.conv.Ask(c.size(60, 400)).Wait(time.Second).Ask(c.size(60, 400))
	return nil
}
