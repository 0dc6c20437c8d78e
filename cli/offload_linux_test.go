package cli

import (
	"net"
	"testing"

	"golang.org/x/sys/unix"

	"weir/flow"
)

const (
	bulk = 2_000_000

	// headers is what each segment of a connection with timestamps has before its payload: IPv4 20, TCP 20,
	// the option 12.
	headers = 52
)

// TestBulkOctetsAreTheKernels compares a transfer in each direction with what the kernel counted.
//
// A capture sees packets after the merging of received ones (GRO) and before the division of sent ones
// (TSO). A merged packet has one header in place of several, so packets and octets are fewer than on the
// wire, and what the interface, IP, or the connection counts then differs:
//
//   - no offload: all agree.
//   - TSO: interface and IP count the undivided packets, as the capture does. Only the connection's
//     segments are those of the wire.
//   - GRO: IP counts the merged packets, as the capture does. The interface counts before.
//
// In every case the payload is exact, and the octets that are missing are a header for each packet that is.
func TestBulkOctetsAreTheKernels(t *testing.T) {
	t.Parallel()
	w := newWire(t)
	cases := []*transfer{
		{name: "upload", features: noOffload, upload: true, atInterface: true, connectionSees: true},
		{name: "download", features: noOffload, atInterface: true, connectionSees: true},
		{name: "upload with TSO", features: "tso on gso on gro off", upload: true, atInterface: true},
		{name: "download with GRO", features: "tso off gso off gro on"},
	}
	at7010 := listen(t, w.there, thereAddr, 7010)
	for i, c := range cases {
		w.offload(t, w.here, hereIf, c.features)
		c.run(t, w, uint16(40_010+i), at7010)
	}
	all := w.stop(t, len(cases))
	for i, c := range cases {
		t.Run(c.name, func(t *testing.T) { c.check(t, &all[i]) })
	}
}

// transfer is one of bulk octets, and what the kernel counted of it.
type transfer struct {
	name           string
	features       string // of the interface here
	upload         bool
	atInterface    bool // the interface's statistics are of the packets that the capture sees
	connectionSees bool // so are the connection's segments: nothing is merged

	frames, ip traffic
	info       *unix.TCPInfo
}

func (c *transfer) run(t *testing.T, w *wire, port uint16, listener *net.TCPListener) {
	t.Helper()
	frames, ip := at(t, w.here, hereIf), atIP(t, w.here)
	client, server := w.connect(t, port, listener)
	from, to := server, client
	if c.upload {
		from, to = client, server
	}
	send(t, from, to, bulk)
	c.info = closeBoth(t, client, server, client)
	c.frames, c.ip = at(t, w.here, hereIf).minus(frames), atIP(t, w.here).minus(ip)
}

func (c *transfer) check(t *testing.T, r *flow.Record) {
	t.Logf("weir: sent %v, received %v; interface: %v, %v; IP: %v, %v octets; connection: %d, %d segments",
		r.Sent, r.Recv, c.frames.out, c.frames.in, c.ip.out.Octets, c.ip.in.Octets, c.info.Segs_out, c.info.Segs_in)
	seen, ofClient := c.frames, c.info
	if !c.atInterface {
		seen = traffic{in: flow.Counters{Packets: r.Recv.Packets, Octets: c.ip.in.Octets}, out: c.frames.out}
		wantMerging(t, r.Recv, c.frames.in, uint64(c.info.Segs_in))
	}
	if !c.connectionSees {
		ofClient = nil
		if all := r.Sent.Packets + r.Recv.Packets; all >= uint64(c.info.Segs_out)+uint64(c.info.Segs_in) {
			t.Errorf("%d packets of %d and %d segments, want fewer: nothing was merged", all, c.info.Segs_out, c.info.Segs_in)
		}
	}
	wantFlow(t, r, flow.Closed, seen, ofClient)
	if r.Recv.Octets != c.ip.in.Octets {
		t.Errorf("received %d octets, IP counted %d", r.Recv.Octets, c.ip.in.Octets)
	}
	wantPayload(t, r, c.upload)
}

// wantMerging checks that each received segment of the connection passed the interface, and that merging
// took a header for each packet that it took, and nothing else.
func wantMerging(t *testing.T, seen, wire flow.Counters, segments uint64) {
	t.Helper()
	wire.Octets += 14 * wire.Packets // a veth that merges counts its frames without their Ethernet header
	merged := wire.Packets - seen.Packets
	if wire.Packets != segments || wire.Octets-seen.Octets != merged*headers {
		t.Errorf("%v of %v on the wire, %d segments: %d packets were merged, which is %d octets of headers, not %d",
			seen, wire, segments, merged, merged*headers, wire.Octets-seen.Octets)
	}
}

// wantPayload checks the payload, less what was sent again, and that the octets are those of payload and
// headers.
func wantPayload(t *testing.T, r *flow.Record, upload bool) {
	t.Helper()
	from, to, sent := &r.DstSide, &r.SrcSide, r.Recv
	if upload {
		from, to, sent = to, from, r.Sent
	}
	const synOptions = 8 // a SYN has 20 octets of options
	if from.Payload-from.Retransmitted.Octets != bulk || to.Payload != 0 || sent.Octets != from.Payload+sent.Packets*headers+synOptions {
		t.Errorf("payload %d, %d of it again, and %d, want %d and 0; %v with headers", from.Payload, from.Retransmitted.Octets, to.Payload, bulk, sent)
	}
}

// atIP returns the octets that IP received and sent, before sent packets are divided.
func atIP(t *testing.T, ns string) traffic {
	t.Helper()
	n := counters(t, ns, "netstat", "IpExt")
	return traffic{in: flow.Counters{Octets: n["InOctets"]}, out: flow.Counters{Octets: n["OutOctets"]}}
}
