package capture_test

import (
	"errors"
	"testing"
	"time"

	"weir/capture"
)

func TestLiveInterfaceComesBack(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	vethPair(t)
	src, err := capture.OpenReopening(capture.LiveConfig{Interface: "here"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { src.Close() })
	frame := ethernet("a frame")
	var f capture.Frame
	sender(t, "there")(frame)
	next(t, src, &f)
	for _, away := range []struct{ leave, back func() }{
		{func() { ip(t, "link", "set", "here", "down") }, func() { ip(t, "link", "set", "here", "up") }},
		{func() { ip(t, "link", "del", "here") }, func() { vethPair(t) }},
	} {
		away.leave()
		for deadline := time.Now().Add(timeout); src.Stats().LastError == ""; {
			if err := src.Next(&f); err != nil && !errors.Is(err, capture.ErrIdle) || time.Now().After(deadline) {
				t.Fatalf("no LastError, Next returned %v", err)
			}
		}
		away.back()
		for deadline := time.Now().Add(timeout); src.Stats().LastError != ""; {
			if err := src.Next(&f); !errors.Is(err, capture.ErrIdle) || time.Now().After(deadline) {
				t.Fatalf("LastError is still set: %v", err)
			}
		}
		sender(t, "there")(frame)
		next(t, src, &f)
	}
	if got := src.Stats().Frames; got != 3 {
		t.Errorf("counted %d frames, want 3", got)
	}
}
