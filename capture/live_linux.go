package capture

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gopacket/gopacket/afpacket"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// liveSource captures on a network interface through a ring buffer shared with the
// kernel (TPACKET_V3).
//
// Each frame is copied out of the ring. Copying a few hundred octets is cheap compared
// to the 2 µs that the kernel spends per frame, and it allows Close to unmap the ring
// while the frame is in use.
type liveSource struct {
	singleInterface
	link    LinkType
	snaplen int

	frames, octets, drops atomic.Uint64
	closed                atomic.Bool
	finish                atomic.Pointer[time.Time] // when Finish was called; nil: not yet

	mu        sync.Mutex        // held by Next while it reads; guards the fields below
	ring      *afpacket.TPacket // nil after release
	buf       []byte            // of the last frame
	sincePoll int               // frames since the last pollDrops
	lastDrops uint32            // drop counter of afpacket at the last pollDrops, wraps around
	lastSeen  uint32            // packet counter of afpacket then, drops included, wraps around
	seen      uint64            // frames that the kernel counted, drops included
	err       error             // why the source ended
}

// OpenLive captures on a network interface, which has to be up.
//
// Its error may wrap ErrPermission, ErrNotSupported or an *UnknownInterfaceError. Next
// returns an error if the interface goes down or is removed. VLAN tags stripped by the
// hardware are restored. Packets that the kernel or the hardware merged or has not yet
// segmented (GRO, TSO) are returned as such, with a WireLen far beyond the MTU of the
// interface.
//
// Close makes a blocked Next return within IdleInterval.
func OpenLive(cfg LiveConfig) (Source, error) {
	i, err := findInterface(cfg.Interface)
	if err != nil {
		return nil, err
	}
	if !i.Up {
		return nil, fmt.Errorf("capture on %q: the interface is down: run `ip link set %s up`", i.Name, i.Name)
	}
	link, err := linkType(i.Name)
	if err != nil {
		return nil, err
	}
	if cfg.RingBytes <= 0 {
		cfg.RingBytes = DefaultRingBytes
	}
	if cfg.Snaplen <= 0 {
		cfg.Snaplen = DefaultSnaplen
	}

	ring, err := openRing(cfg)
	if err != nil {
		return nil, err
	}
	s := &liveSource{singleInterface: singleInterface{i.Name}, link: link, snaplen: cfg.Snaplen, ring: ring}
	if err := s.configure(i.Loopback, cfg.Promiscuous); err != nil {
		ring.Close()
		return nil, fmt.Errorf("capture on %q: %w", i.Name, err)
	}
	return s, nil
}

func openRing(cfg LiveConfig) (*afpacket.TPacket, error) {
	ring, err := afpacket.NewTPacket(
		afpacket.OptInterface(cfg.Interface),
		afpacket.TPacketVersion3,
		afpacket.OptFrameSize(liveBlock), // V3 packs frames of any length into a block
		afpacket.OptBlockSize(liveBlock),
		afpacket.OptNumBlocks(max(2, (cfg.RingBytes+liveBlock-1)/liveBlock)),
		afpacket.OptBlockTimeout(liveRetire),
		afpacket.OptPollTimeout(IdleInterval),
		afpacket.OptAddVLANHeader(true),
	)
	switch {
	case errors.Is(err, unix.EPERM), errors.Is(err, unix.EACCES):
		return nil, permissionError(cfg.Interface)
	case errors.Is(err, unix.EAFNOSUPPORT), errors.Is(err, unix.EPROTONOSUPPORT):
		return nil, fmt.Errorf("capture on %q: %w: this kernel has no packet sockets", cfg.Interface, ErrNotSupported)
	case err != nil:
		return nil, fmt.Errorf("capture on %q with a ring of %d bytes: %w", cfg.Interface, cfg.RingBytes, err)
	}
	return ring, nil
}

// configure attaches the filter and enables promiscuous mode.
func (s *liveSource) configure(loopback, promiscuous bool) error {
	filter, err := bpf.Assemble(filterProgram(loopback, s.snaplen))
	if err != nil {
		return fmt.Errorf("assemble the filter: %w", err)
	}
	if err := s.ring.SetBPF(filter); err != nil {
		return fmt.Errorf("set the filter: %w", err)
	}
	if promiscuous {
		if err := s.ring.SetPromiscuous(true); err != nil {
			return fmt.Errorf("set promiscuous mode: %w", err)
		}
	}
	return nil
}

// filterProgram truncates frames to snap octets. On the loopback interface, which
// passes every frame twice, outgoing and incoming, it drops the outgoing one.
func filterProgram(loopback bool, snap int) []bpf.Instruction {
	keep := bpf.RetConstant{Val: uint32(snap)}
	if !loopback {
		return []bpf.Instruction{keep}
	}
	return []bpf.Instruction{
		bpf.LoadExtension{Num: bpf.ExtType},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.PACKET_OUTGOING, SkipFalse: 1},
		bpf.RetConstant{Val: 0},
		keep,
	}
}

func (s *liveSource) Next(f *Frame) error {
	s.mu.Lock()
	err := s.next(f)
	s.mu.Unlock()
	if s.closed.Load() {
		s.release()
		return errClosed(s.name)
	}
	return err
}

func (s *liveSource) next(f *Frame) error {
	if s.err != nil || s.ring == nil {
		return s.err
	}
	data, ci, err := s.ring.ZeroCopyReadPacketData()
	switch {
	case err == nil && s.isPast(ci.Timestamp), errors.Is(err, afpacket.ErrTimeout) && s.isPast(time.Now().Add(-2*liveRetire)):
		s.pollDrops()
		s.err = errClosed(s.name)
		return s.err
	case errors.Is(err, afpacket.ErrTimeout):
		s.pollDrops()
		return ErrIdle
	case err != nil:
		s.pollDrops()
		s.err = s.readError(err)
		return s.err
	}
	s.buf = append(s.buf[:0], data...)
	f.TimeNS = ci.Timestamp.UnixNano()
	f.Data = s.buf
	f.WireLen = ci.Length
	f.Link = s.link
	f.Interface = 0

	s.frames.Add(1)
	s.octets.Add(uint64(ci.Length))
	if s.sincePoll++; s.sincePoll >= pollDropsEvery {
		s.pollDrops()
	}
	return nil
}

// Finish makes Next return the frames that have arrived so far and then end, as after
// Close. It takes as long as the kernel takes to pass them on, and finishTime at most.
func (s *liveSource) Finish() {
	now := time.Now()
	s.finish.CompareAndSwap(nil, &now)
}

// isPast reports whether a frame, or the end of a wait for one, comes after Finish.
func (s *liveSource) isPast(at time.Time) bool {
	end := s.finish.Load()
	return end != nil && (at.After(*end) || time.Since(*end) > finishTime)
}

// readError explains why the ring can no longer be read. The kernel reports an
// interface that goes down and one that is removed by the same socket error.
func (s *liveSource) readError(err error) error {
	if !errors.Is(err, afpacket.ErrPoll) {
		return fmt.Errorf("capture on %q: %w", s.name, err)
	}
	if _, err := findInterface(s.name); err != nil {
		return fmt.Errorf("capture on %q: the interface was removed", s.name)
	}
	return fmt.Errorf("capture on %q: the interface went down", s.name)
}

// pollDrops updates the number of frames that the kernel dropped because the ring
// was full. The kernel resets its counters on every read; afpacket sums them up in
// 32 bits.
func (s *liveSource) pollDrops() {
	s.sincePoll = 0
	_, stats, err := s.ring.SocketStats()
	if err != nil {
		return // keep the previous count
	}
	now := uint32(stats.Drops())
	s.drops.Add(uint64(now - s.lastDrops))
	s.lastDrops = now
	seen := uint32(stats.Packets())
	s.seen += uint64(seen - s.lastSeen)
	s.lastSeen = seen
}

// countUnread adds the frames that are left in the ring, which will be closed, to the
// dropped ones.
func (s *liveSource) countUnread() {
	s.pollDrops()
	if gone := s.frames.Load() + s.drops.Load(); s.seen > gone {
		s.drops.Add(s.seen - gone)
	}
}

func (s *liveSource) Stats() Stats {
	return Stats{Frames: s.frames.Load(), Octets: s.octets.Load(), KernelDrops: s.drops.Load()}
}

// Close must not unmap the ring while Next reads from it (afpacket does not check),
// and need not wait for Next: the last of the two to finish releases the ring.
func (s *liveSource) Close() error {
	s.closed.Store(true)
	s.release()
	return nil
}

func (s *liveSource) release() {
	if !s.mu.TryLock() {
		return // Next is reading, and releases the ring when it returns
	}
	defer s.mu.Unlock()
	if s.ring != nil {
		s.countUnread()
		s.ring.Close()
		s.ring = nil
	}
}

// linkType returns the link type of the frames of an interface.
func linkType(name string) (LinkType, error) {
	kind, err := hardwareType(name)
	if err != nil {
		return 0, fmt.Errorf("capture on %q: find its link type: %w", name, err)
	}
	link, ok := linkTypeOfARPHRD(kind)
	if !ok {
		return 0, fmt.Errorf("capture on %q: its link type (ARPHRD %d) is not supported: capture on the interface below or above it", name, kind)
	}
	return link, nil
}

// linkTypeOfARPHRD maps ARPHRD_ values (linux/if_arp.h) to LINKTYPE_ values.
func linkTypeOfARPHRD(kind uint16) (LinkType, bool) {
	const ethernet, rawIP, radiotap = 1, 101, 127
	switch kind {
	case unix.ARPHRD_ETHER, unix.ARPHRD_LOOPBACK:
		return ethernet, true
	case unix.ARPHRD_NONE, unix.ARPHRD_RAWIP, // tun, WireGuard, modems
		unix.ARPHRD_TUNNEL, unix.ARPHRD_TUNNEL6, unix.ARPHRD_SIT, // IP in IP
		unix.ARPHRD_IPGRE, unix.ARPHRD_IP6GRE, // the inner packet, or the outer one if the tunnel has no fixed peer
		unix.ARPHRD_PPP: // ppp_generic strips the protocol field
		return rawIP, true
	case unix.ARPHRD_IEEE80211_RADIOTAP: // monitor mode
		return radiotap, true
	}
	return 0, false
}

// hardwareType returns the ARPHRD_ value of an interface.
func hardwareType(name string) (uint16, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	defer unix.Close(fd)
	req, err := unix.NewIfreq(name)
	if err != nil {
		return 0, err
	}
	if err := unix.IoctlIfreq(fd, unix.SIOCGIFHWADDR, req); err != nil {
		return 0, err
	}
	return req.Uint16(), nil // sa_family of the address
}
