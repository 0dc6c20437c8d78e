package tui

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"weir/internal/ptytest"
	"weir/search"
	"weir/tui/tuitest"
)

// TestStories replays testdata/stories/*.txt in a terminal that runs the whole program.
// Each line is a command:
//
//	start 80x24         run the program over the flows of sceneStore
//	press j Enter ^d    type keys by their names
//	type proto:udp      type a text
//	click TEXT          click on the text
//	drag TEXT 20        press there, and release 20 columns to the right
//	wheel down          turn the wheel one notch
//	see TEXT            wait until the screen shows the text
//	gone TEXT           wait until it does not
//	flow 10.9.9.9       a flow from that address starts
//	resize 60x15        the window gets another size
//	copied TEXT         the terminal was told to put the text on the clipboard (OSC 52)
//	file *.csv TEXT     a file of that name was exported, and has the text
//	saved TEXT          the settings were saved, and hold the text
//	quit                type q, and check that the terminal is restored
//
// Esc must be followed by a wait, since Esc and an immediate key are read as one key.
func TestStories(t *testing.T) {
	files, err := filepath.Glob("testdata/stories/*.txt")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d stories: %v", len(files), err)
	}
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			s := &story{t: t, dir: t.TempDir(), store: sceneStore(), saved: make(chan string, 16)}
			for n, line := range strings.Split(string(text), "\n") {
				if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
					s.where = fmt.Sprintf("%s:%d: %s", path, n+1, line)
					s.do(line)
				}
			}
			if !s.over {
				t.Error("the story does not end: quit is missing")
			}
		})
	}
}

// story is the state of a replay.
type story struct {
	t     *testing.T
	x     *terminal
	store *tuitest.Store
	dir   string
	saved chan string
	where string
	flows int
	esc   bool // the last key was Esc
	over  bool
}

func (s *story) fail(format string, a ...any) {
	s.t.Helper()
	s.t.Fatalf("%s\n%s\n%s", s.where, fmt.Sprintf(format, a...), s.x.screen())
}

func (s *story) do(line string) {
	verb, arg, _ := strings.Cut(line, " ")
	if waits := verb == "see" || verb == "gone"; s.esc && !waits {
		s.t.Fatalf("%s\nafter Esc comes see or gone", s.where)
	}
	s.esc = false
	switch verb {
	case "start":
		s.start(arg)
	case "press":
		for _, name := range strings.Fields(arg) {
			s.x.typeKeys(s.key(name))
			s.esc = name == "Esc"
		}
	case "type":
		s.x.typeKeys(arg)
	case "see":
		s.until(arg, true)
	case "gone":
		s.until(arg, false)
	case "flow":
		s.flow(arg)
	case "resize":
		s.resize(arg)
	case "copied":
		s.sent("\x1b]52;c;" + base64.StdEncoding.EncodeToString([]byte(arg)))
	case "file":
		s.file(arg)
	case "saved":
		s.wasSaved(arg)
	case "quit":
		s.x.typeKeys("q")
		if err := s.x.wantRestored(); err != nil {
			s.fail("%v", err)
		}
		s.over = true
	default:
		s.mouse(verb, arg)
	}
}

// size parses "80x24".
func (s *story) size(arg string) (w, h int) {
	if n, err := fmt.Sscanf(arg, "%dx%d", &w, &h); n != 2 || err != nil {
		s.t.Fatalf("%s\nno size: %v", s.where, err)
	}
	return w, h
}

func (s *story) start(arg string) {
	w, h := s.size(arg)
	cfg := Config{
		Store: s.store, Query: search.Query{Range: search.Range{Last: search.DefaultRange}}, Capturing: "eth0",
		Now: func() time.Time { return testNow }, ExportDir: s.dir,
		Health: tuitest.Health,
		Save: func(settings Settings) error {
			s.saved <- fmt.Sprintf("%+v", settings)
			return nil
		},
	}
	s.x = startTerminal(s.t.Context(), s.t, w, h, cfg)
}

// storyKeys are the sequences of keys that are not characters.
var storyKeys = map[string]string{
	"Enter": "\r", "Esc": "\x1b", "Tab": "\t", "Shift-Tab": "\x1b[Z", "Space": " ", "Backspace": "\x7f",
	"Up": "\x1b[A", "Down": "\x1b[B", "Right": "\x1b[C", "Left": "\x1b[D", "Home": "\x1b[H", "End": "\x1b[F",
	"PgUp": "\x1b[5~", "PgDn": "\x1b[6~", "F1": "\x1bOP",
}

func (s *story) key(name string) string {
	if keys, ok := storyKeys[name]; ok {
		return keys
	}
	if letter, ok := strings.CutPrefix(name, "^"); ok && len(letter) == 1 {
		return string(rune(letter[0] & 0x1f))
	}
	if len([]rune(name)) != 1 {
		s.t.Fatalf("%s\nunknown key %q", s.where, name)
	}
	return name
}

func (s *story) until(text string, shown bool) {
	s.t.Helper()
	deadline := time.After(patience)
	for strings.Contains(s.x.screen(), text) != shown {
		select {
		case <-s.x.news:
		case <-deadline:
			s.fail("timed out waiting")
		}
	}
}

// sent waits for output of the program that does not show on the screen.
func (s *story) sent(sequence string) {
	s.x.until("an escape sequence", func(string) bool {
		s.x.mu.Lock()
		defer s.x.mu.Unlock()
		return strings.Contains(s.x.raw.String(), sequence)
	})
}

func (s *story) flow(from string) {
	s.flows++
	r := sampleFlows()[1]
	r.ID, r.Start = int64(1_000+s.flows), testNow.Add(time.Duration(s.flows)*time.Millisecond)
	if err := r.Src.Addr.UnmarshalText([]byte(from)); err != nil {
		s.t.Fatalf("%s\n%v", s.where, err)
	}
	s.store.Add(r)
}

func (s *story) resize(arg string) {
	w, h := s.size(arg)
	s.x.mu.Lock()
	s.x.vt.Resize(w, h)
	s.x.mu.Unlock()
	if err := ptytest.Resize(s.x.master, w, h); err != nil {
		s.t.Fatal(err)
	}
	if err := syscall.Kill(os.Getpid(), syscall.SIGWINCH); err != nil { // it is not the controlling terminal of this process
		s.t.Fatal(err)
	}
}

func (s *story) file(arg string) {
	pattern, text, _ := strings.Cut(arg, " ")
	names, err := filepath.Glob(filepath.Join(s.dir, pattern))
	if err != nil || len(names) != 1 {
		s.fail("%d files: %v", len(names), err)
	}
	got, err := os.ReadFile(names[0])
	if err != nil || !strings.Contains(string(got), text) {
		s.fail("%v\n%s", err, got)
	}
}

func (s *story) wasSaved(text string) {
	deadline := time.After(patience)
	for {
		select {
		case got := <-s.saved:
			if strings.Contains(got, text) {
				return
			}
		case <-deadline:
			s.fail("never saved")
		}
	}
}

// mouse sends a mouse event (SGR mode, counted from 1).
func (s *story) mouse(verb, arg string) {
	send := func(button, x, y int, end string) {
		s.x.typeKeys(fmt.Sprintf("\x1b[<%d;%d;%d%s", button, x+1, y+1, end))
	}
	switch verb {
	case "click":
		x, y := s.find(arg)
		send(0, x, y, "M")
		send(0, x, y, "m")
	case "drag":
		at := strings.LastIndexByte(arg, ' ')
		by, err := strconv.Atoi(arg[at+1:])
		if err != nil {
			s.t.Fatalf("%s\n%v", s.where, err)
		}
		x, y := s.find(arg[:at])
		send(0, x, y, "M")
		send(32, x+by, y, "M")
		send(0, x+by, y, "m")
	case "wheel":
		send(map[string]int{"up": 64, "down": 65}[arg], 5, 5, "M")
	default:
		s.t.Fatalf("%s\nunknown command %q", s.where, verb)
	}
}

// find returns the position of the text on the screen.
func (s *story) find(text string) (x, y int) {
	for y, line := range strings.Split(s.x.screen(), "\n") {
		if before, _, ok := strings.Cut(line, text); ok {
			return len([]rune(before)), y
		}
	}
	s.fail("no %q on the screen", text)
	return 0, 0
}
