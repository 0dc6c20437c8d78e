package cli

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"weir/internal/pkttest"
)

func TestAFileWithoutAFlowSaysWhy(t *testing.T) {
	dir := t.TempDir()
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	arp := append([]byte("\xff\xff\xff\xff\xff\xff\x02\x00\x00\x00\x00\x01\x08\x06"), make([]byte, 28)...)
	lldp := append([]byte("\x01\x80\xc2\x00\x00\x0e\x02\x00\x00\x00\x00\x01\x88\xcc"), make([]byte, 46)...)
	frame := func(data []byte) pkttest.Frame {
		return pkttest.Frame{Time: at, Link: 1, Data: data, WireLen: len(data)}
	}
	for name, c := range map[string]struct {
		frames []pkttest.Frame
		want   string
	}{
		"empty": {nil, "weir: no flows: the capture has no packets\n"},
		"arp":   {[]pkttest.Frame{frame(arp), frame(arp), frame(lldp)}, "weir: no flows in 3 packets: 2 arp, 1 lldp\n"},
		"flow":  {pkttest.Between(at, "10.0.0.1:40000", "10.0.0.2:80").Handshake().Frames(), ""},
	} {
		path := filepath.Join(dir, name+".pcap")
		file, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := pkttest.WritePcap(file, c.frames); err != nil {
			t.Fatal(err)
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
		if code, _, stderr := runWeir(t, "query", "-r", path, "--count"); code != exitOK || stderr != c.want {
			t.Errorf("%s: exit code %d, %q, want %q", name, code, stderr, c.want)
		}
	}
}
