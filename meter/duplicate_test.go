package meter

import (
	"testing"
	"time"

	"weir/internal/pkttest"
)

const us = time.Microsecond

// seeFrame lets a frame pass at a time after epoch.
func (l *lab) seeFrame(at time.Duration, f pkttest.Frame) {
	next := frame{time: epoch.Add(at).UnixNano()}
	l.decoder.Decode(f.Link, f.Data, f.WireLen, 0, &next.result)
	l.observe([]frame{next})
}

// The second copy comes 3 µs after the first, or after another frame and its copy.
func TestFramesThatAMirrorPassesTwiceCountOnce(t *testing.T) {
	frames := pkttest.Between(epoch, "10.0.0.1:40000", "10.0.0.2:80").Handshake().Send(3000).Recv(30_000).Close().Frames()
	once, twice, crossed := newLab(t, Config{}), newLab(t, Config{}), newLab(t, Config{})
	other := pkttest.Raw().IPv4("10.0.0.9", "10.0.0.8").UDP(1, 2).Payload(20)
	for i, f := range frames {
		at := f.Time.Sub(epoch)
		once.seeFrame(at, f)
		twice.seeFrame(at, f)
		twice.seeFrame(at+3*us, f)
		crossed.seeFrame(at, f)
		crossed.see(at+10*us, other.IPID(uint16(2*i+1)))
		crossed.see(at+20*us, other.IPID(uint16(2*i+1)))
		crossed.seeFrame(at+30*us, f)
	}
	want, n := once.only(), uint64(len(frames))
	equal(t, "duplicates without a mirror", once.duplicates.n, 0)
	equal(t, "record of frames that passed twice", twice.only(), want)
	equal(t, "duplicates", twice.duplicates.n, n)
	equal(t, "record of frames that passed twice, between others", crossed.open()[0], want)
	equal(t, "packets of the others", crossed.open()[1].Sent.Packets, n)
	equal(t, "duplicates, with the others", crossed.duplicates.n, 2*n)
}

func TestOnlyWhatCanOnlyBeACopyIsADuplicate(t *testing.T) {
	const client6, server6 = "fd00::1", "fd00::2"
	data := up().PSH().Seq(1001).ACK(5001).Payload(100)
	up6 := func() pkttest.Packet { return pkttest.Raw().IPv6(client6, server6).TCP(40000, 80) }
	data6 := up6().PSH().Seq(1001).ACK(5001).Payload(100)
	query := pkttest.Raw().IPv4(client, server).UDP(40000, 53).Payload(30)
	inVNI := func(vni uint32) pkttest.Packet {
		return pkttest.Eth().IPv4("192.0.2.1", "192.0.2.2").UDP(50000, 4789).Checksum(0).VXLAN(vni).Eth().IPv4(client, server).TCP(40000, 80).SYN().Seq(7)
	}
	later := pkttest.Raw().IPv4(client, server).UDP(40000, 53).Payload(3000).IPID(7).Fragments(1400)[1]
	for _, c := range []struct {
		name          string
		first, second pkttest.Packet
		apart         time.Duration
		want          uint64
	}{
		{"a segment", data, data, 5 * us, 1},
		{"a segment, copies in the wrong order", data, data, -5 * us, 1},
		{"an acknowledgment", ack(), ack(), 5 * us, 1},
		{"a datagram", query, query, time.Duration(duplicateWindow), 1},
		{"a ping", pkttest.Raw().IPv4(client, server).Ping(1, 1), pkttest.Raw().IPv4(client, server).Ping(1, 1), 5 * us, 1},
		{"a packet of SCTP", pkttest.Raw().IPv4(client, server).SCTP(1, 2).Chunk(3), pkttest.Raw().IPv4(client, server).SCTP(1, 2).Chunk(3), 5 * us, 1},
		{"a later fragment", later, later, 5 * us, 1},
		{"a segment in a tunnel", inVNI(7), inVNI(7), 5 * us, 1},
		{"a segment of IPv6", data6, data6, 5 * us, 1},
		{"a SYN of IPv6", up6().SYN().Seq(1), up6().SYN().Seq(1), 5 * us, 1},
		{"a segment without Identification", data.IPID(0), data.IPID(0), 5 * us, 1},

		{"later", data, data, time.Duration(duplicateWindow) + us, 0},
		{"sent again: another Identification", data.IPID(1), data.IPID(2), 5 * us, 0},
		{"sent again over IPv6: after a round trip", data6, data6, time.Duration(duplicateWindowWithoutID) + us, 0},
		{"sent again over IPv6: another timestamp", data6.Checksum(1), data6.Checksum(2), 5 * us, 0},
		{"another sequence number, no valid checksum", data.Checksum(9), up().PSH().Seq(1101).ACK(5001).Payload(100).Checksum(9), 5 * us, 0},
		{"forwarded", data.TTL(64), data.TTL(63), 5 * us, 0},
		{"a duplicate acknowledgment over IPv6", up6().Seq(1001).ACK(5001), up6().Seq(1001).ACK(5001), 5 * us, 0},
		{"a reset for each segment", down().RST().Seq(1).IPID(0), down().RST().Seq(1).IPID(0), 5 * us, 0},
		{"a datagram without Identification", query.IPID(0), query.IPID(0), 5 * us, 0},
		{"a datagram of IPv6", pkttest.Raw().IPv6(client6, server6).UDP(1, 2), pkttest.Raw().IPv6(client6, server6).UDP(1, 2), 5 * us, 0},
		{"a datagram without checksum", query.Checksum(0), query.Checksum(0), 5 * us, 0},
		{"a datagram that is reflected", query, pkttest.Raw().IPv4(server, client).UDP(53, 40000).Payload(30), 5 * us, 0},
		{"the same in another tunnel", inVNI(7), inVNI(8), 5 * us, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLab(t, Config{})
			l.duplicates.on = true
			l.see(1*sec, c.first)
			l.see(1*sec+c.apart, c.second)
			equal(t, "duplicates", l.duplicates.n, c.want)
		})
	}
}

// All frames are compared as soon as the first frame of a flow is repeated, also those of the same batch.
func TestDuplicatesAreRecognizedFromTheFirstOn(t *testing.T) {
	l := newLab(t, Config{})
	var batch []frame
	for i := range 20 {
		for copied := range 2 {
			f := frame{time: epoch.Add(time.Duration(i)*ms + time.Duration(copied)*3*us).UnixNano()}
			b := up().IPID(uint16(i)).Seq(uint32(1001 + 10*i)).ACK(5001).Payload(10).Bytes()
			l.decoder.Decode(up().Link(), b, len(b), 0, &f.result)
			batch = append(batch, f)
		}
	}
	l.observe(batch)
	equal(t, "duplicates", l.duplicates.n, 20)
	equal(t, "packets", l.only().Sent.Packets, 20)
}

func TestComparingEndsWhenThereAreNoCopies(t *testing.T) {
	l := newLab(t, Config{})
	l.see(0, udp(5000, 5001))
	l.see(3*us, udp(5000, 5001))
	equal(t, "comparing after a copy", l.duplicates.on, true)
	for i := range duplicateQuiet {
		l.see(sec+time.Duration(i)*ms, udp(5000, 5001))
	}
	equal(t, "comparing afterwards", l.duplicates.on, false)
	l.see(2*time.Hour, udp(6000, 5001))
	l.see(2*time.Hour+3*us, udp(6000, 5001))
	equal(t, "comparing after another copy", l.duplicates.on, true)
	equal(t, "duplicates", l.duplicates.n, 2)
}

// A host may give all packets the same Identification (RFC 6864 section 4.1).
func TestRepeatedIdentificationIdentifiesNothing(t *testing.T) {
	l := newLab(t, Config{})
	for i := range 5 {
		l.see(time.Duration(i)*ms, up().Seq(uint32(1001+i)).ACK(5001))
	}
	for i := range 3 { // the receiver misses a segment
		l.see(10*ms+time.Duration(i)*5*us, up().Seq(1005).ACK(5001))
	}
	equal(t, "duplicates", l.duplicates.n, 0)
	equal(t, "packets", l.only().Sent.Packets, 8)
}

func TestEachInterfaceSeesAFrameOnce(t *testing.T) {
	l := newLab(t, Config{})
	l.seeOn(0, 0, syn())
	l.seeOn(1, 5*us, syn()) // a bridge
	equal(t, "duplicates", l.duplicates.n, 0)
	equal(t, "records", len(l.open()), 2)
}
