package cli

import (
	"errors"
	"os"
	"time"

	"weir/internal/pkttest"
)

// smallStart is the time of the first frame of small.pcap.
var smallStart = time.Date(2026, 3, 4, 17, 6, 7, 8_000_000, time.UTC)

// writeSmall writes a capture with one flow of each kind: closed normally,
// refused, not answered, UDP over IPv6 and a ping, a second apart.
func writeSmall(path string) error {
	at := func(second int) time.Time { return smallStart.Add(time.Duration(second) * time.Second) }
	frames := pkttest.Merge(
		pkttest.Between(at(0), "192.168.100.1:51422", "172.16.1.20:443").Handshake().Send(500).Recv(9000).Close().Frames(),
		pkttest.Between(at(1), "192.168.100.1:51423", "172.16.1.20:80").SYN().Refuse().Frames(),
		pkttest.Between(at(2), "192.168.100.1:51424", "172.16.1.20:81").SYN().Retransmit(time.Second).Frames(),
		pkttest.Between(at(3), "[fd00::1]:40000", "[fd00::53]:53").Ask(40).Answer(200).Frames(),
		pkttest.Between(at(4), "192.168.100.1:7", "172.16.1.20:0").Pings(3).Frames(),
	)
	return writeFrames(path, frames)
}

func writeFrames(path string, frames []pkttest.Frame) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(pkttest.WritePcap(f, frames), f.Close())
}
