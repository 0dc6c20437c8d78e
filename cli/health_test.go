package cli

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/db"
	"weir/flow"
)

func TestLossesAreToldEachOnItsOwn(t *testing.T) {
	h := flow.Health{
		Sources: []flow.SourceHealth{
			{Name: "eth0", Packets: 100, KernelDrops: 3, Outages: 1, Away: 1234 * time.Millisecond},
			{Name: "eth1", KernelDrops: 4, CutShort: 5, Outages: 8, Away: 3*time.Minute + 400*time.Millisecond},
			{Name: "a.pcapng", File: true, KernelDrops: 500},
			{Name: "eth2"},
		},
		Created: 20, Ended: 20, Unstored: 6, Outdated: 7, Evicted: 8,
	}
	want := "7 packets dropped by the kernel, 500 packets dropped when the files were captured, 5 packets cut short within the headers, 6 flows not stored, 7 flows stored without their last update, " +
		"8 flows ended early because the flow table was full, eth0 not captured for 1.23s, once, eth1 not captured for 3m0s, 8 times"
	if got := lost(h); got != want {
		t.Errorf("lost: %s\nwant: %s", got, want)
	}
	if got := lost(flow.Health{Sources: h.Sources[3:], Created: 1}); got != "" {
		t.Errorf("nothing lost is told as %q", got)
	}
}

// TestProblemsAreToldWhenTheyBeginAndWhenTheyEnd: messages are about the present, so
// past losses are not "being lost".
func TestProblemsAreToldWhenTheyBeginAndWhenTheyEnd(t *testing.T) {
	var w problemWatch
	var h flow.Health
	for _, step := range []struct {
		at     int // second
		change func()
		want   string
	}{
		{0, func() { h.Sources = []flow.SourceHealth{{Name: "eth0", Packets: 1}} }, ""},
		{1, func() { h.StoreErr = "the disk is full" }, "not storing: the disk is full"},
		{2, func() { h.Unstored = 10 }, "not storing: the disk is full; packets or flows are being lost"},
		{3, func() { h.Unstored = 20 }, ""},
		{4, func() { h.StoreErr = "" }, "packets or flows are being lost"},
		{7, func() {}, ""},
		{8, func() {}, "OK again: nothing is being lost; lost so far: 20 flows not stored"},
		{9, func() { h.Evicted = 5 }, "flows are being ended early: the flow table is full"},
		{14, func() {}, "OK again: nothing is being lost; lost so far: 20 flows not stored, 5 flows ended early because the flow table was full"},
		{15, func() { h.Sources[0].Err, h.Sources[0].Outages = "the interface went down", 1 }, "eth0: not capturing, waiting: the interface went down"},
		{16, func() { h.Sources[0].Err, h.Sources[0].Away = "", time.Second }, "OK again: nothing is being lost; lost so far: 20 flows not stored, 5 flows ended early because the flow table was full, eth0 not captured for 1s, once"},
		{17, func() {
			h.Sources = append(h.Sources, flow.SourceHealth{Name: "a.pcap", Done: true, Err: "unexpected end"})
		}, "a.pcap: ended: unexpected end"},
		{18, func() { h.Sources, h.LogErr = h.Sources[:1], "the disk is full" },
			"storing, but the store's log grows, because it can't be copied into the store: the disk is full"},
	} {
		step.change()
		if got := w.look(h, time.Unix(1000+int64(step.at), 0)); got != step.want {
			t.Errorf("second %d: said %q, want %q", step.at, got, step.want)
		}
	}
}

// TestAReaderShowsTheCountersOfTheWriter compares the counters of a capture with those of a concurrent
// reader, and with those in the store afterwards.
func TestAReaderShowsTheCountersOfTheWriter(t *testing.T) {
	path := filepath.Join(t.TempDir(), "weir.db")
	f := demoFeed()
	p, err := openPipeline(t.Context(), path, db.WriterOptions{}, f)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- p.run(ctx) }()
	reader, err := db.OpenReader(t.Context(), path, db.ReaderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	beside := func() flow.Health { return followedHealth(t.Context(), reader)() }
	waitFor(t, "counters beside the writer", func() bool {
		h := beside()
		return len(h.Sources) == len(f.observers) && h.Packets() > 0 && h.Created > 0 && h.Sources[0].Err == ""
	})
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	want, got := p.health(), beside()
	if got.AsOf.IsZero() || time.Since(got.AsOf) > time.Minute {
		t.Errorf("the counters are as of %v", got.AsOf)
	}
	for i := range got.Sources {
		got.Sources[i].Err = "" // the writer has ended
	}
	for i := range want.Sources {
		want.Sources[i].Done = false
	}
	if want := fmt.Sprintf("weir, pid %d", os.Getpid()); got.Writer != want {
		t.Errorf("the writer is %q, want %q", got.Writer, want)
	}
	byPackets := func(a, b flow.SourceHealth) int { return cmp.Compare(a.Packets, b.Packets) }
	slices.SortFunc(got.Sources, byPackets)
	slices.SortFunc(want.Sources, byPackets)
	got.AsOf, got.Writer, want.Skipped, want.Stored = time.Time{}, "", nil, 0
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the reader knows %+v\nthe writer     %+v", got, want)
	}
	if err := p.close(); err != nil {
		t.Fatal(err)
	}
	if _, out, _ := runWeir(t, "query", "--db", path, "--count", "open:yes"); strings.TrimSpace(out) != "0" {
		t.Errorf("%s flows are open after a clean end", out)
	}
	_, out, stderr := runWeir(t, "db", "stat", "--db", path)
	if strings.Count(out, "\ncaptured ") != len(f.observers) || !regexp.MustCompile(`\nlost +nothing\n`).MatchString(out) {
		t.Errorf("weir db stat says\n%s%s", out, stderr)
	}
}
