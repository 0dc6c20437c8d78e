// Flood sends TCP SYNs, each of a new flow, from a raw socket. Under this load a capture has to count every
// flow that it can't store.
//
//	flood INTERFACE [PACKETS-PER-SECOND [SECONDS]]
//
// It needs root, and prints how many packets were sent. The frames go to a hardware address that
// no interface has, so that the hosts behind the interface ignore them.
package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

func main() {
	if err := flood(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "flood:", err)
		os.Exit(1)
	}
}

func flood(args []string) error {
	numbers := []int{300_000, 20} // packets a second, seconds
	if len(args) == 0 || len(args) > 1+len(numbers) {
		return errors.New("expected INTERFACE [PACKETS-PER-SECOND [SECONDS]]")
	}
	for i, text := range args[1:] {
		n, err := strconv.Atoi(text)
		if err != nil || n <= 0 {
			return fmt.Errorf("invalid number %q", text)
		}
		numbers[i] = n
	}
	fd, err := open(args[0])
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	sent, took, err := send(fd, numbers[0], time.Duration(numbers[1])*time.Second)
	fmt.Printf("sent %d in %.2f s\n", sent, took.Seconds())
	return err
}

// open returns a raw socket that sends on an interface.
func open(name string) (int, error) {
	i, err := net.InterfaceByName(name)
	if err != nil {
		return -1, err
	}
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0) // protocol 0: it receives nothing
	if err != nil {
		return -1, err
	}
	err = errors.Join(unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_QDISC_BYPASS, 1), unix.Bind(fd, &unix.SockaddrLinklayer{Ifindex: i.Index}))
	return fd, err
}

// burst is how many packets are sent between two looks at the clock.
const burst = 64

// send sends SYNs at a rate for a time. It returns how many the interface took.
func send(fd, rate int, long time.Duration) (sent int, took time.Duration, err error) {
	frame := syn()
	begin := time.Now()
	for took < long {
		due := int(took.Seconds() * float64(rate))
		if sent+burst > due {
			time.Sleep(time.Millisecond)
		}
		for ; sent < due; sent++ {
			if sent%burst == 0 && time.Since(begin) >= long {
				break
			}
			number(frame, uint32(sent))
			if _, err := unix.Write(fd, frame); errors.Is(err, unix.ENOBUFS) || errors.Is(err, unix.EAGAIN) {
				time.Sleep(time.Millisecond)
				sent--
			} else if err != nil {
				return sent, time.Since(begin), err
			}
		}
		took = time.Since(begin)
	}
	return sent, took, nil
}

// syn returns a frame with a SYN to port 80 of 198.18.0.1.
func syn() []byte {
	f := make([]byte, 60)
	copy(f, []byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x08, 0x00})
	ip := f[14:]
	copy(ip, []byte{0x45, 0, 0, 40, 0, 0, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 0, 198, 18, 0, 1})
	tcp := ip[20:]
	copy(tcp[2:], []byte{0, 80})
	tcp[12], tcp[13] = 5<<4, 0x02
	return f
}

// number gives a frame the source address and port of flow n, of 2^24 × 2^14 flows.
func number(frame []byte, n uint32) {
	ip := frame[14:]
	ip[13], ip[14], ip[15] = byte(n>>16), byte(n>>8), byte(n)
	binary.BigEndian.PutUint16(ip[20:], uint16(49152+n>>24))
	binary.BigEndian.PutUint32(ip[24:], n)
}
