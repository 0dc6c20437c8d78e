package cli

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestTheSamePacketsReadTwiceAreTold(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "flows.db")
	one, other := filepath.Join(dir, "one.pcap"), filepath.Join(dir, "other.pcap")
	writeTalks(t, one, 30)
	writeTalks(t, other, 3)
	const told = "were in the flow store before"
	for i, c := range []struct {
		args []string
		want bool
	}{
		{[]string{"-r", one, "--node", "a"}, false}, {[]string{"-r", one, "--node", "b"}, false}, // another node has seen the same
		{[]string{"-r", one, "--node", "a"}, true}, {[]string{"-r", other, "--node", "c"}, false},
	} {
		code, _, stderr := runWeir(t, append([]string{"capture", "--db", path}, c.args...)...)
		if code != exitOK || strings.Contains(stderr, told) != c.want {
			t.Errorf("%d: %v: exit code %d, %s", i, c.args, code, stderr)
		}
	}
}
