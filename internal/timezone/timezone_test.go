package timezone

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestZonesOfTheEnvironment(t *testing.T) {
	at := func(s string) time.Time {
		at, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	winter, summer := at("2026-01-15T12:00:00Z"), at("2026-07-15T12:00:00Z")
	for tz, want := range map[string][2]string{
		"Europe/Berlin": {"13:00 +0100", "14:00 +0200"}, ":Europe/Berlin": {"13:00 +0100", "14:00 +0200"}, "UTC": {"12:00 +0000", "12:00 +0000"},
		"CET-1CEST,M3.5.0,M10.5.0/3": {"13:00 +0100", "14:00 +0200"}, ":CET-1CEST,M3.5.0,M10.5.0/3": {"13:00 +0100", "14:00 +0200"},
		"EST5EDT,M3.2.0,M11.1.0": {"07:00 -0500", "08:00 -0400"}, "JST-9": {"21:00 +0900", "21:00 +0900"}, "<-03>3": {"09:00 -0300", "09:00 -0300"},
		"<+0530>-5:30": {"17:30 +0530", "17:30 +0530"}, "NZST-12NZDT,M9.5.0,M4.1.0/3": {"01:00 +1300", "00:00 +1200"}, "XXX3YYY": {"09:00 -0300", "10:00 -0200"},
		"IST-1GMT0,M10.5.0,M3.5.0/1": {"12:00 +0000", "13:00 +0100"}, "AAA4BBB,J60,J300": {"08:00 -0400", "09:00 -0300"},
	} {
		loc, err := Load(tz)
		if err != nil {
			t.Errorf("%s: %v", tz, err)
			continue
		}
		const layout = "15:04 -0700"
		if got := [2]string{winter.In(loc).Format(layout), summer.In(loc).Format(layout)}; got != want {
			t.Errorf("%s: %v, want %v", tz, got, want)
		}
	}
	for _, tz := range []string{"Europe/Atlantis", "CET", "X", "CET-1CEST,", "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.5.0", "5", "/no/such/file", "<CET-1", "CET-1\nX", "../etc/passwd"} {
		if _, err := os.Stat("/usr/share/zoneinfo/" + tz); err == nil {
			continue // CET
		}
		if loc, err := Load(tz); err == nil && tz != "CET" {
			t.Errorf("%q is %s, want an error", tz, loc)
		}
	}
	path := filepath.Join(t.TempDir(), "none")
	if err := os.WriteFile(path, []byte("no time zone"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path); err == nil || !strings.Contains(err.Error(), "no TZif file") {
		t.Errorf("a file without a time zone: %v", err)
	}
}
