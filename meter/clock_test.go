package meter

import (
	"math/rand/v2"
	"testing"
	"time"

	"weir/capture"
	"weir/flow"
	"weir/internal/pkttest"
)

// lie is a time that no packet of the tests has: the last one of a classic
// pcap file, in the year 2106.
var lie = time.Unix(1<<32-1, 0).Sub(epoch)

func TestOneFutureTimestampEndsOnlyItsOwnFlow(t *testing.T) {
	for _, c := range []struct {
		name  string
		lying pkttest.Packet
		flows int // in total
	}{
		{"of a new flow", udp(6000, 6001), 3},
		{"of an open flow", udp(5000, 5001), 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLab(t, Config{})
			l.handshake(0)
			l.see(1*sec, udp(5000, 5001))
			l.see(lie, c.lying)
			for i := range 100 {
				l.see(2*sec+time.Duration(i)*ms, up().PSH().Seq(1001).ACK(5001).Payload(1))
			}
			for _, r := range l.out {
				equal(t, "ended", r.Src.Port, 5000)
			}
			equal(t, "flows", len(l.out)+l.table.live, c.flows)
			l.see(70*sec, up().PSH().Seq(1001).ACK(5001).Payload(1))
			l.counts(2, 1) // the idle time of UDP is 60 s, whatever its timestamp claimed
			l.see(71*sec, udp(5000, 5001))
			for _, r := range l.open() {
				equal(t, "start and end in the years of the capture", r.Last.Year(), epoch.Year())
			}
		})
	}
}

func TestOccasionalFalseTimestampsEndNoFlow(t *testing.T) {
	l := newLab(t, Config{})
	l.handshake(0)
	for i := range 1000 {
		l.see(time.Duration(i)*10*ms, up().PSH().Seq(1001).ACK(5001).Payload(1))
		for j := range i % (confirmPackets - 1) {
			l.see(lie-time.Duration(i%7)*time.Hour, udp(6000, uint16(7000+j)))
		}
	}
	for _, r := range l.out {
		equal(t, "ended", r.Src.Port, 6000)
	}
	equal(t, "first of those open", l.open()[0].Src.Port, 40000)
}

func TestLongGapIsAcceptedOncePacketsConfirmIt(t *testing.T) {
	l := newLab(t, Config{})
	l.handshake(0)
	const gap = 50 * time.Hour
	l.see(gap, udp(5000, 5001))
	l.counts(0, 2)
	for i := range 30 {
		l.see(gap+time.Duration(i+1)*sec, udp(5000, 5001))
	}
	l.counts(1, 1)
	equal(t, "end reason", l.out[0].EndReason, flow.IdleTimeout)
	equal(t, "its end", l.out[0].End(), epoch.Add(30*ms))
	equal(t, "packets of the flow across the confirmation", l.open()[0].Sent.Packets, 31)
	l.passTime(59 * sec)
	l.counts(1, 1)
	l.passTime(2 * sec)
	l.counts(2, 0)
}

func TestFlowAcrossALongGapIsSplitAtOnce(t *testing.T) {
	l := newLab(t, Config{})
	for i := range 5 { // a packet every five hours
		l.see(time.Duration(i)*5*time.Hour, udp(5000, 5001))
		l.see(time.Duration(i)*5*time.Hour+sec, udp(5000, 5001))
	}
	l.counts(4, 1)
	for _, r := range l.out {
		equal(t, "packets", r.Sent.Packets, 2)
	}
}

func TestFewPacketsOverManyDaysAreSeparateFlows(t *testing.T) {
	const hour, day = time.Hour, 24 * time.Hour
	for _, times := range [][]time.Duration{
		{0, 40 * hour, 80 * hour},
		{0, 1 * hour, 50 * hour, 51 * hour, 400 * hour},
		{0, 100 * day, 200 * day, 300 * day, 400 * day},
	} {
		l := newLab(t, Config{})
		for _, at := range times {
			l.see(at, udp(5000, 5001))
			l.see(at+59*sec, udp(5000, 5001))
		}
		l.counts(len(times)-1, 1)
		for i, r := range append(l.out, l.open()...) {
			equal(t, "start", r.Start, epoch.Add(times[i]))
			equal(t, "last", r.Last, epoch.Add(times[i]+59*sec))
		}
	}
}

func TestSettingTheSystemClockForwardEndsNoFlow(t *testing.T) {
	var clock wallClock
	var sink store
	src := &script{live: true}
	src.frame(&clock, 0, syn())
	src.frame(&clock, 20*ms, synAck())
	src.frame(&clock, 30*ms, ack())
	src.do(func(*capture.Frame) error { clock.advance(time.Hour); return capture.ErrIdle })
	data := up().PSH().Seq(1001).ACK(5001).Payload(1)
	src.frame(&clock, time.Hour+30*ms, data) // an hour has passed
	var m *Meter
	src.do(func(f *capture.Frame) error {
		// By the monotonic clock no time has passed, but the packet is from ten hours
		// later, which is the present wall time.
		m.now = func() time.Time { return epoch.Add(11 * time.Hour) }
		m.wall = m.now()
		*f = capture.Frame{TimeNS: epoch.Add(11 * time.Hour).UnixNano(), Data: data.Bytes(), WireLen: len(data.Bytes()), Link: 101}
		return nil
	})
	src.look(func() { equal(t, "flows that ended", m.Health().Ended, uint64(1)) })
	m = New(Config{Now: clock.now}, src, &sink)
	if err := m.Run(t.Context()); err != nil {
		t.Error(err)
	}
	equal(t, "flows: the one before the hour, the one since", len(sink.records), 2)
	equal(t, "packets since", sink.sorted()[1].Sent.Packets, uint64(2))
}

func TestRangesOfCoarseTimeAndCompactDuration(t *testing.T) {
	for _, ns := range []int64{0, 1, 65_535, 65_536, int64(time.Hour), maxStep} {
		for _, start := range []int64{0, 123_456_789, 1 << 47, maxTime - maxStep} {
			start -= start % (1 << coarseShift)
			equal(t, "time since", coarseTimeOf(start).until(start+ns), ns)
		}
	}
	for _, ns := range []int64{0, 1, 1<<31 - 1, 1 << 31, int64(8 * time.Minute)} {
		got := compactDurationOf(ns).ns()
		if got > ns || ns-got >= 1<<longShift || ns < 1<<31 && got != ns {
			t.Errorf("%d ns are converted to %d", ns, got)
		}
	}
	equal(t, "the longest", compactDurationOf(1<<62).ns(), compactDurationOf(1<<61).ns())
	equal(t, "none", compactDurationOf(-1).ns(), 0)
}

func TestContradictoryTimestampsUseBoundedMemory(t *testing.T) {
	l := newLab(t, Config{})
	l.see(0, udp(1000, 53))
	for i := range 20_000 {
		l.see(time.Duration(10+i%2*10)*time.Hour, udp(1000+uint16(i%3), 53))
		if most := minUnconfirmed + 2*int(l.table.highWater) + 1; len(l.unconfirmed) > most {
			t.Fatalf("%d slots are listed, the table has %d", len(l.unconfirmed), l.table.highWater)
		}
	}
	l.see(1*sec, udp(2000, 53)) // back to the present
	equal(t, "kept then", len(l.unconfirmed), 0)
	l.passTime(61 * sec)
	l.counts(20_002, 0)
}

func TestUnconfirmedTimestampDoesNotLengthenAFlow(t *testing.T) {
	l := newLab(t, Config{Timeouts: Timeouts{UDP: 5 * time.Hour}})
	l.see(0, udp(5000, 7000))
	l.see(1*sec, udp(5000, 7000))
	l.see(4*time.Hour, udp(5000, 7000)) // no reason to end it
	l.see(2*sec, udp(6000, 7000))
	l.passTime(5*time.Hour - 1*sec)
	l.passTime(3 * sec)
	l.counts(2, 0)
}

// TestClockFastPathEqualsSlowPath compares the clock with one that always takes the slow path,
// over steps of all sizes in both directions.
func TestClockFastPathEqualsSlowPath(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for range 2000 {
		var short, long clock
		at, steady := rng.Int64(), 0
		for i := range 200 {
			step := rng.Int64N(1 << rng.IntN(63))
			if rng.IntN(4) > 0 {
				step = rng.Int64N(int64(sec))
			} else if rng.IntN(2) == 0 {
				step = -step
			}
			at += step
			switch rng.IntN(50) {
			case 0:
				short.pass(step, false)
				long.pass(step, false)
			case 1:
				short.set(at, max(step, 0))
				long.set(at, max(step, 0))
			}
			if short.isSteady {
				steady++
			}
			got, want := short.packet(at), long.judge(at)
			long.isSteady = short.isSteady
			if got != want || short != long {
				t.Fatalf("packet %d: %d, want %d: %+v, want %+v", i, got, want, short, long)
			}
		}
		if steady == 0 {
			t.Error("the fast path was never taken")
		}
	}
}
