package tui

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"weir/tui/session"
	"weir/tui/ui"
)

const (
	// clipboardMax is the maximum number of bytes of base64 in an OSC 52 sequence. Several
	// terminals drop sequences of more than 100,000 bytes.
	clipboardMax = 74_994

	// clipboardPatience is the timeout of a clipboard program.
	clipboardPatience = 2 * time.Second
)

// copiedMsg reports the result of a clipboard program.
type copiedMsg struct {
	what, text string
	by         string // the program that took the text
	err        error  // no program took it
}

// errNoClipboard means that the terminal is remote or that no clipboard program is installed.
var errNoClipboard = errors.New("no clipboard program")

// copyText copies text with a clipboard program or, if there is none, through the
// terminal (OSC 52), and tells the user which.
func (m *model) copyText(what, text string) tea.Cmd {
	if text == "" {
		m.Say(ui.Text, what+" is empty, nothing to copy")
		return nil
	}
	ctx, tools, run := m.Ctx, m.clipboardTools(), m.runTool
	return session.Guarded(func() tea.Msg {
		msg := copiedMsg{what: what, text: text, err: errNoClipboard}
		for _, tool := range tools {
			if msg.err = run(ctx, tool, text); msg.err == nil {
				msg.by = tool[0]
				break
			}
		}
		return msg
	})
}

// clipboardTools returns the programs that can access the user's clipboard: none over
// ssh.
func (m *model) clipboardTools() [][]string {
	switch env := m.Cfg.Env; {
	case m.Cfg.Remote():
		return nil
	case runtime.GOOS == "darwin":
		return [][]string{{"pbcopy"}}
	case session.FirstOf(env, "WAYLAND_DISPLAY") != "":
		return [][]string{{"wl-copy"}}
	case session.FirstOf(env, "DISPLAY") != "":
		return [][]string{{"xclip", "-selection", "clipboard"}, {"xsel", "--clipboard", "--input"}}
	}
	return nil
}

// runTool runs a clipboard program.
func runTool(ctx context.Context, tool []string, text string) error {
	ctx, cancel := context.WithTimeout(ctx, clipboardPatience)
	defer cancel()
	cmd := exec.CommandContext(ctx, tool[0], tool[1:]...)
	cmd.Stdin = strings.NewReader(text)
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("copy with %s: %w", tool[0], err)
	}
	return nil
}

func (m *model) onCopied(msg copiedMsg) tea.Cmd {
	if msg.err == nil {
		m.Say(ui.Good, msg.what+" copied with "+msg.by)
		return nil
	}
	if most := base64.StdEncoding.DecodedLen(clipboardMax); len(msg.text) > most {
		text := fmt.Sprintf("%s: too large to copy through the terminal (%s bytes, limit %s)", msg.what, ui.Count(len(msg.text)), ui.Count(most))
		if msg.what != copiedCommand {
			text += "; mark fewer flows, or export them"
		}
		m.Say(ui.Bad, text)
		return nil
	}
	sequence := ansi.SetSystemClipboard(msg.text)
	switch {
	case session.FirstOf(m.Cfg.Env, "TMUX") != "":
		m.Say(ui.Good, msg.what+" sent to the terminal through tmux (needs: set -g allow-passthrough on)")
		return tea.Raw(ansi.TmuxPassthrough(sequence))
	case strings.HasPrefix(session.FirstOf(m.Cfg.Env, "TERM"), "screen"):
		m.Say(ui.Good, msg.what+" sent to the terminal through screen (OSC 52)")
		return tea.Raw(ansi.ScreenPassthrough(sequence, screenChunk))
	}
	m.Say(ui.Good, msg.what+" sent to the terminal (OSC 52); not every terminal supports it")
	return tea.Raw(sequence)
}

// screenChunk is the maximum length of a string that GNU screen passes through.
const screenChunk = 768
