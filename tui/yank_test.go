package tui

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"weir/tui/flows"
	"weir/tui/tuitest"
)

// copying records what clipboard programs receive.
func copying(st *screenTest, err error) *string {
	got := new(string)
	st.m.runTool = func(_ context.Context, _ []string, text string) error {
		*got = text
		return err
	}
	return got
}

func onX11(c *Config) { c.Env = []string{"TERM=xterm", "DISPLAY=:0"} }

func TestWhatIsYankedIsWhatIsShown(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 120, 24, onX11)
	got := copying(st, nil)
	for keys, want := range map[string]string{
		"y s": "10.100.1.17",
		"y d": "192.168.100.20",
		"y c": "11-14 14:12:07.100",
		"y q": "weir query --since 2h",
		"y y": "11-14 14:12:07.100\t+412ms\tTCP\tedge-1\t10.100.1.17\t51422\tdc-2\t192.168.100.20\t443\t12.4K\t1.1K\t...AP.SF\tclosed normally\tedge-1",
	} {
		st.press(strings.Fields(keys)...)
		if *got != want {
			t.Errorf("%s copies %q, want %q", keys, *got, want)
		}
		st.wantIn(st.footer(), "copied with xclip")
	}
	st.press("y", "j")
	if !strings.HasPrefix(*got, `{"`) || strings.Count(*got, "\n") != 1 {
		t.Errorf("JSON: %q", *got)
	}
}

func TestMarkedFlowsAreYankedTogether(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 120, 24, onX11)
	got := copying(st, nil)
	st.press("space", "j", "space")
	st.wantIn(st.footer(), "2 marked")
	st.press("y")
	st.wantIn(ansi.Strip(st.screen()), "of 2 marked flows")
	st.press("y")
	if rows := strings.Split(*got, "\n"); len(rows) != 2 || !strings.Contains(rows[1], "refused") {
		t.Errorf("copied: %q", *got)
	}
	st.store.Add(st.newFlow())
	st.tick()
	if st.m.flows.State != flows.Paused {
		t.Error("marking does not hold the view")
	}
	st.press("esc")
	if len(st.m.flows.Rows.Marks) != 0 {
		t.Error("Esc does not take the marks away")
	}
}

// raw runs a command and returns the escape sequence that it writes.
func raw(t *testing.T, cmd tea.Cmd) string {
	t.Helper()
	if cmd == nil {
		t.Fatal("nothing is written to the terminal")
	}
	msg, ok := cmd().(tea.RawMsg)
	if !ok {
		t.Fatalf("the command answers %T", msg)
	}
	return fmt.Sprint(msg.Msg)
}

func TestWithoutAProgramTheTerminalCopies(t *testing.T) {
	const text = "10.100.1.17"
	for _, c := range []struct{ env, begins, says string }{
		{"SSH_TTY=/dev/pts/1", "\x1b]52;c;", "OSC 52"},
		{"DISPLAY=:0", "\x1b]52;c;", "OSC 52"}, // if the program fails
		{"TMUX=/tmp/tmux", "\x1bPtmux;\x1b\x1b]52;c;", "through tmux"},
		{"TERM=screen-256color", "\x1bP\x1b]52;c;", "through screen"},
	} {
		st := newScreen(t, tuitest.NewStore(), 120, 24, func(cfg *Config) { cfg.Env = []string{c.env} })
		copying(st, errors.New("no display"))
		_, cmd := st.m.Update(st.m.copyText("source", text)())
		sequence := raw(t, cmd)
		if !strings.HasPrefix(sequence, c.begins) || !strings.Contains(sequence, base64.StdEncoding.EncodeToString([]byte(text))) {
			t.Errorf("%s: %q", c.env, sequence)
		}
		st.wantIn(st.footer(), c.says)
	}
}

func TestWhatATerminalCannotTakeIsRefused(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 160, 24, nil)
	if _, cmd := st.m.Update(st.m.copyText("rows", strings.Repeat("x", clipboardMax))()); cmd != nil {
		t.Error("too much was sent")
	}
	st.wantIn(st.footer(), "rows: too large to copy through the terminal (74,994 bytes, limit 56,244); mark fewer flows, or export them")
	st.m.Update(st.m.copyText(copiedCommand, strings.Repeat("x", 56_245))())
	st.wantIn(st.footer(), "command: too large to copy through the terminal (56,245 bytes, limit 56,244)")
	if strings.Contains(st.footer(), "mark fewer flows") {
		t.Error("fewer marked flows make no shorter command")
	}
	if _, cmd := st.m.Update(st.m.copyText("rows", strings.Repeat("x", 56_244))()); cmd == nil {
		t.Error("the largest text that a terminal can take was not sent")
	}
}
