package capture

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// compression is a compressed format, recognized by the first octets of a file.
type compression struct {
	name, magic string

	// open returns a reader of the uncompressed octets. With prompt it returns them as
	// soon as they can be known, although the file may go on: its writer may pause.
	// Close may be called during a read.
	open func(src *bufio.Reader, prompt bool) (io.ReadCloser, error)
}

// compressions are the formats that are decompressed: RFC 1952 section 2.3.1, RFC 8878
// sections 3.1.1 and 3.1.2, the LZ4 frame format, and the .xz file format section 2.1.1.
// The magic numbers have at most four octets.
var compressions = [...]compression{
	{"gzip", "\x1f\x8b", openGzip},
	{"zstd", "\x28\xb5\x2f\xfd", openZstd},
	{"zstd", "\x50\x2a\x4d\x18", openZstd}, // a skippable frame, with which pzstd begins
	{"lz4", "\x04\x22\x4d\x18", openLZ4},
	{"lz4", "\x02\x21\x4c\x18", openLZ4}, // lz4 -l
	{"xz", "\xfd7zX", openXZ},
}

// unsupportedCompressions are recognized for the error message only.
var unsupportedCompressions = [...]struct{ magic, name, tool string }{
	{"BZh", "bzip2", "bzip2 -d"},
	{"PK\x03\x04", "zip", "unzip"},
}

// compressionOf returns the format of a file that starts with head, nil if it is
// not compressed.
func compressionOf(head []byte) *compression {
	for i := range compressions {
		if bytes.HasPrefix(head, []byte(compressions[i].magic)) {
			return &compressions[i]
		}
	}
	return nil
}

func openGzip(src *bufio.Reader, _ bool) (io.ReadCloser, error) {
	z, err := gzip.NewReader(src)
	if err != nil {
		return nil, err
	}
	return io.NopCloser(z), nil // its Close frees nothing, and would be a race with a read
}

func openZstd(src *bufio.Reader, prompt bool) (io.ReadCloser, error) {
	// Without concurrency it has no goroutines, and need not be closed.
	d, err := zstd.NewReader(src, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxZstdWindow))
	if err != nil {
		return nil, err
	}
	explained := func(err error) error {
		if errors.Is(err, zstd.ErrWindowSizeExceeded) || errors.Is(err, zstd.ErrDecoderSizeExceeded) {
			return fmt.Errorf("zstd with a window of more than %d MiB: decompress it first (zstd -d --long=31)", maxZstdWindow>>20)
		}
		return err
	}
	if prompt {
		return newPromptReader(d, explained), nil
	}
	return io.NopCloser(errorReader{d, explained}), nil
}

func openLZ4(src *bufio.Reader, prompt bool) (io.ReadCloser, error) {
	z := lz4.NewReader(src)
	if prompt {
		return newPromptReader(z, nil), nil
	}
	return io.NopCloser(z), nil
}

// newPromptReader returns a reader of what a decompressor writes. WriteTo passes each
// block on, whereas Read waits until its buffer is full.
func newPromptReader(d io.WriterTo, explain func(error) error) io.ReadCloser {
	r, w := io.Pipe()
	go func() {
		_, err := d.WriteTo(w)
		if explain != nil {
			err = explain(err)
		}
		w.CloseWithError(err) // io.EOF for nil
	}()
	return r
}

// errorReader replaces the errors of a reader.
type errorReader struct {
	io.Reader
	explain func(error) error
}

func (r errorReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	return n, r.explain(err)
}
