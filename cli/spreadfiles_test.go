package cli

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestReadTakesSeveralFilesAndLeavesTheFilterAlone(t *testing.T) {
	dir := t.TempDir()
	odd, word := filepath.Join(dir, "capture without extension"), filepath.Join(dir, "tcp")
	if err := errors.Join(writeSmall(odd), os.WriteFile(word, []byte("no capture"), 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ args, want []string }{
		{[]string{"-r", "a.pcap", "b.pcapng.gz"}, []string{"-r", "a.pcap", "-r", "b.pcapng.gz"}},
		{[]string{"query", "-r", "a.pcap", "dport:443"}, []string{"query", "-r", "a.pcap", "dport:443"}},
		{[]string{"query", "dport:443", "-r", "a.pcap", odd, "--csv"}, []string{"query", "dport:443", "-r", "a.pcap", "-r", odd, "--csv"}},
		{[]string{"query", "-r", "a.pcap", word}, []string{"query", "-r", "a.pcap", word}}, // a filter that is a file's name
		{[]string{"capture", "-r", "a", word, "--db", "x"}, []string{"capture", "-r", "a", "-r", word, "--db", "x"}},
		{[]string{"query", "-r", "a", "-r", "b"}, []string{"query", "-r", "a", "-r", "b"}},
		{[]string{"--read=a.pcap", "b.cap"}, []string{"--read=a.pcap", "-r", "b.cap"}},
		{[]string{"-ra.pcap", "b.cap"}, []string{"-ra.pcap", "-r", "b.cap"}},
		{[]string{"query", "-r", "a.pcap", "443", "b.pcap"}, []string{"query", "-r", "a.pcap", "443", "b.pcap"}},
		{[]string{"query", "--", "-r", "b.pcap"}, []string{"query", "--", "-r", "b.pcap"}},
		{[]string{"-r"}, []string{"-r"}},
	} {
		if got := spreadFiles(c.args); !slices.Equal(got, c.want) {
			t.Errorf("spreadFiles(%q) = %q, want %q", c.args, got, c.want)
		}
	}
}
