package cli

import (
	"net"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"weir/flow"
)

// dhcp returns a message of type kind (RFC 2131, RFC 2132 section 9.6): a request or, with an address, a
// reply.
func dhcp(kind byte, yours net.IP) []byte {
	b := make([]byte, 240, 300)
	b[0], b[1], b[2] = 1, 1, 6 // BOOTREQUEST, Ethernet, length of its addresses
	copy(b[28:], []byte{2, 0, 0, 0, 0, 1})
	copy(b[236:], []byte{99, 130, 83, 99}) // magic cookie
	if yours != nil {
		b[0] = 2 // BOOTREPLY
		copy(b[16:], yours.To4())
	}
	b = append(b, 53, 1, kind, 255)
	return append(b, make([]byte, 300-len(b))...)
}

const (
	dhcpDiscover = 1
	dhcpOffer    = 2
	dhcpRequest  = 3
	dhcpAck      = 5
)

// udpOn opens a UDP port of all addresses on one interface.
func udpOn(t *testing.T, ns, dev string, port int) *net.UDPConn {
	t.Helper()
	c := within(t, ns, func() (*net.UDPConn, error) { return net.ListenUDP("udp4", &net.UDPAddr{Port: port}) })
	t.Cleanup(func() { _ = c.Close() })
	raw, err := c.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var failed error
	if err := raw.Control(func(fd uintptr) { failed = unix.BindToDevice(int(fd), dev) }); err != nil || failed != nil {
		t.Fatal(err, failed)
	}
	if err := c.SetDeadline(time.Now().Add(peerWait)); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestTheSourceOfDHCPIsTheClient plays a lease and its renewal: the client has no address at first, so its
// requests are broadcast; the server answers to the address that it gives out.
func TestTheSourceOfDHCPIsTheClient(t *testing.T) {
	t.Parallel()
	w := newWire(t)
	sh(t, "ip -n "+w.here+" addr del "+hereAddr+"/24 dev "+hereIf)
	start := at(t, w.here, hereIf)
	client, server := udpOn(t, w.here, hereIf, 68), udpOn(t, w.there, thereIf, 67)
	toAll, toServer := &net.UDPAddr{IP: net.IPv4bcast, Port: 67}, &net.UDPAddr{IP: net.ParseIP(thereAddr), Port: 67}
	toClient := &net.UDPAddr{IP: net.ParseIP(hereAddr), Port: 68}

	exchange := func(c *net.UDPConn, to *net.UDPAddr, kind byte, at *net.UDPConn) {
		t.Helper()
		var yours net.IP
		if c == server {
			yours = toClient.IP
		}
		if _, err := c.WriteTo(dhcp(kind, yours), to); err != nil {
			t.Fatal(err)
		}
		if at == nil {
			return // only a packet socket receives it, as the client has no address
		}
		got := make([]byte, 1000)
		if n, _, err := at.ReadFrom(got); err != nil || n != 300 || got[242] != kind {
			t.Fatalf("received %d bytes, %v", n, err)
		}
	}
	exchange(client, toAll, dhcpDiscover, server)
	exchange(server, toClient, dhcpOffer, nil)
	exchange(client, toAll, dhcpRequest, server)
	exchange(server, toClient, dhcpAck, nil)
	leased := at(t, w.here, hereIf).minus(start)
	sh(t, "ip -n "+w.here+" addr add "+hereAddr+"/24 dev "+hereIf)
	w.fixNeighbours(t)
	exchange(client, toServer, dhcpRequest, server)
	exchange(server, toClient, dhcpAck, client)
	seen := at(t, w.here, hereIf).minus(start)

	all := w.stop(t, 2)
	if r := &all[0]; r.Src.Addr.String() != "0.0.0.0" || r.Src.Port != 68 || r.Dst.Addr.String() != "255.255.255.255" || r.Sent != leased.out || r.Recv.Packets != 0 {
		t.Errorf("the broadcasts are %+v, want 0.0.0.0:68 as the source of %v", r, leased.out)
	}
	seen.out.Packets -= leased.out.Packets
	seen.out.Octets -= leased.out.Octets
	wantExchange(t, &all[1], flow.UDP, hereAddr, 68, seen)
}
