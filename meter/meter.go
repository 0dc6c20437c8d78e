package meter

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync/atomic"
	"time"

	"weir/capture"
	"weir/decode"
	"weir/flow"
)

// Meter is the metering process of one source. Each captured interface, an observation point,
// has its own.
type Meter struct {
	src     capture.Source
	bulk    capture.Bulk // src if it implements Bulk and is no interface, else nil
	sink    Sink
	now     func() time.Time
	decoder *decode.Decoder
	engine  *engine // nil once Run has returned
	live    bool    // time passes without packets
	stream  bool    // read while it is written: records are due as for an interface, and the source waits as a file
	frames  [decodeBatch]capture.Frame
	batch   []frame // decoded, not yet observed
	out     outbox
	skipped [256]uint64       // by decode.Reason
	links   map[uint16]uint64 // frames of unknown link types, by type, at most maxLinks
	cut     uint64            // frames whose headers the capture length cut off
	failure string            // why the source failed
	done    bool              // Run has returned
	health  atomic.Pointer[flow.Health]
	spans   spans
	outages uint64 // of src, when health was last published

	offerFrom int       // number of records in out from which to offer them
	unchecked int       // frames since the last reading of the wall clock
	checkedNS int64     // packet time of that reading
	wall      time.Time // its result
	clock     int64     // clock.now then
	flushAt   time.Time // when to export open flows
	publishAt time.Time // when to publish health
	updating  bool      // an export of open flows is in progress
	frameNS   int64     // packet time of the latest frame
	finalWait time.Duration
}

// New returns a Meter that reads src and exports to sink. It starts nothing, but holds its
// reserve of cfg.Budget.
func New(cfg Config, src capture.Source, sink Sink) *Meter {
	cfg = cfg.withDefaults()
	m := &Meter{
		links:     make(map[uint16]uint64),
		src:       src,
		sink:      sink,
		now:       cfg.Now,
		decoder:   decode.New(cfg.Decode),
		live:      src.Live(),
		batch:     make([]frame, 0, decodeBatch),
		offerFrom: batchSize,
		finalWait: finalWait,
	}
	m.engine = newEngine(cfg, src.InterfaceName, m.out.add)
	m.spans.current.Node, m.spans.current.Interface = cfg.Node, src.Name()
	if _, m.stream = src.(capture.Stream); m.isInterface() {
		m.out.limit = backlogLimit
	} else {
		m.bulk, _ = src.(capture.Bulk)
	}
	m.engine.live = !m.isFile()
	m.publish()
	return m
}

// isInterface reports whether the source loses packets while it is not read.
func (m *Meter) isInterface() bool { return m.live && !m.stream }

// isFile reports whether all packets are there already.
func (m *Meter) isFile() bool { return !m.live && !m.stream }

// Run reads the source until it ends or fails, or until ctx is done. Then it ends and exports
// all flows. It must be called only once.
//
// It returns nil at the end of a file and when ctx is done. In the latter case Run closes the
// source, so as not to block on it, or reads what a live one has still buffered, and takes up to
// 5 s for the last exports.
func (m *Meter) Run(ctx context.Context) error {
	defer func() {
		m.done = true
		m.publish()
		m.engine.share.release()
		m.engine = nil // m is kept for its Health: free the table, which has the size of its peak
	}()
	stopped := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(stopped)
		m.stopSource()
	})
	defer func() {
		if !stop() {
			<-stopped
			m.src.Close() // its last counters come with it
		}
	}()
	m.check()
	m.publish()
	m.flushAt = m.wall.Add(m.flushEvery())
	m.publishAt = m.wall.Add(publishEvery)
	return m.finish(ctx, m.loop(ctx))
}

// stopSource makes the source end.
func (m *Meter) stopSource() {
	if src, ok := m.src.(capture.Finisher); ok {
		src.Finish()
		return
	}
	m.src.Close()
}

// loop reads frames. It returns nil at the end of the source, or soon after ctx is done.
func (m *Meter) loop(ctx context.Context) error {
	defer m.observe()
	for {
		switch n, err := m.read(); {
		case err == nil:
			m.decode(m.frames[:n])
			if m.isFile() && len(m.batch) > 0 || !m.isCheckDue(m.frameNS) {
				continue
			}
			m.observe()
		case errors.Is(err, capture.ErrIdle):
			m.observe()
			if m.live {
				m.idle()
			}
		case errors.Is(err, io.EOF), ctx.Err() != nil:
			return nil
		default:
			m.failure = err.Error()
			if !m.isInterface() {
				return err // it names the file
			}
			return fmt.Errorf("read packets from %s: %w", m.src.Name(), err)
		}
		m.check()
		if err := m.deliver(ctx); err != nil {
			return err
		}
		if _, ends := m.src.(capture.Finisher); !ends && ctx.Err() != nil {
			return nil
		}
	}
}

// read reads the next frame and, but for an interface, the following ones that are available, as far as the
// batch has room. It returns their number.
func (m *Meter) read() (n int, err error) {
	frames := m.frames[:decodeBatch-len(m.batch)]
	if err := m.src.Next(&frames[0]); err != nil {
		return 0, err
	}
	if m.bulk == nil {
		return 1, nil
	}
	return 1 + m.bulk.More(frames[1:]), nil
}

// decode appends frames to the batch, which has room for them. An interface passes one at a
// time.
func (m *Meter) decode(frames []capture.Frame) {
	if t := frames[0].TimeNS; m.isInterface() && t-m.frameNS > reorderWindow {
		m.observe()
		m.jump(t)
	}
	m.frameNS = frames[len(frames)-1].TimeNS
	m.unchecked += len(frames)
	had := len(m.batch)
	m.batch = m.batch[:had+len(frames)]
	batch := m.batch[had:]
	for i := range frames {
		f, next := &frames[i], &batch[i]
		next.time = f.TimeNS
		r := &next.result
		m.decoder.Decode(uint16(f.Link), f.Data, f.WireLen, f.Interface, r)
		if r.N == 0 || r.Skip != decode.OK {
			m.noteSkip(r, f)
		}
	}
	if len(m.batch) == decodeBatch {
		m.observe()
	}
}

// noteSkip counts a frame that was not decoded completely.
func (m *Meter) noteSkip(r *decode.Result, f *capture.Frame) {
	switch {
	case r.N != 0:
	case r.Skip == decode.UnknownLink && (len(m.links) < maxLinks || m.links[uint16(f.Link)] > 0):
		m.links[uint16(f.Link)]++
	default:
		m.skipped[r.Skip]++
	}
	if len(f.Data) < f.WireLen && r.Skip.Truncated() {
		m.cut++
	}
}

// observe passes the decoded frames to the engine.
func (m *Meter) observe() {
	m.engine.observe(m.batch)
	m.batch = m.batch[:0]
}

// jump handles a jump of packet time to t on a live source. If t is close to the wall clock, the
// system clock may have been set since the last packet, and t is accepted as the packet time of
// now. The time elapsed is taken from the monotonic clock.
func (m *Meter) jump(t int64) {
	now := m.now()
	if d := t - now.UnixNano(); -maxClockOffset <= d && d <= maxClockOffset {
		m.engine.clock.set(t, max(0, m.missed(now)))
	}
}

// missed returns the wall time since the last check that packet time hasn't covered.
func (m *Meter) missed(now time.Time) int64 {
	return m.clock + int64(now.Sub(m.wall)) - m.engine.clock.now
}

// isCheckDue reports whether to read the wall clock after a frame of packet time t. For a live
// source packet time is a good estimate of it.
func (m *Meter) isCheckDue(t int64) bool {
	if m.unchecked >= checkFrames || m.out.waiting >= m.offerFrom {
		m.checkedNS = t
		return true
	}
	if step := t - m.checkedNS; !m.isFile() && (step < 0 || step >= checkEvery) {
		m.checkedNS = t
		return true
	}
	return false
}

// check reads the wall clock.
func (m *Meter) check() {
	m.unchecked = 0
	m.wall = m.now()
	m.clock = m.engine.clock.now
}

// idle advances the clock by the wall time that packets haven't covered, and expires flows.
func (m *Meter) idle() {
	now := m.now()
	m.engine.pass(m.missed(now), m.stream)
	for !m.engine.expire() && m.now().Sub(now) < pauseBudget {
		continue // until pauseBudget is used up: a packet may arrive
	}
}

func (m *Meter) flushEvery() time.Duration {
	if m.isFile() {
		return fileFlushEvery
	}
	return liveFlushEvery
}

// deliver exports what is due. Only an interface can't wait for the sink.
func (m *Meter) deliver(ctx context.Context) error {
	if !m.wall.Before(m.publishAt) {
		m.publishAt = m.wall.Add(publishEvery)
		m.publish()
	}
	flush := !m.wall.Before(m.flushAt)
	if !flush && !m.updating && m.out.waiting < m.offerFrom {
		return nil
	}
	if m.isInterface() {
		m.deliverLive(flush)
		return nil
	}
	return m.deliverWaiting(ctx, flush)
}

// deliverLive offers ended flows and, from a flush until all are exported, open ones. Refused
// records are offered again at the next flush, or with another batch.
func (m *Meter) deliverLive(flush bool) {
	if flush {
		m.flushAt = m.wall.Add(liveFlushEvery)
		m.updating = true
	}
	m.offerFrom = batchSize
	if !m.out.offer(m.sink) {
		m.offerFrom = m.out.waiting + batchSize
		m.updating = false
		return
	}
	m.update(m.sink.Offer)
}

// update passes open flows to take, for up to pauseBudget.
func (m *Meter) update(take func([]flow.Record) bool) {
	for m.updating {
		m.updating = m.engine.exportChanged(take)
		if m.now().Sub(m.wall) >= pauseBudget {
			return
		}
	}
}

// deliverWaiting is the same for a file or a stream, and waits for the sink.
func (m *Meter) deliverWaiting(ctx context.Context, flush bool) error {
	err := m.out.put(ctx, m.sink)
	if flush {
		m.updating = true
	}
	if err == nil {
		m.update(func(recs []flow.Record) bool {
			err = m.sink.Put(ctx, recs)
			return err == nil
		})
	}
	if flush {
		m.flushAt = m.now().Add(m.flushEvery()) // from now: Put may have blocked
	}
	if m.stream {
		m.check() // while Put blocked, packets may have come that are not read yet: that was not a time without packets
	}
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("export flows of %s: %w", m.src.Name(), err)
	}
	return nil
}

// finish ends and exports all flows when Run ends. why is the error that ended the loop. At the
// end of a file or stream it takes as long as the sink needs, else finalWait.
func (m *Meter) finish(ctx context.Context, why error) error {
	m.out.limit = 0
	put := func(ctx context.Context) error { return m.out.put(ctx, m.sink) }
	if why == nil && !m.isInterface() && m.endAll(ctx, put) == nil {
		return nil
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), m.finalWait)
	defer cancel()
	var refused error
	_ = m.endAll(last, func(ctx context.Context) error {
		refused = cmp.Or(refused, m.out.putOrDrop(ctx, m.sink))
		return nil // never fails: refused has the error
	})
	if refused != nil && why == nil {
		why = fmt.Errorf("export the last flows of %s: %w", m.src.Name(), refused)
	}
	return why
}

// endAll ends all flows, a batch at a time. If put fails it stops, and another call continues.
func (m *Meter) endAll(ctx context.Context, put func(context.Context) error) error {
	for done := false; !done; {
		done = m.engine.expire()
		if err := put(ctx); err != nil {
			return err
		}
	}
	for slots := range slices.Chunk(m.engine.remainingFlows(), batchSize) {
		m.engine.endLast(slots)
		if err := put(ctx); err != nil {
			return err
		}
	}
	return put(ctx)
}
