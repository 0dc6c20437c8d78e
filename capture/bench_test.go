package capture_test

import (
	"bufio"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/gopacket/gopacket/pcapgo"

	"weir/capture"
)

// BenchmarkReadFile reads 64 MB of realistic traffic, and for comparison does so with
// pcapgo's fastest reader.
func BenchmarkReadFile(b *testing.B) {
	path := filepath.Join(corpus(b), "bigmix.pcap")

	b.Run("capture", func(b *testing.B) {
		perFrame(b, func() (n int) {
			src, err := capture.OpenFile(path)
			if err != nil {
				b.Fatal(err)
			}
			defer src.Close()
			var f capture.Frame
			for {
				switch err := src.Next(&f); {
				case errors.Is(err, io.EOF):
					return n
				case err != nil:
					b.Fatal(err)
				}
				n++
			}
		})
	})
	b.Run("pcapgo", func(b *testing.B) {
		perFrame(b, func() (n int) {
			file, err := os.Open(path)
			if err != nil {
				b.Fatal(err)
			}
			defer file.Close()
			r, err := pcapgo.NewReader(bufio.NewReaderSize(file, 1<<20))
			if err != nil {
				b.Fatal(err)
			}
			for {
				switch _, _, err := r.ZeroCopyReadPacketData(); {
				case errors.Is(err, io.EOF):
					return n
				case err != nil:
					b.Fatal(err)
				}
				n++
			}
		})
	})
}

// perFrame reports the time per frame. read reads a file and returns its number of
// frames.
func perFrame(b *testing.B, read func() int) {
	b.ReportAllocs()
	frames := 0
	for b.Loop() {
		frames += read()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(frames), "ns/frame")
	b.ReportMetric(float64(frames)/b.Elapsed().Seconds()/1e6, "Mframes/s")
}
