package capture

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/gopacket/gopacket/afpacket"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// liveSource is a network interface. Frames come through a ring that is shared
// with the kernel (TPACKET_V3).
//
// Each frame is copied out of the ring. It is a few hundred octets beside the
// 2 µs that the kernel spends on it, and it lets Close unmap the ring while
// the frame is still looked at.
type liveSource struct {
	oneInterface
	link LinkType
	snap int

	frames, octets, drops atomic.Uint64
	closed                atomic.Bool

	mu    sync.Mutex        // held by Next while it reads, guards what follows
	ring  *afpacket.TPacket // nil when released
	buf   []byte            // of the last frame
	asked int               // frames since the kernel was asked for its drops
	seen  uint32            // drops that afpacket has counted, wraps around
	err   error             // what ended the source
}

// OpenLive captures on a network interface, which has to be up.
//
// The error is or wraps ErrPermission, ErrNotSupported or a
// *UnknownInterfaceError where that is why. Next returns an error when the
// interface goes down or is removed. VLAN tags that the hardware took off are
// back in the frames. Packets that the kernel or the hardware merged or has not
// yet cut (GRO, TSO) come as they are, with WireLen far beyond the interface's
// MTU.
//
// Close makes a blocked Next return within IdleInterval.
func OpenLive(cfg LiveConfig) (Source, error) {
	i, err := findInterface(cfg.Interface)
	if err != nil {
		return nil, err
	}
	if !i.Up {
		return nil, fmt.Errorf("capture on %q: the interface is down: `ip link set %s up` starts it", i.Name, i.Name)
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
	s := &liveSource{oneInterface: oneInterface{i.Name}, link: link, snap: cfg.Snaplen, ring: ring}
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

// configure attaches the filter and turns promiscuous mode on.
func (s *liveSource) configure(loopback, promiscuous bool) error {
	filter, err := bpf.Assemble(filterProgram(loopback, s.snap))
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

// filterProgram cuts frames at snap octets. A frame passes the loopback
// interface twice, going out and coming in: there it drops the former.
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
	case errors.Is(err, afpacket.ErrTimeout):
		s.askDrops()
		return ErrIdle
	case err != nil:
		s.askDrops()
		s.err = s.explain(err)
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
	if s.asked++; s.asked >= dropsEvery {
		s.askDrops()
	}
	return nil
}

// explain says why the ring cannot be read any more. The kernel reports both an
// interface that goes down and one that is removed as an error of the socket.
func (s *liveSource) explain(err error) error {
	if !errors.Is(err, afpacket.ErrPoll) {
		return fmt.Errorf("capture on %q: %w", s.name, err)
	}
	if _, err := findInterface(s.name); err != nil {
		return fmt.Errorf("capture on %q: the interface was removed", s.name)
	}
	return fmt.Errorf("capture on %q: the interface went down", s.name)
}

// askDrops updates the count of frames that found the ring full. The kernel
// clears its count when it is asked; afpacket adds it up in 32 bits.
func (s *liveSource) askDrops() {
	s.asked = 0
	_, stats, err := s.ring.SocketStats()
	if err != nil {
		return // the count stays what it was
	}
	now := uint32(stats.Drops())
	s.drops.Add(uint64(now - s.seen))
	s.seen = now
}

func (s *liveSource) Stats() Stats {
	return Stats{Frames: s.frames.Load(), Octets: s.octets.Load(), KernelDrops: s.drops.Load()}
}

// Close must not unmap the ring under a Next that reads it (afpacket doesn't
// look), nor need it wait for one: whoever comes last releases it.
func (s *liveSource) Close() error {
	s.closed.Store(true)
	s.release()
	return nil
}

func (s *liveSource) release() {
	if !s.mu.TryLock() {
		return // Next is reading, and releases when it is done
	}
	defer s.mu.Unlock()
	if s.ring != nil {
		s.askDrops()
		s.ring.Close()
		s.ring = nil
	}
}

// linkType finds out what the frames of an interface start with.
func linkType(name string) (LinkType, error) {
	kind, err := hardwareType(name)
	if err != nil {
		return 0, fmt.Errorf("capture on %q: find its link type: %w", name, err)
	}
	link, ok := linkTypes(kind)
	if !ok {
		return 0, fmt.Errorf("capture on %q: its link type (ARPHRD %d) is not supported: capture on the interface below or above it", name, kind)
	}
	return link, nil
}

// linkTypes maps ARPHRD_ values (linux/if_arp.h) to LINKTYPE_ values.
func linkTypes(kind uint16) (LinkType, bool) {
	const ethernet, rawIP, radiotap = 1, 101, 127
	switch kind {
	case unix.ARPHRD_ETHER, unix.ARPHRD_LOOPBACK:
		return ethernet, true
	case unix.ARPHRD_NONE, unix.ARPHRD_RAWIP, // tun, WireGuard, modems
		unix.ARPHRD_TUNNEL, unix.ARPHRD_TUNNEL6, unix.ARPHRD_SIT, // IP in IP
		unix.ARPHRD_IPGRE, unix.ARPHRD_IP6GRE, // the inner packet, or the outer one if it has no fixed peer
		unix.ARPHRD_PPP: // ppp_generic takes the protocol field off
		return rawIP, true
	case unix.ARPHRD_IEEE80211_RADIOTAP: // a monitor
		return radiotap, true
	}
	return 0, false
}

// hardwareType asks the kernel for an interface's ARPHRD_ value.
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
