package dialog

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"weir/flow"
	"weir/search"
	"weir/tui/tuitest"
	"weir/tui/ui"
)

// resetFlow is a connection reset by its destination.
func resetFlow() *flow.Record {
	return &flow.Record{
		Proto: flow.TCP, Verdict: flow.ResetByDest, EndReason: flow.EndOfFlow,
		SrcSide: flow.Side{Flags: flow.SYN | flow.PSH | flow.ACK},
		DstSide: flow.Side{Flags: flow.SYN | flow.ACK | flow.RST},
	}
}

func TestTheFlagDecoderLooksRight(t *testing.T) {
	tuitest.Goldens(t, NewFlags(nil), "flags-empty")
	tuitest.Goldens(t, NewFlags(resetFlow()), "flags-flow")
	tuitest.Goldens(t, NewFlags(&flow.Record{Proto: flow.UDP}), "flags-udp")

	wrong := NewFlags(nil)
	tuitest.Type(wrong, "SYN ACH")
	tuitest.Goldens(t, wrong, "flags-wrong")

	none := NewFlags(nil)
	tuitest.Type(none, "0x00")
	tuitest.Press(none, "tab")
	tuitest.Goldens(t, none, "flags-none")
}

func TestTheFlagDecoderReadsEveryNotationAsItIsTyped(t *testing.T) {
	for _, text := range []string{"0xd6", "0b11010110", "11010110", "214", "CWR ECE ACK RST SYN", "syn,rst,ack,ece,cwr", "SRWE."} {
		t.Run(text, func(t *testing.T) {
			d := NewFlags(nil)
			tuitest.Type(d, text)
			view := d.View(&ui.Theme{}, 80, 24)
			for _, want := range []string{
				"0xd6", "0b11010110", "decimal 214", "SYN RST ACK ECE CWR",
				"[ ] 0x01", "[x] 0x02", "[x] 0x04", "[ ] 0x08", "[x] 0x10", "[ ] 0x20", "[x] 0x40", "[x] 0x80",
			} {
				if !strings.Contains(view, want) {
					t.Errorf("%q is missing in\n%s", want, view)
				}
			}
		})
	}
}

func TestTheFlagDecoderOpensWithTheFlagsOfTheFlowAndTheSideThatSetThem(t *testing.T) {
	view := NewFlags(resetFlow()).View(&ui.Theme{}, 80, 24)
	for _, want := range []string{
		"[SYN RST PSH ACK ", "0x1e",
		"RST  Reset the connection                      -   RST",
		"PSH  Push function                            PSH   - ",
		"This flow: handshake complete, then the destination reset the connection.",
		flow.UnionNote,
	} {
		if !strings.Contains(view, want) {
			t.Errorf("%q is missing in\n%s", want, view)
		}
	}
}

func TestTheFlagDecoderForgetsTheFlowOnceOtherFlagsAreTyped(t *testing.T) {
	d := NewFlags(resetFlow())
	tuitest.Press(d, "ctrl+u", "S")
	if view := d.View(&ui.Theme{}, 80, 24); strings.Contains(view, "This flow") || !strings.Contains(view, "Only SYN: the handshake never completed") {
		t.Errorf("it explains something else than SYN:\n%s", view)
	}
}

func TestEnterInTheFlagDecoderFindsFlowsWithTheseFlags(t *testing.T) {
	synAck := flow.SYN | flow.ACK
	for _, tt := range []struct {
		keys []string
		want search.FlagTest
	}{
		{nil, search.FlagTest{Field: search.FieldFlags, All: synAck, Exact: true}},
		{[]string{"tab"}, search.FlagTest{Field: search.FieldFlags, All: synAck}},
		{[]string{"tab", "tab"}, search.FlagTest{Field: search.FieldFlags, Any: synAck}},
		{[]string{"shift+tab"}, search.FlagTest{Field: search.FieldFlags, Any: synAck}},
		{[]string{"tab", "tab", "tab"}, search.FlagTest{Field: search.FieldFlags, All: synAck, Exact: true}},
	} {
		d := NewFlags(nil)
		tuitest.Type(d, "0x12")
		tuitest.Press(d, tt.keys...)
		got, ok := tuitest.Press(d, "enter").(TermChosenMsg)
		if !ok || got.Term != search.Expr(tt.want) {
			t.Errorf("%v: got %v, want %v", tt.keys, got.Term, tt.want)
		}
		if text := d.View(&ui.Theme{}, 80, 24); !strings.Contains(text, tt.want.String()) {
			t.Errorf("%v: the filter %s is not shown", tt.keys, tt.want)
		}
	}
}

func TestEnterInTheFlagDecoderStaysWhileThereIsNothingToFind(t *testing.T) {
	for _, tt := range []struct {
		text string
		keys []string
		want bool
	}{
		{"", nil, false},
		{"SYN ACH", nil, false},
		{"0x1ff", nil, false},
		{"none", nil, true}, // exactly no flag: a null scan
		{"none", []string{"tab"}, false},
		{"none", []string{"tab", "tab"}, false},
	} {
		d := NewFlags(nil)
		tuitest.Type(d, tt.text)
		tuitest.Press(d, tt.keys...)
		if got := tuitest.Press(d, "enter"); (got != nil) != tt.want {
			t.Errorf("%q %v: got %v, want an answer: %v", tt.text, tt.keys, got, tt.want)
		}
	}
}

func TestEscClosesTheFlagDecoder(t *testing.T) {
	if got := tuitest.Press(NewFlags(resetFlow()), "esc"); got != tuitest.Closed {
		t.Errorf("got %v", got)
	}
}

func TestTenThousandKeysDoTheFlagDecoderNoHarm(t *testing.T) {
	tuitest.Fuzz(t, func() ui.Window { return NewFlags(resetFlow()) }, func(_ ui.Window, answer tea.Msg) {
		if x, ok := answer.(TermChosenMsg); !ok || x.Term == nil {
			t.Error("chosen without a term")
		}
	})
}

func TestTheCursorIsAReversedCharacter(t *testing.T) {
	th := &ui.Theme{}
	th.Set(ui.Selected, lipgloss.NewStyle().Reverse(true))
	d := NewFlags(resetFlow())
	if view := d.View(th, 80, 24); !strings.Contains(view, "SYN RST PSH ACK\x1b[7m \x1b[m") {
		t.Errorf("no cursor behind the text:\n%s", view)
	}
	tuitest.Press(d, "left")
	if view := d.View(th, 80, 24); !strings.Contains(view, "SYN RST PSH AC\x1b[7mK\x1b[m") {
		t.Errorf("no cursor on the last letter:\n%s", view)
	}
}
