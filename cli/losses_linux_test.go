package cli

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"weir/flow"
)

// lossy is a lab with a router, which can drop packets:
//
//	here 10.77.0.1 ── router0, router1 ── 10.78.0.2 there
type lossy struct {
	lab
	router string
}

const (
	farAddr          = "10.78.0.2"
	nearIf, behindIf = "router0", "router1"
)

func newLossy(t *testing.T) lossy {
	t.Helper()
	needs(t, "nft")
	l := lossy{newLab(t), ""}
	l.router = strings.Replace(l.here, "weir-a", "weir-r", 1)
	sh(t, "ip netns add "+l.router)
	t.Cleanup(func() { sh(t, "ip netns del "+l.router) })
	sh(t, "ip -n "+l.here+" link del "+hereIf)
	sh(t, "ip netns exec "+l.router+" sysctl -qw net.ipv6.conf.default.disable_ipv6=1 net.ipv4.ip_forward=1")
	for _, side := range [...]struct{ ns, dev, addr, routerDev, gateway string }{
		{l.here, hereIf, hereAddr, nearIf, "10.77.0.254"}, {l.there, thereIf, farAddr, behindIf, "10.78.0.254"},
	} {
		sh(t, "ip -n "+side.ns+" link add "+side.dev+" type veth peer name "+side.routerDev+" netns "+l.router)
		sh(t, "ip -n "+side.ns+" addr add "+side.addr+"/24 dev "+side.dev)
		sh(t, "ip -n "+l.router+" addr add "+side.gateway+"/24 dev "+side.routerDev)
		sh(t, "ip -n "+side.ns+" link set "+side.dev+" up")
		sh(t, "ip -n "+l.router+" link set "+side.routerDev+" up")
		sh(t, "ip -n "+side.ns+" route add default via "+side.gateway)
		l.offload(t, side.ns, side.dev, noOffload)
		l.offload(t, l.router, side.routerDev, noOffload)
	}
	return l
}

// drop lets the router drop percent of the larger packets from here at random.
func (l lossy) drop(t *testing.T, percent int) {
	t.Helper()
	nft := exec.Command("ip", "netns", "exec", l.router, "nft", "-f", "-")
	nft.Stdin = strings.NewReader(fmt.Sprintf(`flush ruleset; table ip loss { chain forward { type filter hook forward priority 0;
		iifname %s ip length > 500 numgen random mod 100 < %d counter drop; }; }`, nearIf, percent))
	if out, err := nft.CombinedOutput(); err != nil {
		t.Fatalf("nft: %v\n%s", err, out)
	}
}

// dropped returns how many packets the router dropped since the last call of drop.
func (l lossy) dropped(t *testing.T) (n uint64) {
	t.Helper()
	_, rest, ok := strings.Cut(sh(t, "ip netns exec "+l.router+" nft list ruleset"), "counter packets ")
	if _, err := fmt.Sscan(rest, &n); !ok || err != nil {
		t.Fatalf("the router's counter: %v", err)
	}
	return n
}

// TestRetransmissionsAreTheKernels sends through a router that drops packets, with a capture on both sides
// of it. Before the loss each segment that the kernel sends again repeats one that was seen. Behind it, it
// fills a gap, or extends the stream if nothing had followed the one that was dropped. What repeats
// there was sent again in vain: as often as the kernel sent more segments again than were dropped.
func TestRetransmissionsAreTheKernels(t *testing.T) {
	t.Parallel()
	l := newLossy(t)
	w := &wire{lab: l.lab, store: filepath.Join(t.TempDir(), "weir.db")}
	w.weir = command(l.router, "weir", "capture", "-i", nearIf+","+behindIf, "--db", w.store)
	start(t, w.weir, w.weir.StderrPipe, "capturing on")
	listener := listen(t, l.there, farAddr, 7020)
	losses := []*loss{{percent: 1, octets: 2_000_000}, {percent: 5, octets: 1_000_000}}
	for i, c := range losses {
		l.drop(t, c.percent)
		before := counters(t, l.here, "snmp", "Tcp")["RetransSegs"]
		client, server := l.connect(t, uint16(40_020+i), listener)
		send(t, client, server, c.octets)
		c.segments = uint64(closeBoth(t, client, server, client).Segs_out)
		c.again, c.dropped = counters(t, l.here, "snmp", "Tcp")["RetransSegs"]-before, l.dropped(t)
	}
	all := w.stop(t, 2*len(losses))
	slices.SortStableFunc(all, func(a, b flow.Record) int { return strings.Compare(a.Interface, b.Interface) })
	for i, c := range losses {
		t.Run(fmt.Sprintf("%d %%", c.percent), func(t *testing.T) { c.check(t, &all[i], &all[len(losses)+i]) })
	}
}

// loss is a transfer, and what the kernel counted of it.
type loss struct {
	percent, octets          int
	segments, again, dropped uint64 // of the client; again: retransmitted
}

func (c *loss) check(t *testing.T, near, behind *flow.Record) {
	before, after := &near.SrcSide, &behind.SrcSide
	t.Logf("kernel: %d segments, %d sent again, %d dropped; before the loss: %d sent again, %d out of order; behind it: %d, %d",
		c.segments, c.again, c.dropped, before.Retransmitted.Packets, before.OutOfOrder, after.Retransmitted.Packets, after.OutOfOrder)
	if got := before.Retransmitted.Packets; c.dropped == 0 || !nearly(got, c.again) {
		t.Errorf("before the loss %d segments count as sent again, the kernel counted %d and dropped %d", got, c.again, c.dropped)
	}
	if near.Sent.Packets != c.segments || before.Payload-before.Retransmitted.Octets != uint64(c.octets) {
		t.Errorf("before the loss %d packets with %d octets, %d of them again, want %d with %d", near.Sent.Packets, before.Payload, before.Retransmitted.Octets, c.segments, c.octets)
	}
	if behind.Sent.Packets != c.segments-c.dropped || !nearly(after.Retransmitted.Packets, c.again-c.dropped) {
		t.Errorf("behind the loss %d packets, %d of them sent again, want %d and %d", behind.Sent.Packets, after.Retransmitted.Packets, c.segments-c.dropped, c.again-c.dropped)
	}
	// What was dropped twice fills its gap once. The kernel itself may reorder what two processors send.
	if n := after.OutOfOrder; n > c.dropped+before.OutOfOrder || n*10 < c.dropped*8 {
		t.Errorf("behind the loss %d segments are out of order, want nearly all of the %d that were dropped, and the %d before it", n, c.dropped, before.OutOfOrder)
	}
}

// nearly allows a difference of 1 % and one segment: the kernel may divide what it sends again otherwise.
func nearly(got, want uint64) bool {
	return got <= want+want/100+1 && want <= got+want/100+1
}
