package cli

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"weir/flow"
	"weir/internal/disktest"
)

// TestAFloodIsStoredOrTold sends more flows than a capture with a full disk can keep, then makes room:
// to the unit, each packet is read or counted as dropped, each flow is stored or counted, and none
// stays open.
func TestAFloodIsStoredOrTold(t *testing.T) {
	l := newLab(t)
	flood := filepath.Join(t.TempDir(), "flood")
	if out, err := exec.Command("go", "build", "-o", flood, "../bench/flood").CombinedOutput(); err != nil {
		t.Fatalf("build the sender: %v\n%s", err, out)
	}
	dir := disktest.Small(t, "64m")
	path, ballast := filepath.Join(dir, "weir.db"), filepath.Join(dir, "ballast")
	cmd := command(l.here, "overload", hereIf, path)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	said := bufio.NewReader(out)
	if line, err := said.ReadString('\n'); line != "capturing\n" {
		t.Fatalf("it said %q, %v", line, err)
	}
	before := l.received(t)
	fillDisk(t, ballast)
	if out, err := exec.Command("ip", "netns", "exec", l.there, flood, "weir1", "200000", "2").CombinedOutput(); err != nil {
		t.Fatalf("flood: %v\n%s", err, out)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	sent := l.received(t) - before
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	var h flow.Health
	if err := json.NewDecoder(said).Decode(&h); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	_, all, _ := runWeir(t, "query", "--db", path, "--count")
	_, open, _ := runWeir(t, "query", "--db", path, "--count", "open:yes")
	stored, err := strconv.ParseUint(strings.TrimSpace(all), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d packets: %d read, %d dropped; %d flows: %d stored, %d not, %d without their last update", sent, h.Packets(), h.Sources[0].KernelDrops, h.Created, stored, h.Unstored, h.Outdated)
	if got := h.Packets() + h.Sources[0].KernelDrops; got != sent {
		t.Errorf("%d packets are read or dropped of %d", got, sent)
	}
	if stored+h.Unstored != h.Created || h.Created != h.Ended {
		t.Errorf("%d flows stored, %d told, %d ended, of %d", stored, h.Unstored, h.Ended, h.Created)
	}
	if h.Unstored == 0 && h.Created > 150_000 {
		t.Error("a full disk took everything")
	}
	if strings.TrimSpace(open) != "0" {
		t.Errorf("%s flows stay open", open)
	}
}

// received returns how many packets the interface here has received.
func (l lab) received(t *testing.T) uint64 {
	t.Helper()
	text := sh(t, "ip netns exec "+l.here+" cat /sys/class/net/"+hereIf+"/statistics/rx_packets")
	n, err := strconv.ParseUint(strings.TrimSpace(text), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
