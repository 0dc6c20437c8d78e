package meter

import (
	"bufio"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"weir/flow"
)

// mixWriter writes a capture of traffic as it is on a busy link, frames cut at
// mixSnap octets: 70 % of the flows TCP with handshake and close, 25 % UDP, 5 %
// ICMP; a sixth of all IPv6. Half of the flows have 2 to 4 packets, a seventh
// 20 to 50, and mixActive of them take turns at random.
type mixWriter struct {
	rng    *rand.Rand
	out    *bufio.Writer
	flows  int
	active []mixFlow
	now    int64
}

const (
	mixSnap   = 96
	mixActive = 20_000
	mixGap    = 50_000 // ns from packet to packet on average: 20,000 a second
)

// mixFlow is the part of one flow that is still to be sent.
type mixFlow struct {
	n          int // number of the flow, which makes its addresses
	proto      flow.Proto
	sent, left int
	next       [2]uint32 // sequence number of the next segment of each side
}

// mixFile writes a capture of the given number of packets and about a tenth as many
// flows, and returns its path.
func mixFile(tb testing.TB, packets int) string {
	path := filepath.Join(tb.TempDir(), "mix.pcap")
	file, err := os.Create(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer file.Close()
	if err := writeMix(file, packets); err != nil {
		tb.Fatal(err)
	}
	return path
}

func writeMix(w io.Writer, packets int) error {
	m := mixWriter{rng: rand.New(rand.NewPCG(1, 1)), out: bufio.NewWriterSize(w, 1<<20), now: epoch.UnixNano()}
	head := binary.LittleEndian.AppendUint32(nil, 0xa1b23c4d) // ns
	head = binary.LittleEndian.AppendUint32(head, 4<<16|2)
	head = append(head, make([]byte, 8)...)
	head = binary.LittleEndian.AppendUint32(head, mixSnap)
	head = binary.LittleEndian.AppendUint32(head, 1) // Ethernet
	if _, err := m.out.Write(head); err != nil {
		return err
	}
	m.active = make([]mixFlow, min(mixActive, max(1, packets/100)))
	for range packets {
		f := &m.active[m.rng.IntN(len(m.active))]
		if f.left == 0 {
			*f = m.begin()
		}
		if err := m.packet(f); err != nil {
			return err
		}
	}
	return m.out.Flush()
}

// begin makes up the next flow.
func (m *mixWriter) begin() mixFlow {
	f := mixFlow{n: m.flows, proto: flow.TCP, next: [2]uint32{uint32(m.flows) * 7, uint32(m.flows) * 11}}
	m.flows++
	switch p := m.rng.IntN(100); {
	case p < 50:
		f.left = 2 + m.rng.IntN(3)
	case p < 85:
		f.left = 6 + m.rng.IntN(7)
	default:
		f.left = 20 + m.rng.IntN(31)
	}
	switch p := m.rng.IntN(100); {
	case p < 5:
		f.proto = flow.ICMP
	case p < 30:
		f.proto = flow.UDP
	}
	return f
}

// packet writes the next packet of f.
func (m *mixWriter) packet(f *mixFlow) error {
	reply := f.sent%2 == 1
	payload := 0
	if f.proto != flow.TCP || f.sent > 2 && f.left > 3 {
		payload = m.rng.IntN(1400)
	}
	body := m.transport(f, reply, payload)
	f.sent++
	f.left--
	frame := m.network(f, reply, body, payload)
	wire := len(frame) + payload
	frame = append(frame, make([]byte, min(payload, max(0, mixSnap-len(frame))))...)

	m.now += m.rng.Int64N(2 * mixGap)
	var record [16]byte
	binary.LittleEndian.PutUint32(record[0:], uint32(m.now/1e9))
	binary.LittleEndian.PutUint32(record[4:], uint32(m.now%1e9))
	binary.LittleEndian.PutUint32(record[8:], uint32(len(frame)))
	binary.LittleEndian.PutUint32(record[12:], uint32(wire))
	if _, err := m.out.Write(record[:]); err != nil {
		return err
	}
	_, err := m.out.Write(frame)
	return err
}

// transport returns the header of TCP, UDP or an ICMP echo that is followed by payload bytes.
func (m *mixWriter) transport(f *mixFlow, reply bool, payload int) []byte {
	client, server := uint16(32768+f.n%28_000), []uint16{443, 80, 53, 22, 8443}[f.n%5]
	if reply {
		client, server = server, client
	}
	ports := binary.BigEndian.AppendUint32(nil, uint32(client)<<16|uint32(server))
	switch f.proto {
	case flow.UDP:
		return binary.BigEndian.AppendUint32(ports, uint32(8+payload)<<16)
	case flow.ICMP:
		kind := byte(8)
		if reply {
			kind = 0
		}
		return []byte{kind, 0, 0, 0, byte(f.n >> 8), byte(f.n), 0, 1}
	}
	flags, from, more := flow.ACK, 0, uint32(payload)
	if reply {
		from = 1
	}
	switch {
	case f.sent == 0:
		flags, more = flow.SYN, 1
	case f.sent == 1:
		flags, more = flow.SYN|flow.ACK, 1
	case f.left == 2 || f.left == 3:
		flags, more = flow.FIN|flow.ACK, 1
	}
	h := binary.BigEndian.AppendUint32(ports, f.next[from])
	h = binary.BigEndian.AppendUint32(h, f.next[1-from])
	f.next[from] += more
	return append(h, 5<<4, byte(flags), 0xff, 0xff, 0, 0, 0, 0)
}

// network puts Ethernet and IP headers in front of body.
func (m *mixWriter) network(f *mixFlow, reply bool, body []byte, payload int) []byte {
	client, server := 10<<24|uint32(f.n), 192<<24|uint32(f.n*2_654_435_761)>>20
	if reply {
		client, server = server, client
	}
	frame := make([]byte, 12, mixSnap)
	length := uint16(len(body) + payload)
	if f.n%6 == 0 && f.proto != flow.ICMP {
		frame = append(frame, 0x86, 0xdd, 0x60, 0, 0, 0)
		frame = binary.BigEndian.AppendUint16(frame, length)
		frame = append(frame, byte(f.proto), 64)
		for _, host := range []uint32{client, server} {
			frame = append(frame, 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0)
			frame = binary.BigEndian.AppendUint32(frame, host)
		}
		return append(frame, body...)
	}
	frame = append(frame, 0x08, 0x00, 0x45, 0)
	frame = binary.BigEndian.AppendUint16(frame, length+20)
	frame = append(frame, byte(f.sent>>8), byte(f.sent), 0x40, 0, 64, byte(f.proto), 0, 0)
	frame = binary.BigEndian.AppendUint32(frame, client)
	frame = binary.BigEndian.AppendUint32(frame, server)
	return append(frame, body...)
}
