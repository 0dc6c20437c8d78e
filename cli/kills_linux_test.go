package cli

import (
	"flag"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

var liveKills = flag.Int("live-kills", 2, "how often TestAKillLosesNoOldFlow kills a capture; from 100 on, the ages are checked")

// TestAKillLosesNoOldFlow kills a capture of 20,000 new flows a second at random moments. What is
// missing then must be the latest flows only; their age is that of the first of them.
func TestAKillLosesNoOldFlow(t *testing.T) {
	l := newLab(t)
	flood := filepath.Join(t.TempDir(), "flood")
	if out, err := exec.Command("go", "build", "-o", flood, "../bench/flood").CombinedOutput(); err != nil {
		t.Fatalf("build the sender: %v\n%s", err, out)
	}
	ages := make([]time.Duration, *liveKills)
	for i := range ages {
		ages[i] = l.killCapture(t, flood, filepath.Join(t.TempDir(), "weir.db"))
	}
	slices.Sort(ages)
	p99 := ages[len(ages)*99/100]
	t.Logf("age of the oldest missing flow in %d kills: median %v, p99 %v, most %v", len(ages), ages[len(ages)/2], p99, ages[len(ages)-1])
	if len(ages) >= 100 && p99 > time.Second {
		t.Errorf("p99 is %v, want 1s at most", p99)
	}
}

// killCapture kills one capture and returns the age of the oldest flow that is missing.
func (l lab) killCapture(t *testing.T, flood, path string) time.Duration {
	t.Helper()
	weir := l.startCapture(t, path)
	sender := exec.Command("ip", "netns", "exec", l.there, flood, "weir1", "20000", "60")
	if err := sender.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = sender.Process.Kill()
		_ = sender.Wait()
	}()
	<-time.After(1500*time.Millisecond + rand.N(1500*time.Millisecond)) // the moment of the kill is the input
	killed := time.Now()
	if err := weir.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = weir.Wait()                  // killed, that is its error
	stored := map[uint32]time.Time{} // start by number of the flow
	last := uint32(0)
	for _, r := range flows(t, path) {
		n := uint32(r.Src.Port-49152)<<24 | uint32(r.Src.Addr.As4()[1])<<16 | uint32(r.Src.Addr.As4()[2])<<8 | uint32(r.Src.Addr.As4()[3])
		stored[n] = r.Start
		last = max(last, n)
	}
	if len(stored) != int(last)+1 {
		t.Errorf("of %d flows %d are missing between others", last+1, int(last)+1-len(stored))
	}
	return killed.Sub(stored[last])
}
