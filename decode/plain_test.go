package decode

import (
	"fmt"
	"testing"

	"weir/flow"
)

// headerByHeader decodes an Ethernet frame without the short cut.
func headerByHeader(d *Decoder, frame []byte, wire int, r *Result) {
	var w walk
	w.r, w.opts, w.iface = r, d.opts, 7
	r.Skip = w.ethernet(frame, max(wire, len(frame)))
}

// checkPlain reports what plain, if it takes the frame, makes of it that going
// from header to header does not.
func checkPlain(d *Decoder, frame []byte, wire int) (taken bool, err error) {
	got, want := dirtyResult(), new(Result)
	if !mayBePlain(frame) || !d.plain(frame, wire, 7, got) {
		return false, nil
	}
	headerByHeader(d, frame, wire, want)
	if got.N != want.N || got.Skip != want.Skip || got.HasQuoted != want.HasQuoted || want.HasQuoted && got.Quoted != want.Quoted {
		return true, fmt.Errorf("plain gives %d packets, %q, quoted %v; header by header it is %d, %q, %v",
			got.N, got.Skip, got.HasQuoted, want.N, want.Skip, want.HasQuoted)
	}
	for i := range want.N {
		if got.Packets[i] != want.Packets[i] {
			return true, fmt.Errorf("packet %d is %+v by plain and %+v header by header", i, got.Packets[i], want.Packets[i])
		}
	}
	return true, nil
}

// The frames of every capture there is, as they were captured and cut shorter.
// TestDamagedFramesKeepTheInvariants and the fuzzer do the same with damaged ones.
func TestPlainFramesAreReadLikeAnyOther(t *testing.T) {
	frames := firstFrames(t)
	taken, cuts := 0, 0
	for _, f := range frames {
		for n := range min(len(f.data), 120) + 1 {
			for _, d := range []*Decoder{New(Options{}), New(Options{IgnoreTunnel: true}), New(Options{OuterOnly: true})} {
				cuts++
				is, err := checkPlain(d, f.data[:len(f.data)-n], f.wire)
				if err != nil {
					t.Fatalf("%v\nall but %d of %x, wire length %d, %+v", err, n, f.data, f.wire, d.opts)
				}
				if is {
					taken++
				}
			}
		}
	}
	t.Logf("%d of %d cuts of %d frames were plain", taken, cuts, len(frames))
}

func TestWhatIsPlain(t *testing.T) {
	const payload = "00 00 00 00 00 00 00 00 00 00 00 00"
	udp4 := inIPv4(17, inUDP(50000, 53, octets(t, payload)))
	for _, c := range []struct {
		name  string
		frame []byte
		want  bool
	}{
		{"TCP", octets(t, ethIPv4, tcpSYN), true},
		{"UDP", append(octets(t, ethIPv4), udp4...), true},
		{"UDP over IPv6", append(octets(t, ethIPv6), inIPv6(17, inUDP(50000, 53, octets(t, payload)))...), true},
		{"VXLAN", append(octets(t, ethIPv4), inIPv4(17, inUDP(50000, portVXLAN, octets(t, headerVXLAN, ethIPv4, tcpSYN)))...), true},
		{"GTP-U to everybody", append(octets(t, "ff ff ff ff ff ff  00 00 5e 00 53 02  08 00"), inIPv4(17, inUDP(50000, portGTPU, octets(t, headerGTPU, tcpSYN)))...), true},
		{"ICMP", append(octets(t, ethIPv4), inIPv4(1, inICMP(8, 0, 7, octets(t, payload)))...), false},
		{"a VLAN tag", octets(t, macs, "81 00 00 64 08 00", tcpSYN), false},
		{"a TCP header without its last octet", octets(t, ethIPv4, tcpSYN)[:53], false},
	} {
		if is, err := checkPlain(New(Options{}), c.frame, len(c.frame)); is != c.want || err != nil {
			t.Errorf("%s: plain %v, want %v; %v", c.name, is, c.want, err)
		}
	}
}

// A port that udpTunnel knows and plain doesn't would hide what is in the tunnel.
func TestEveryTunnelPortIsKnownToPlain(t *testing.T) {
	d, tunnels := New(Options{}), map[int]bool{}
	var r Result
	for name, c := range tunnelled(t) {
		if c.frame[0] != 0x45 || flow.Proto(c.frame[9]) != flow.UDP {
			continue
		}
		frame := append(octets(t, ethIPv4), c.frame...)
		for port := range 1 << 16 {
			frame[36], frame[37] = byte(port>>8), byte(port)
			if taken, err := checkPlain(d, frame, len(frame)); !taken || err != nil {
				t.Fatalf("%s at port %d: plain %v, %v", name, port, taken, err)
			}
			if d.Decode(linkEthernet, frame, len(frame), 7, &r); r.N > 1 {
				tunnels[port] = true
			}
		}
	}
	if len(tunnels) < 8 {
		t.Errorf("tunnels were seen at no ports but %v", tunnels)
	}
}
