package tui

import (
	"strings"
	"testing"

	"weir/flow"
	"weir/search"
	"weir/tui/ui"
)

// resetFlow is a connection that its destination reset.
func resetFlow() *flow.Record {
	return &flow.Record{
		Proto: flow.TCP, Verdict: flow.ResetByDest, EndReason: flow.EndOfFlow,
		SrcSide: flow.Side{Flags: flow.SYN | flow.PSH | flow.ACK},
		DstSide: flow.Side{Flags: flow.SYN | flow.ACK | flow.RST},
	}
}

func TestTheFlagDecoderLooksRight(t *testing.T) {
	env := testEnv(t)
	dialogGoldens(t, newFlagDialog(nil, env), "flags-empty")
	dialogGoldens(t, newFlagDialog(resetFlow(), env), "flags-flow")
	dialogGoldens(t, newFlagDialog(&flow.Record{Proto: flow.UDP}, env), "flags-udp")

	wrong := newFlagDialog(nil, env)
	typeText(wrong, "SYN ACH")
	dialogGoldens(t, wrong, "flags-wrong")

	none := newFlagDialog(nil, env)
	typeText(none, "0x00")
	press(none, "tab")
	dialogGoldens(t, none, "flags-none")
}

func TestTheFlagDecoderReadsEveryNotationAsItIsTyped(t *testing.T) {
	for _, text := range []string{"0xd6", "0b11010110", "11010110", "214", "CWR ECE ACK RST SYN", "syn,rst,ack,ece,cwr", "SRWE."} {
		t.Run(text, func(t *testing.T) {
			d := newFlagDialog(nil, testEnv(t))
			typeText(d, text)
			view := d.view(&ui.Theme{}, 80, 24)
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
	view := newFlagDialog(resetFlow(), testEnv(t)).view(&ui.Theme{}, 80, 24)
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
	d := newFlagDialog(resetFlow(), testEnv(t))
	press(d, "ctrl+u", "S")
	if view := d.view(&ui.Theme{}, 80, 24); strings.Contains(view, "This flow") || !strings.Contains(view, "Only SYN: the handshake never completed") {
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
		d := newFlagDialog(nil, testEnv(t))
		typeText(d, "0x12")
		press(d, tt.keys...)
		if got := press(d, "enter"); got != accepted {
			t.Fatalf("Enter: got outcome %d", got)
		}
		got, ok := d.result()
		if !ok || got != search.Expr(tt.want) {
			t.Errorf("%v: got %v, want %v", tt.keys, got, tt.want)
		}
		if text := d.view(&ui.Theme{}, 80, 24); !strings.Contains(text, tt.want.String()) {
			t.Errorf("%v: the filter %s is not shown", tt.keys, tt.want)
		}
	}
}

func TestEnterInTheFlagDecoderStaysWhileThereIsNothingToFind(t *testing.T) {
	for _, tt := range []struct {
		text string
		keys []string
		want outcome
	}{
		{"", nil, stay},
		{"SYN ACH", nil, stay},
		{"0x1ff", nil, stay},
		{"none", nil, accepted}, // exactly no flag: a null scan
		{"none", []string{"tab"}, stay},
		{"none", []string{"tab", "tab"}, stay},
	} {
		d := newFlagDialog(nil, testEnv(t))
		typeText(d, tt.text)
		press(d, tt.keys...)
		if got := press(d, "enter"); got != tt.want {
			t.Errorf("%q %v: got outcome %d, want %d", tt.text, tt.keys, got, tt.want)
		}
	}
}

func TestEscClosesTheFlagDecoder(t *testing.T) {
	if got := press(newFlagDialog(resetFlow(), testEnv(t)), "esc"); got != canceled {
		t.Errorf("got outcome %d", got)
	}
}

func TestTenThousandKeysDoTheFlagDecoderNoHarm(t *testing.T) {
	env := testEnv(t)
	fuzzDialog(t, func() dialog { return newFlagDialog(resetFlow(), env) }, func(d dialog) {
		if x, ok := d.(*flagDialog).result(); !ok || x == nil {
			t.Error("accepted without a result")
		}
	})
}
