package demo

import "time"

// fetch is one request over a connection of its own.
func fetch(c *chat) act {
	c.talk.Handshake().Send(c.size(180, 2000)).Wait(time.Duration(c.size(1, 200)) * time.Millisecond)
	c.talk.Recv(c.size(400, 90_000))
	if c.rand.IntN(3) == 0 {
		c.talk.CloseByServer()
	} else {
		c.talk.Close()
	}
	return nil
}

// browse is a connection that is used several times, with time to read between.
func browse(rounds int) act {
	return func(c *chat) act {
		c.talk.Handshake()
		return browsing(rounds)
	}
}

func browsing(rounds int) act {
	return func(c *chat) act {
		if rounds == 0 {
			c.talk.CloseByServer()
			return nil
		}
		c.talk.Send(c.size(180, 900)).Recv(c.size(400, 60_000))
		c.pause(time.Second, 20*time.Second)
		return browsing(rounds - 1)
	}
}

// standOpen is a connection that never ends and keeps growing.
func standOpen(c *chat) act {
	c.talk.Handshake()
	return keepTalking
}

func keepTalking(c *chat) act {
	c.talk.Send(c.size(40, 400)).Recv(c.size(60, 4000))
	c.pause(2*time.Second, 25*time.Second)
	return keepTalking
}

// bulk moves parts of about 200 kB each.
func bulk(parts int) act {
	return func(c *chat) act {
		c.talk.Handshake().Send(300)
		return moving(parts)
	}
}

func moving(parts int) act {
	return func(c *chat) act {
		if parts == 0 {
			c.talk.Close()
			return nil
		}
		c.talk.Recv(150_000 + c.rand.IntN(100_000))
		if c.rand.IntN(4) == 0 {
			c.talk.Retransmit(200 * time.Millisecond)
		}
		return moving(parts - 1)
	}
}

// refused: nobody listens on that port.
func refused(c *chat) act {
	c.talk.SYN().Refuse()
	return nil
}

// unanswered: something on the way drops it. Linux retries after 1, 2, 4 s.
func unanswered(c *chat) act {
	c.talk.SYN().Retransmit(time.Second).Retransmit(2 * time.Second).Retransmit(4 * time.Second)
	return nil
}

// reset: one side tears the connection down while it is in use.
func reset(c *chat) act {
	c.talk.Handshake().Send(c.size(200, 3000)).Recv(c.size(500, 20_000))
	c.pause(100*time.Millisecond, 3*time.Second)
	if c.rand.IntN(2) == 0 {
		c.talk.Reset()
	} else {
		c.talk.ResetByServer()
	}
	return nil
}

// unreachable: core finds no such host and says so (ICMP type 3 code 1).
func unreachable(c *chat) act {
	c.talk.SYN().Error(coreSelf.String(), 3, 1)
	return nil
}

// lookup is a DNS question and its answer.
func lookup(c *chat) act {
	c.talk.Ask(c.size(32, 70)).Answer(c.size(60, 480))
	return nil
}

// lookupInVain is a DNS question that nobody answers, asked again after 5 s.
func lookupInVain(c *chat) act {
	n := c.size(32, 70)
	c.talk.Ask(n).Wait(5 * time.Second).Ask(n)
	return nil
}

// askTime is NTP.
func askTime(c *chat) act {
	c.talk.Ask(48).Answer(48)
	return nil
}

// ping asks n times, a second apart.
func ping(n int) act {
	return func(c *chat) act {
		c.talk.Pings(n)
		return nil
	}
}

// announce is mDNS: said to everybody, answered by nobody.
func announce(c *chat) act {
	c.talk.Ask(c.size(60, 400)).Wait(time.Second).Ask(c.size(60, 400))
	return nil
}
