package db

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"weir/flow"
	"weir/internal/storetest"
	"weir/search"
)

// The role of a copy of the test program, and the path of its store.
const (
	roleVariable = "WEIR_DB_TEST_ROLE"
	pathVariable = "WEIR_DB_TEST_PATH"
)

// tryWithoutRights prints the errors of a user without access to the store.
func tryWithoutRights(path string) error {
	_, err := Open(context.Background(), path, WriterOptions{})
	fmt.Println("write:", errors.Is(err, fs.ErrPermission), err)
	_, err = OpenReader(context.Background(), path, ReaderOptions{})
	fmt.Println("read:", errors.Is(err, fs.ErrPermission), err)
	return nil
}

// TestMain plays a role in a test of two processes if the environment asks for it.
func TestMain(m *testing.M) {
	play := map[string]func(string) error{"write": writeForever, "hold": hold, "rights": tryWithoutRights}[os.Getenv(roleVariable)]
	if play == nil {
		os.Exit(m.Run())
	}
	if err := play(os.Getenv(pathVariable)); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

// child starts a copy of the test program in a role.
func child(t *testing.T, role, path string) (*exec.Cmd, *bufio.Reader) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), roleVariable+"="+role, pathVariable+"="+path)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewReader(out)
}

// writeForever writes batches and prints the highest id of each that Flush has acknowledged. Every
// flow is first written open, and ended in the next batch.
func writeForever(path string) error {
	ctx := context.Background()
	s, err := Open(ctx, path, WriterOptions{})
	if err != nil {
		return err
	}
	s.blockRows = 400 // so that kills hit the packing of blocks
	stopped := make(chan error, 1)
	go func() { stopped <- s.Run(ctx) }()
	rng := rand.New(rand.NewPCG(uint64(os.Getpid()), 0))
	var open []flow.Record
	for {
		batch := open
		for i := range batch {
			batch[i].EndReason, batch[i].Sent.Packets = flow.EndOfFlow, uint64(batch[i].ID)
		}
		open = nil
		for range 1 + rng.IntN(300) {
			r := storetest.Record(rng, s.NextID())
			r.EndReason = flow.StillOpen
			open = append(open, r)
		}
		highest := int64(0)
		if len(batch) > 0 {
			highest = batch[len(batch)-1].ID // ended in this batch
		}
		if err := errors.Join(s.Put(ctx, append(batch, open...)), s.Flush(ctx)); err != nil {
			return err
		}
		fmt.Println(highest, open[len(open)-1].ID)
	}
}

var kills = flag.Int("kills", 20, "how often TestNothingAcknowledgedIsLostToAKill kills the writer")

// TestNothingAcknowledgedIsLostToAKill kills the writer at random moments, many times on the same
// file.
func TestNothingAcknowledgedIsLostToAKill(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	var path string
	var total, seen, ended int64 // highest ids acknowledged, and acknowledged as ended; all lower ones are, too
	for round := range *kills {
		if round%25 == 0 { // reads all rows
			path, total, seen, ended = filepath.Join(t.TempDir(), "weir.db"), total+seen, 0, 0
		}
		first := seen
		e, o := writeAndKill(t, path, rng)
		if o > 0 {
			ended, seen = e, o
		}
		s, err := Open(t.Context(), path, WriterOptions{})
		if err != nil {
			t.Fatalf("round %d: the store does not open again: %v", round, err)
		}
		checkIntegrity(t, s)
		rows := storetest.All(t, s)
		have := make(map[int64]flow.Record, len(rows))
		for _, r := range rows {
			have[r.ID] = r
			seen = max(seen, r.ID)
			if r.Open() {
				t.Fatalf("round %d: record %d is still open", round, r.ID)
			}
		}
		for id := first + 1; id <= o; id++ {
			r, ok := have[id]
			if !ok {
				t.Fatalf("round %d: record %d was acknowledged and is not there", round, id)
			}
			if id <= ended && (r.EndReason != flow.EndOfFlow || r.Sent.Packets != uint64(id)) {
				t.Fatalf("round %d: the end of record %d was acknowledged and is not there: %+v", round, id, r)
			}
		}
		if next := s.NextID(); next != seen+1 {
			t.Errorf("round %d: ids go on at %d after %d", round, next, seen)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if total += seen; total == 0 {
		t.Error("no child ever got to write")
	}
	t.Logf("%d records written over %d kills", total, *kills)
}

// writeAndKill runs a writer, kills it at some time after some acknowledgements, and returns the last
// one.
func writeAndKill(t *testing.T, path string, rng *rand.Rand) (ended, open int64) {
	t.Helper()
	cmd, out := child(t, "write", path)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	after := rng.IntN(8)
	moment := time.Duration(rng.IntN(4000)) * time.Microsecond
	for n := 0; ; n++ {
		if n == after {
			timer := time.AfterFunc(moment, func() { _ = cmd.Process.Kill() })
			defer timer.Stop()
		}
		line, err := out.ReadString('\n')
		if err != nil { // the end of the pipe: all output has been read
			break
		}
		var e, o int64
		if _, err := fmt.Sscan(line, &e, &o); err != nil {
			t.Fatalf("the writer says %q", line)
		}
		ended, open = e, o
	}
	_ = cmd.Wait() // killed on purpose
	return ended, open
}

// hold opens a store, reports it, and keeps it open until its input ends.
func hold(path string) error {
	s, err := Open(context.Background(), path, WriterOptions{})
	if err != nil {
		return err
	}
	fmt.Println("open")
	_, err = io.Copy(io.Discard, os.Stdin)
	return errors.Join(err, s.Close())
}

func TestOnlyOneProcessWritesAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "weir.db")
	cmd, out := child(t, "hold", path)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := out.ReadString('\n'); line != "open\n" {
		t.Fatalf("the holder says %q, %v", line, err)
	}
	_, err = Open(t.Context(), path, WriterOptions{})
	var locked *LockedError
	if !errors.As(err, &locked) || locked.PID != cmd.Process.Pid {
		t.Fatalf("Open = %v, want a LockedError of process %d", err, cmd.Process.Pid)
	}
	if want := strconv.Itoa(cmd.Process.Pid); !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
		t.Errorf("%q does not say who holds what", err)
	}
	r, err := OpenReader(t.Context(), path, ReaderOptions{})
	if err != nil {
		t.Fatalf("reading beside the writer: %v", err)
	}
	if _, err := r.Search(t.Context(), search.Request{}, search.Cursor{}, 1); err != nil {
		t.Error(err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // killed on purpose
	openAt(t, path)
}
