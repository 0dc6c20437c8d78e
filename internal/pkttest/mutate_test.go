package pkttest_test

import (
	"bytes"
	"testing"

	"weir/internal/pkttest"
)

func TestMutationsAreDeterministic(t *testing.T) {
	frame, other := pkttest.Eth().IPv4("10.0.0.1", "10.0.0.2").TCP(1, 2).Bytes(), pkttest.Eth().IPv6("::1", "::2").UDP(3, 4).Bytes()
	whole := bytes.Clone(frame)
	a, b := pkttest.NewMutator(1), pkttest.NewMutator(1)
	changed := 0
	for range 1000 {
		got := a.Mutate(frame, other)
		if !bytes.Equal(got, b.Mutate(frame, other)) {
			t.Fatal("two mutators with the same seed differ")
		}
		if !bytes.Equal(got, frame) {
			changed++
		}
		if !bytes.Equal(frame, whole) {
			t.Fatal("Mutate changed its argument")
		}
	}
	if changed < 900 {
		t.Errorf("only %d of 1000 frames changed", changed)
	}
}
