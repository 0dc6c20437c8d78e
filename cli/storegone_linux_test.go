package cli

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"weir/db"
)

// removeStore does what rm -r of the folder does.
func removeStore(t *testing.T, dir string) {
	t.Helper()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
}

// TestACaptureWhoseStoreIsGoneEnds: what a supervisor starts again stores again.
func TestACaptureWhoseStoreIsGoneEnds(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "folder")
	path := filepath.Join(dir, "weir.db")
	capture := func() (stderr *heard, ended chan int) {
		stderr, ended = new(heard), make(chan int, 1)
		go func() {
			ended <- run(t.Context(), []string{"capture", "--demo", "--db", path}, strings.NewReader(""), io.Discard, stderr)
		}()
		stderr.waitFor(t, "capturing on")
		waitFor(t, "a flow in the store", func() bool {
			_, out, _ := runWeir(t, "query", "--db", path, "--count")
			return strings.TrimSpace(out) != "" && strings.TrimSpace(out) != "0"
		})
		return stderr, ended
	}
	stderr, ended := capture()
	removeStore(t, dir)
	select {
	case code := <-ended:
		want := regexp.MustCompile(`\nweir: [1-9][0-9]* flows? not stored: the folder of the flow store was removed, moved or unmounted while weir had it open: start weir again \("` + regexp.QuoteMeta(path) + `"\)\n$`)
		if code != exitFailed || !want.MatchString(stderr.String()) {
			t.Errorf("exit %d, %q, want %d and what is lost", code, stderr, exitFailed)
		}
	case <-time.After(10 * time.Second):
		t.Fatalf("the capture continues without its store: %q", stderr)
	}
	_, ended = capture()
	removeStore(t, dir)
	<-ended
}

func TestAScreenWhoseStoreIsGoneSaysSo(t *testing.T) {
	dir := t.TempDir()
	store := filepath.Join(dir, "folder")
	p := startProgram(t, dir, "--demo", "--db", filepath.Join(store, "weir.db"))
	p.shows("LIVE")
	removeStore(t, store)
	p.shows("! NOT STORING")
	p.shows("flows are not being stored: the folder of the flow store was removed, moved or unmounted")
	p.keys("4")
	p.shows("! the folder of the flow store was removed, moved or unmounted")
	waitLost := regexp.MustCompile(`lost [1-9]`)
	waitFor(t, "lost flows in the header", func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return waitLost.MatchString(p.vt.String())
	})
	p.mu.Lock()
	if text := p.vt.String(); strings.Contains(text, "LIVE") {
		t.Errorf("it says LIVE:\n%s", text)
	}
	p.mu.Unlock()
	p.keys("\x03")
	p.reads("weir: the folder of the flow store was removed, moved or unmounted while weir had it open")
	p.ends()
	if _, err := os.Stat(store); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder is there again: %v", err)
	}
}

// TestAReaderWhoseStoreIsReplacedSaysSo: it would show the old one for ever.
func TestAReaderWhoseStoreIsReplacedSaysSo(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "weir.db")
	store, err := db.Open(t.Context(), path, db.WriterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	p := startProgram(t, dir, "--demo", "--db", path)
	p.shows("READING weir.db")
	reader, writer := io.Pipe()
	stderr, ended := new(heard), make(chan int, 1)
	go func() {
		ended <- run(t.Context(), []string{"query", "--follow", "--csv", "--db", path}, strings.NewReader(""), writer, stderr)
	}()
	if _, err := reader.Read(make([]byte, 1)); err != nil { // it follows
		t.Fatal(err)
	}
	go func() { _, _ = io.Copy(io.Discard, reader) }()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.WriteFile(path+".new", content, 0o600), os.Rename(path+".new", path)); err != nil {
		t.Fatal(err)
	}
	const what = "the flow store was replaced by another file while weir had it open: start weir again"
	p.shows(what)
	p.keys("\x03")
	p.ends()
	select {
	case code := <-ended:
		if code != exitFailed || !strings.HasPrefix(stderr.String(), "weir: "+what) {
			t.Errorf("query --follow: exit %d, %q", code, stderr)
		}
	case <-time.After(10 * time.Second):
		t.Error("query --follow continues with a file that nothing writes")
	}
	if err := store.Close(); !errors.As(err, new(*db.GoneError)) {
		t.Errorf("Close = %v, want that the store is gone", err)
	}
}
