package cli

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/internal/pkttest"
)

// TestLatePacketsOfAFileAreInItsSums: an acknowledgment that is repeated after the close is counted, also
// if thousands of flows ended between.
func TestLatePacketsOfAFileAreInItsSums(t *testing.T) {
	const flows = 9000
	var all []pkttest.Frame
	for i := range flows {
		start := smallStart.Add(time.Duration(i) * 4 * time.Millisecond)
		client := fmt.Sprintf("10.0.%d.%d:40000", i/250, i%250+1)
		all = append(all, pkttest.Between(start, client, "172.16.1.20:443").Handshake().Close().Wait(8*time.Second).Retransmit(0).Frames()...)
	}
	path := filepath.Join(t.TempDir(), "late.pcap")
	if err := writeFrames(path, pkttest.Merge(all)); err != nil {
		t.Fatal(err)
	}
	code, out, errs := runWeir(t, "query", "-r", path, "--by", "dst", "--csv")
	want := fmt.Sprintf("172.16.1.20,%d,", flows)
	if code != 0 || !strings.Contains(out, want) || !strings.Contains(out, fmt.Sprint(len(all))) {
		t.Errorf("exit %d, %d packets in the file, query says:\n%s%s", code, len(all), out, errs)
	}
}
