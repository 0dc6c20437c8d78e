package cli

import (
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"weir/flow"
)

// send writes n bytes at one end of a connection and reads them at the other.
func send(t *testing.T, from, to *net.TCPConn, n int) {
	t.Helper()
	failed := make(chan error, 1)
	go func() {
		_, err := from.Write(make([]byte, n))
		failed <- err
	}()
	if _, err := io.CopyN(io.Discard, to, int64(n)); err != nil {
		t.Fatal(err)
	}
	if err := <-failed; err != nil {
		t.Fatal(err)
	}
}

func readEOF(t *testing.T, c *net.TCPConn) {
	t.Helper()
	if n, err := c.Read(make([]byte, 1)); err != io.EOF {
		t.Fatalf("read %d bytes, %v, want the end", n, err)
	}
}

// wantFlow compares a flow with what the kernel counted at the interface and, unless nil, in the client's
// connection.
func wantFlow(t *testing.T, r *flow.Record, verdict flow.Verdict, seen traffic, client *unix.TCPInfo) {
	t.Helper()
	if r.Verdict != verdict || r.Src.Addr.String() != hereAddr || r.Direction != flow.BySyn {
		t.Errorf("flow %d is %s from %s by %s, want %s from %s by its SYN", r.ID, r.Verdict, r.Src.Addr, r.Direction, verdict, hereAddr)
	}
	if r.Sent != seen.out || r.Recv != seen.in {
		t.Errorf("flow %d sent %v and received %v, the kernel counted %v and %v", r.ID, r.Sent, r.Recv, seen.out, seen.in)
	}
	if client != nil && (r.Sent.Packets != uint64(client.Segs_out) || r.Recv.Packets != uint64(client.Segs_in)) {
		t.Errorf("flow %d: %d segments sent, %d received; the client's connection counted %d and %d", r.ID, r.Sent.Packets, r.Recv.Packets, client.Segs_out, client.Segs_in)
	}
}

func TestARefusedConnectionIsOneFlowAndTheNextOneAnother(t *testing.T) {
	t.Parallel()
	w := newWire(t)
	start := at(t, w.here, hereIf)
	if _, refused := w.dial(t, 40_001, thereAddr+":7001"); !refused {
		t.Fatal("the closed port accepted")
	}
	between := at(t, w.here, hereIf)
	client, server := w.connect(t, 40_001, listen(t, w.there, thereAddr, 7001))
	send(t, client, server, 1000)
	send(t, server, client, 30_000)
	info := closeBoth(t, client, server, client)
	end := at(t, w.here, hereIf)
	all := w.stop(t, 2)
	wantFlow(t, &all[0], flow.Refused, between.minus(start), nil)
	wantFlow(t, &all[1], flow.Closed, end.minus(between), info)
}

func TestAnInjectedResetOutsideTheWindowEndsNoFlow(t *testing.T) {
	t.Parallel()
	w := newWire(t)
	start := at(t, w.here, hereIf)
	client, server := w.connect(t, 40_002, listen(t, w.there, thereAddr, 7002))
	send(t, client, server, 200_000)
	w.injectReset(t, client, server)
	send(t, client, server, 300_000)
	send(t, server, client, 5)
	info := closeBoth(t, client, server, client)
	end := at(t, w.here, hereIf)
	all := w.stop(t, 1)
	wantFlow(t, &all[0], flow.Closed, end.minus(start), info)
	if r := all[0]; r.SrcSide.Payload != 500_000 || r.DstSide.Payload != 5 || !r.DstSide.Flags.Has(flow.RST) {
		t.Errorf("payload %d and %d, flags of the destination %s, want the RST counted", r.SrcSide.Payload, r.DstSide.Payload, r.DstSide.Flags)
	}
}

// injectReset sends the client a RST in the name of the server, 2^31 behind what it expects.
func (w *wire) injectReset(t *testing.T, client, server *net.TCPConn) {
	t.Helper()
	b := binary.BigEndian.AppendUint16(nil, server.LocalAddr().(*net.TCPAddr).AddrPort().Port())
	b = binary.BigEndian.AppendUint16(b, client.LocalAddr().(*net.TCPAddr).AddrPort().Port())
	b = binary.BigEndian.AppendUint32(b, nextSeq(t, server)+1<<31)
	b = append(b, 0, 0, 0, 0, 5<<4, 4, 0, 0, 0, 0, 0, 0) // acknowledgment, length in words, RST, window, checksum, urgent
	pseudo := append(netip.MustParseAddr(thereAddr).AsSlice(), netip.MustParseAddr(hereAddr).AsSlice()...)
	pseudo = append(pseudo, 0, unix.IPPROTO_TCP, 0, byte(len(b)))
	binary.BigEndian.PutUint16(b[16:], ^checksum(append(pseudo, b...)))
	raw := rawIP(t, w.there, thereAddr, unix.IPPROTO_TCP)
	if _, err := raw.WriteTo(b, &net.IPAddr{IP: net.ParseIP(hereAddr)}); err != nil {
		t.Fatal(err)
	}
}

// nextSeq returns the next sequence number that a quiet connection will send (TCP_REPAIR, tcp(7)).
func nextSeq(t *testing.T, c *net.TCPConn) (seq uint32) {
	t.Helper()
	raw, err := c.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	const sendQueue, offWithoutProbe = 2, -1
	var failed error
	err = raw.Control(func(fd uintptr) {
		set := func(option, value int) {
			if err := unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, option, value); err != nil && failed == nil {
				failed = err
			}
		}
		set(unix.TCP_REPAIR, 1)
		set(unix.TCP_REPAIR_QUEUE, sendQueue)
		n, err := unix.GetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_QUEUE_SEQ)
		if err != nil && failed == nil {
			failed = err
		}
		seq = uint32(n)
		set(unix.TCP_REPAIR, offWithoutProbe)
	})
	if err != nil || failed != nil {
		t.Fatal(err, failed)
	}
	return seq
}

// rawIP opens a raw socket for packets of one protocol.
func rawIP(t *testing.T, ns, addr string, proto int) *net.IPConn {
	t.Helper()
	c := within(t, ns, func() (*net.IPConn, error) {
		return net.ListenIP("ip4:"+map[int]string{unix.IPPROTO_TCP: "6", unix.IPPROTO_SCTP: "132"}[proto], &net.IPAddr{IP: net.ParseIP(addr)})
	})
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestPortsUsedAgainInTimeWaitAreAnotherFlow(t *testing.T) {
	t.Parallel()
	w := newWire(t)
	at7003 := listen(t, w.there, thereAddr, 7003)
	start := at(t, w.here, hereIf)
	client, server := w.connect(t, 40_003, at7003)
	send(t, client, server, 700)
	send(t, server, client, 20_000)
	first := closeBoth(t, server, client, client) // TIME-WAIT is at the server, whose kernel accepts the next SYN
	_ = client.Close()
	if !strings.Contains(procNet(t, w.there, "sockstat"), " tw 1 ") {
		t.Fatalf("the server is not in TIME-WAIT:\n%s", procNet(t, w.there, "sockstat"))
	}
	between := at(t, w.here, hereIf)
	client, server = w.connect(t, 40_003, at7003)
	send(t, client, server, 90_000)
	second := closeBoth(t, client, server, client)
	end := at(t, w.here, hereIf)
	all := w.stop(t, 2)
	wantFlow(t, &all[0], flow.Closed, between.minus(start), first)
	wantFlow(t, &all[1], flow.Closed, end.minus(between), second)
}

func TestKeepAlivesAreNeitherRetransmissionsNorLosses(t *testing.T) {
	t.Parallel()
	w := newWire(t)
	start := at(t, w.here, hereIf)
	client, server := w.connect(t, 40_004, listen(t, w.there, thereAddr, 7004))
	send(t, client, server, 1000)
	raw, err := client.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	err = raw.Control(func(fd uintptr) {
		for _, o := range [...][3]int{{unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1}, {unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, 1}, {unix.IPPROTO_TCP, unix.TCP_KEEPINTVL, 1}} {
			if err := unix.SetsockoptInt(int(fd), o[0], o[1], o[2]); err != nil {
				t.Error(err)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	before := tcpInfo(t, client)
	waitFor(t, "two answered keep-alives", func() bool {
		now := tcpInfo(t, client)
		return now.Segs_out >= before.Segs_out+2 && now.Segs_in >= before.Segs_in+2
	})
	send(t, server, client, 1000)
	info := closeBoth(t, client, server, client)
	end := at(t, w.here, hereIf)
	all := w.stop(t, 1)
	r := &all[0]
	wantFlow(t, r, flow.Closed, end.minus(start), info)
	if r.Retransmitted().Packets != 0 || r.OutOfOrder() != 0 || info.Total_retrans != 0 {
		t.Errorf("%d segments count as retransmitted, %d as out of order, want none; the kernel counted %d", r.Retransmitted().Packets, r.OutOfOrder(), info.Total_retrans)
	}
	if r.SrcSide.Payload != 1000 || r.DstSide.Payload != 1000 {
		t.Errorf("payload %d and %d, want 1000 each", r.SrcSide.Payload, r.DstSide.Payload)
	}
}
