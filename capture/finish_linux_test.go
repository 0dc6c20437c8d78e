package capture_test

import (
	"bytes"
	"errors"
	"os"
	"testing"
	"time"

	"weir/capture"
)

func TestFinishReturnsWhatHasArrived(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	vethPair(t)
	cfg := capture.LiveConfig{Interface: "here", Promiscuous: true}
	reopening, err := capture.OpenReopening(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer reopening.Close()
	send := sender(t, "there")
	for _, src := range []capture.Source{openLive(t, cfg), reopening} {
		const frames = 5000
		for range frames {
			send(ethernet("before"))
		}
		src.(capture.Finisher).Finish()
		send(ethernet("after"))
		n, begun := 0, time.Now()
		for {
			var f capture.Frame
			if err := src.Next(&f); errors.Is(err, capture.ErrIdle) {
				continue
			} else if err != nil {
				if !errors.Is(err, os.ErrClosed) {
					t.Errorf("it ends with %v", err)
				}
				break
			}
			if bytes.HasSuffix(f.Data, []byte("before")) {
				n++
			}
		}
		if n < frames {
			t.Errorf("%d of %d frames that had arrived", n, frames)
		}
		if took := time.Since(begun); took > timeout {
			t.Errorf("it took %v", took)
		}
	}
}
