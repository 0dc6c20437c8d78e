package cli

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestTimesAreInTheZoneOfTheEnvironment(t *testing.T) {
	dir := t.TempDir()
	writeTalks(t, filepath.Join(dir, "talks.pcap"), 1)
	for tz, want := range map[string]string{
		"CET-1CEST,M3.5.0,M10.5.0/3": "(UTC+0", "<+0530>-5:30": "(UTC+05:30)", "America/Caracas": "(UTC-04:00)",
		"Europe/Atlantis": `weir: TZ: unknown time zone "Europe/Atlantis": write a name such as Europe/Berlin, or rules such as CET-1CEST,M3.5.0,M10.5.0/3; times are in UTC`,
	} {
		cmd := weirCommand(t, dir, "query", "-r", "talks.pcap")
		cmd.Env = append(cmd.Env, "TZ="+tz)
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), want) {
			t.Errorf("TZ=%s: %v, no %q in\n%s", tz, err, want, out)
		}
	}
}
