package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/internal/pkttest"
)

// A mirror passes each frame twice, 3 µs apart.
func TestDuplicatesOfAMirrorCountOnceAndAreTold(t *testing.T) {
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	once := pkttest.Between(start, "10.0.0.1:40000", "10.0.0.2:80").Handshake().Send(500).Recv(5000).Close().Frames()
	var twice []pkttest.Frame
	for _, f := range once {
		again := f
		again.Time = f.Time.Add(3 * time.Microsecond)
		twice = append(twice, f, again)
	}
	dir := t.TempDir()
	direct, mirror := filepath.Join(dir, "direct.pcap"), filepath.Join(dir, "mirror.pcap")
	for path, frames := range map[string][]pkttest.Frame{direct: once, mirror: twice} {
		file, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := pkttest.WritePcap(file, frames); err != nil {
			t.Fatal(err)
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
	}
	told := fmt.Sprintf("weir: %d duplicates: captured again within 100 µs, counted once\n", len(once))
	_, want, _ := runWeir(t, "query", "-r", direct, "--csv")
	code, stdout, stderr := runWeir(t, "query", "-r", mirror, "--csv")
	if code != 0 || stdout != want || !strings.Contains(want, "10.0.0.1,40000") || stderr != told {
		t.Errorf("exit code %d\n%s\nwant\n%s\nstderr %q", code, stdout, want, stderr)
	}
	if code, _, stderr := runWeir(t, "capture", "-r", mirror, "--db", filepath.Join(dir, "weir.db")); code != 0 || !strings.Contains(stderr, told) {
		t.Errorf("capture: exit code %d, stderr %q", code, stderr)
	}
}
