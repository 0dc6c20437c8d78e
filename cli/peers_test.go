package cli

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"time"
)

// The live tests play their peers with this test binary, one process in each
// network namespace, so that they need no other programs.

const (
	tcpPort    = 8080
	udpPort    = 5353
	udpFrom    = 20_000 // below the ports that the kernel gives out
	closedPort = 9
	peerWait   = 5 * time.Second // for one exchange on an otherwise idle machine
)

// playPeer runs the role and returns the exit code.
func playPeer(role string) int {
	var err error
	switch role {
	case "server":
		err = serve(os.Args[1])
	case "client":
		err = talk(os.Args[1], os.Args[2])
	case "overload":
		err = captureOverloaded(os.Args[1], os.Args[2])
	default:
		err = fmt.Errorf("unknown role %q", role)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, role+":", err)
		return 1
	}
	return 0
}

// serve answers TCP and UDP on addr until its standard input is closed. It
// prints a line when it is ready.
func serve(addr string) error {
	tcp, err := net.Listen("tcp", net.JoinHostPort(addr, fmt.Sprint(tcpPort)))
	if err != nil {
		return err
	}
	udp, err := net.ListenPacket("udp", net.JoinHostPort(addr, fmt.Sprint(udpPort)))
	if err != nil {
		return err
	}
	go func() {
		for {
			c, err := tcp.Accept()
			if err != nil {
				return
			}
			go answerTCP(c)
		}
	}()
	go func() {
		buf := make([]byte, 1500)
		for {
			n, from, err := udp.ReadFrom(buf)
			if err != nil {
				return
			}
			_, _ = udp.WriteTo(buf[:n], from) // a lost answer fails the client
		}
	}()
	fmt.Println("ready")
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// answerTCP reads a length and sends that many bytes, then waits for the
// client to close first.
func answerTCP(c net.Conn) {
	defer c.Close()
	var n uint32
	if binary.Read(c, binary.BigEndian, &n) != nil {
		return
	}
	_, _ = c.Write(make([]byte, n))
	_, _ = io.Copy(io.Discard, c)
}

// talk makes the traffic of the live test from addr's point of view: 200 TCP
// connections, 50 UDP exchanges, 5 pings, 3 connections to a closed port and 2
// to hole, an unused address.
func talk(addr, hole string) error {
	for i := range 200 {
		if err := fetch(addr, uint32(i*997)); err != nil {
			return fmt.Errorf("tcp %d: %w", i, err)
		}
	}
	for i := range 50 {
		if err := askUDP(addr, udpFrom+i, 20+i); err != nil {
			return fmt.Errorf("udp %d: %w", i, err)
		}
	}
	for i := range 5 {
		if err := ping(addr, uint16(4000+i)); err != nil {
			return fmt.Errorf("ping %d: %w", i, err)
		}
	}
	for range 3 {
		if c, err := net.DialTimeout("tcp", net.JoinHostPort(addr, fmt.Sprint(closedPort)), peerWait); err == nil {
			return fmt.Errorf("port %d is open: %v", closedPort, c.Close())
		}
	}
	for range 2 {
		if c, err := net.DialTimeout("tcp", net.JoinHostPort(hole, fmt.Sprint(tcpPort)), 300*time.Millisecond); err == nil {
			return fmt.Errorf("%s answers: %v", hole, c.Close())
		}
	}
	return nil
}

func fetch(addr string, n uint32) error {
	c, err := net.DialTimeout("tcp", net.JoinHostPort(addr, fmt.Sprint(tcpPort)), peerWait)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(peerWait)); err != nil {
		return err
	}
	if err := binary.Write(c, binary.BigEndian, n); err != nil {
		return err
	}
	_, err = io.CopyN(io.Discard, c, int64(n))
	return err
}

// askUDP sends n octets and waits for their echo. It says which port it sends
// from: the kernel gives out a port twice now and then, and two exchanges
// between the same ports are one flow.
func askUDP(addr string, from, n int) error {
	d := net.Dialer{LocalAddr: &net.UDPAddr{Port: from}}
	c, err := d.Dial("udp", net.JoinHostPort(addr, fmt.Sprint(udpPort)))
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(peerWait)); err != nil {
		return err
	}
	if _, err := c.Write(make([]byte, n)); err != nil {
		return err
	}
	_, err = c.Read(make([]byte, n))
	return err
}

// ping sends one ICMP echo request with the identifier and waits for its reply.
func ping(addr string, id uint16) error {
	c, err := net.Dial("ip4:icmp", addr)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(peerWait)); err != nil {
		return err
	}
	msg := binary.BigEndian.AppendUint16([]byte{8, 0, 0, 0}, id) // echo request, code 0, checksum, identifier
	msg = binary.BigEndian.AppendUint16(msg, 1)                  // sequence number
	binary.BigEndian.PutUint16(msg[2:], ^checksum(msg))
	if _, err := c.Write(msg); err != nil {
		return err
	}
	_, err = c.Read(make([]byte, 1500))
	return err
}

// checksum is the ones' complement sum of RFC 1071 over an even number of bytes.
func checksum(b []byte) uint16 {
	var sum uint32
	for i := 0; i < len(b); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(b[i:]))
	}
	for sum>>16 != 0 {
		sum = sum>>16 + sum&0xffff
	}
	return uint16(sum)
}
