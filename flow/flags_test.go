package flow_test

import (
	"fmt"
	"strings"
	"testing"

	"weir/flow"
)

func TestAllFlagSetsParseFromEveryFormat(t *testing.T) {
	for n := range 256 {
		want := flow.Flags(n)
		names := want.String()
		binary := want.Binary()
		for _, spelled := range []string{
			names, strings.ToLower(names), strings.ReplaceAll(names, " ", ","), strings.ReplaceAll(names, " ", "|"),
			want.Hex(), strings.ToUpper(want.Hex()), fmt.Sprintf("0x%x", n), fmt.Sprint(n),
			binary, binary[2:], binary[2:6] + " " + binary[6:], "0b" + binary[2:6] + "_" + binary[6:],
			want.Letters(), "[" + want.Letters() + "]", want.Columns(), "  " + names + "\t",
		} {
			if got, err := flow.ParseFlags(spelled); err != nil || got != want {
				t.Errorf("%s: %q parses as %s, %v", want.Hex(), spelled, got.Hex(), err)
			}
		}
	}
}

func TestFlagFormats(t *testing.T) {
	for _, row := range []struct{ hex, names, columns, letters string }{
		{"0xd6", "SYN RST ACK ECE CWR", "CE.A.RS.", "SREW."},
		{"0x1b", "FIN SYN PSH ACK", "...AP.SF", "FSP."},
		{"0x12", "SYN ACK", "...A..S.", "S."},
		{"0x02", "SYN", "......S.", "S"},
		{"0x00", "none", "........", "none"},
	} {
		f, err := flow.ParseFlags(row.hex)
		if err != nil {
			t.Fatal(err)
		}
		if f.String() != row.names || f.Columns() != row.columns || f.Letters() != row.letters || f.Hex() != row.hex {
			t.Errorf("%s: got %q %q %q", row.hex, f, f.Columns(), f.Letters())
		}
	}
	for i, info := range flow.FlagTable {
		if info.Flag != 1<<i {
			t.Errorf("row %d of the table is %s", i, info.Flag.Hex())
		}
	}
}

func TestInvalidFlagsAreErrors(t *testing.T) {
	for spelled, want := range map[string]string{
		"":           "no flags given: expected hex",
		"  []":       "no flags given: expected hex",
		"SYN FOO":    `unknown flags "SYN FOO": expected names from FIN SYN`,
		"XYZ":        `unknown flags "XYZ": expected names`,
		"s.":         `unknown flags "s.": expected names`, // tcpdump's letters are upper case
		"SS":         `unknown flags "SS": expected names`,
		"....S.":     `unknown flags "....S.": expected names`, // six columns instead of eight
		"...S..A.":   `unknown flags "...S..A.": expected names`,
		"256":        `flags "256" are not a number from 0 to 255`,
		"0x100":      `flags "0x100" are not a number from 0 to 255`,
		"0b111":      "",
		"0b2":        `flags "0b2" are not a number`,
		"0x":         `flags "0x" are not a number`,
		"1 8":        `flags "1 8" are not a number`,
		"-1":         `unknown flags "-1"`,
		"0x12 0x10":  `flags "0x12 0x10" are not a number`,
		"1111000011": `flags "1111000011" are not a number`,
	} {
		f, err := flow.ParseFlags(spelled)
		switch {
		case want == "" && err != nil:
			t.Errorf("%q: %v", spelled, err)
		case want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)):
			t.Errorf("%q: got %s, %v, want %s…", spelled, f.Hex(), err, want)
		}
	}
}

func TestHasRequiresEveryFlag(t *testing.T) {
	f := flow.SYN | flow.ACK
	if !f.Has(flow.SYN) || !f.Has(flow.SYN|flow.ACK) || f.Has(flow.SYN|flow.RST) || !f.Has(0) {
		t.Error("Has does not report whether all flags are set")
	}
}

func FuzzParseFlags(f *testing.F) {
	for _, seed := range []string{"", "0x12", "0b0001 0010", "18", "SYN ACK", "syn,ack", "[S.]", "...A..S.", "none", "0x", "٣", "[[", "0_0"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		flags, err := flow.ParseFlags(s)
		if err != nil {
			if flags != 0 {
				t.Errorf("%q: got %s with error %v, want 0", s, flags.Hex(), err)
			}
			return
		}
		for _, spelled := range []string{flags.String(), flags.Hex(), flags.Binary(), flags.Letters(), flags.Columns()} {
			if again, err := flow.ParseFlags(spelled); err != nil || again != flags {
				t.Errorf("%q is %s, but %q is %s, %v", s, flags.Hex(), spelled, again.Hex(), err)
			}
		}
	})
}
