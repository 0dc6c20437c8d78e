package capture

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/ulikunitz/xz"
)

// FuzzXZ reads arbitrary .xz files with and without the layer that bounds their
// dictionaries: what ulikunitz/xz accepts must be read the same.
func FuzzXZ(f *testing.F) {
	for _, c := range []xz.WriterConfig{{}, {BlockSize: 64}, {NoCheckSum: true}, {CheckSum: xz.SHA256}, {DictCap: 4096}} {
		var out bytes.Buffer
		for range 2 {
			w, err := c.NewWriter(&out)
			if err == nil {
				_, err = w.Write(bytes.Repeat([]byte("a frame, and a frame, "), 20))
				err = errors.Join(err, w.Close())
			}
			if err != nil {
				f.Fatal(err)
			}
			f.Add(out.Bytes())
			out.Write(make([]byte, 8)) // padding between streams
		}
	}
	const enough = 1 << 20
	f.Fuzz(func(t *testing.T, data []byte) {
		var got []byte
		r, err := openXZ(bufio.NewReader(bytes.NewReader(data)), false)
		if err == nil {
			got, err = io.ReadAll(io.LimitReader(r, enough))
		}
		if err != nil && !errors.Is(err, errXZ) {
			return // a large dictionary, or the library's own error
		}
		var want []byte
		z, wantErr := xz.NewReader(bytes.NewReader(data))
		if wantErr == nil {
			want, wantErr = io.ReadAll(io.LimitReader(z, enough))
		}
		if (err == nil) != (wantErr == nil) || err == nil && !bytes.Equal(got, want) {
			t.Fatalf("%d octets, %v; without the layer %d, %v", len(got), err, len(want), wantErr)
		}
	})
}
