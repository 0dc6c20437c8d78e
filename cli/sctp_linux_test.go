package cli

import (
	"encoding/binary"
	"hash/crc32"
	"net"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"weir/flow"
)

// Chunk types of SCTP (RFC 9260 section 3.2).
const (
	sctpData = iota
	sctpInit
	sctpInitAck
	sctpSack
	_
	_
	sctpAbort
	sctpShutdown
	sctpShutdownAck
	_
	sctpCookieEcho
	sctpCookieAck
	_
	_
	sctpShutdownComplete
)

// sctpEnd is one end of an association, in user space: this kernel may have no SCTP.
type sctpEnd struct {
	*net.IPConn
	peer           string
	port, peerPort uint16
	tag            uint32 // of its packets; the peer's INIT told it
}

func newSCTPEnd(t *testing.T, ns, addr, peer string, port, peerPort uint16) *sctpEnd {
	t.Helper()
	return &sctpEnd{IPConn: rawIP(t, ns, addr, unix.IPPROTO_SCTP), peer: peer, port: port, peerPort: peerPort}
}

// chunk returns a chunk with its value, padded to words.
func chunk(typ, flags byte, value []byte) []byte {
	b := binary.BigEndian.AppendUint16([]byte{typ, flags}, uint16(4+len(value)))
	b = append(b, value...)
	return append(b, make([]byte, -len(b)&3)...)
}

// words returns numbers of 32 bits in network order.
func words(all ...uint32) (b []byte) {
	for _, n := range all {
		b = binary.BigEndian.AppendUint32(b, n)
	}
	return b
}

// send sends a packet of chunks, and waits until the peer has it.
func (e *sctpEnd) send(t *testing.T, to *sctpEnd, chunks ...[]byte) {
	t.Helper()
	b := binary.BigEndian.AppendUint16(nil, e.port)
	b = binary.BigEndian.AppendUint16(b, e.peerPort)
	b = append(b, words(e.tag, 0)...)
	for _, c := range chunks {
		b = append(b, c...)
	}
	binary.LittleEndian.PutUint32(b[8:], crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)))
	if _, err := e.WriteTo(b, &net.IPAddr{IP: net.ParseIP(e.peer)}); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 2000)
	if err := to.SetReadDeadline(time.Now().Add(peerWait)); err != nil {
		t.Fatal(err)
	}
	n, _, err := to.ReadFrom(got)
	if err != nil || string(got[:n]) != string(b) {
		t.Fatalf("received %d bytes, %v, want the %d sent", n, err, len(b))
	}
}

func TestTheSourceOfAnAssociationIsWhoSentItsINIT(t *testing.T) {
	t.Parallel()
	w := newWire(t)
	start := at(t, w.here, hereIf)
	// Ports that tell the opposite.
	client, server := newSCTPEnd(t, w.here, hereAddr, thereAddr, 2905, 50_000), newSCTPEnd(t, w.there, thereAddr, hereAddr, 50_000, 2905)
	const clientTag, serverTag, clientTSN, serverTSN = 0x1111, 0x2222, 100, 900
	client.send(t, server, chunk(sctpInit, 0, words(clientTag, 65_536, 10<<16|10, clientTSN)))
	server.tag = clientTag
	cookie := append([]byte{0, 7, 0, 12}, words(1, 2)...) // State Cookie
	server.send(t, client, chunk(sctpInitAck, 0, append(words(serverTag, 65_536, 10<<16|10, serverTSN), cookie...)))
	client.tag = serverTag
	client.send(t, server, chunk(sctpCookieEcho, 0, cookie[4:]), chunk(sctpData, 3, append(words(clientTSN, 0, 0), make([]byte, 100)...)))
	server.send(t, client, chunk(sctpCookieAck, 0, nil), chunk(sctpSack, 0, words(clientTSN, 65_536, 0)))
	server.send(t, client, chunk(sctpData, 3, append(words(serverTSN, 0, 0), make([]byte, 1300)...)))
	client.send(t, server, chunk(sctpSack, 0, words(serverTSN, 65_536, 0)))
	client.send(t, server, chunk(sctpShutdown, 0, words(serverTSN)))
	server.send(t, client, chunk(sctpShutdownAck, 0, nil))
	client.send(t, server, chunk(sctpShutdownComplete, 0, nil))
	seen := at(t, w.here, hereIf).minus(start)
	r := &w.stop(t, 1)[0]
	wantExchange(t, r, flow.SCTP, hereAddr, 2905, seen)
	if r.Verdict != flow.Answered || seen.out.Packets != 5 || seen.in.Packets != 4 {
		t.Errorf("verdict %s of %d packets and %d, want answered, 5 and 4", r.Verdict, seen.out.Packets, seen.in.Packets)
	}
}

func TestAnINITThatIsAbortedIsRefused(t *testing.T) {
	t.Parallel()
	w := newWire(t)
	start := at(t, w.there, thereIf)
	// The server is here, where the capture is: who is captured doesn't matter.
	client, server := newSCTPEnd(t, w.there, thereAddr, hereAddr, 2905, 50_000), newSCTPEnd(t, w.here, hereAddr, thereAddr, 50_000, 2905)
	client.send(t, server, chunk(sctpInit, 0, words(7, 65_536, 10<<16|10, 1)))
	server.tag = 7
	server.send(t, client, chunk(sctpAbort, 0, nil))
	r := &w.stop(t, 1)[0]
	wantExchange(t, r, flow.SCTP, thereAddr, 2905, at(t, w.there, thereIf).minus(start))
	if r.Verdict != flow.Refused {
		t.Errorf("verdict %s, want refused", r.Verdict)
	}
}

// wantExchange compares source and counters of a flow with those of the interface of its source.
func wantExchange(t *testing.T, r *flow.Record, proto flow.Proto, src string, port uint16, seen traffic) {
	t.Helper()
	if r.Proto != proto || r.Src.Addr.String() != src || r.Src.Port != port || r.Direction != flow.ByRequest {
		t.Errorf("a flow of %s from %s:%d by %s, want %s from %s:%d by request", r.Proto, r.Src.Addr, r.Src.Port, r.Direction, proto, src, port)
	}
	if r.Sent != seen.out || r.Recv != seen.in {
		t.Errorf("sent %v and received %v, the kernel counted %v and %v", r.Sent, r.Recv, seen.out, seen.in)
	}
}
