package termsafe

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestWriterMatchesTextForAnySplit(t *testing.T) {
	for _, c := range []struct{ keep, text, want string }{
		{"\n", "plain\nlines\n", "plain\nlines\n"},
		{"\n", "\x1b[2Ja\tb\r\n\x00\n", "^[[2Ja^Ib^M\n^@\n"},
		{"\n\t", "word\thelp \x1b[m\n", "word\thelp ^[[m\n"},
		{"", "a\nb", "a^Jb"},
		{"\n", "C1 \u009b2J, bidi \u202e, zero width \u200b, line \u2028\n", "C1 \uFFFD2J, bidi \uFFFD, zero width \uFFFD, line \uFFFD\n"},
		{"\n", "\xff\xc3(\xe6\x9d\n", "\uFFFD\uFFFD(\uFFFD\uFFFD\n"},
		{"\n", "東京 Zu\u0308rich\n\u0308\n", "東京 Zu\u0308rich\n\uFFFD\n"},
	} {
		for size := 1; size <= len(c.text); size++ { // write size
			var b bytes.Buffer
			w := NewWriter(&b, c.keep)
			for part := range slices.Chunk([]byte(c.text), size) {
				if n, err := w.Write(part); n != len(part) || err != nil {
					t.Fatal(n, err)
				}
			}
			if b.String() != c.want {
				t.Errorf("%q in chunks of %d: got %q, want %q", c.text, size, b.String(), c.want)
			}
		}
	}
}

// chunks is a writer that records each Write separately.
type chunks struct{ all []string }

func (p *chunks) Write(b []byte) (int, error) {
	p.all = append(p.all, string(b))
	return len(b), nil
}

func TestConcurrentWritesAreNotInterleaved(t *testing.T) {
	var p chunks
	w := NewWriter(&p, "\n")
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() { fmt.Fprintf(w, "line %d\x1b\n", i) })
	}
	all.Wait()
	if len(p.all) != 20 {
		t.Fatalf("%d writes, want 20", len(p.all))
	}
	for _, line := range p.all {
		if !strings.HasPrefix(line, "line ") || !strings.HasSuffix(line, "^[\n") {
			t.Errorf("got %q", line)
		}
	}
}

type failingWriter struct{}

var errGone = errors.New("broken pipe")

func (failingWriter) Write([]byte) (int, error) { return 0, errGone }

func TestWriterReturnsErrors(t *testing.T) {
	w := NewWriter(failingWriter{}, "\n")
	if n, err := w.Write([]byte("x\n")); n != 0 || !errors.Is(err, errGone) {
		t.Errorf("got %d, %v", n, err)
	}
	if w.Unwrap() != (failingWriter{}) {
		t.Error("Unwrap returns a different writer")
	}
}

func FuzzWriter(f *testing.F) {
	f.Add([]byte("a\x1b[2J"), []byte("\xe2\x80"), []byte("\xae\n"))
	f.Add([]byte("\xc2"), []byte("\x9b"), []byte("0m\u0308\u0308"))
	f.Fuzz(func(t *testing.T, a, b, c []byte) {
		var cut, whole bytes.Buffer
		w := NewWriter(&cut, "\n\t")
		for _, part := range [][]byte{a, b, c} {
			_, _ = w.Write(part)
		}
		_, _ = NewWriter(&whole, "\n\t").Write(slices.Concat(a, b, c))
		if cut.String() != whole.String() {
			t.Errorf("in chunks %q, whole %q", cut.String(), whole.String())
		}
		for _, r := range cut.String() {
			if r != '\n' && r != '\t' && !Drawn(r) {
				t.Errorf("output %q contains %q", cut.String(), r)
			}
		}
	})
}
