// Package capture reads frames from a capture file, from several capture files as
// one, or from a network interface of this machine.
//
// Each of them is a [Source]. One goroutine reads frames until the source ends:
//
//	src, err := capture.OpenFile("lab.pcapng.gz")
//	...
//	defer src.Close()
//	var f capture.Frame
//	for {
//		switch err := src.Next(&f); {
//		case err == nil:
//			// f.Data is valid until the next call of Next
//		case errors.Is(err, capture.ErrIdle):
//			// live sources only: no frame for a while, check timers
//		case errors.Is(err, io.EOF):
//			return nil
//		default:
//			return err // the frames before the error are valid
//		}
//	}
//
// Files also implement [Bulk]: after a frame from Next, one call returns the frames
// that are already buffered, which is faster.
//
// [OpenFile] reads pcap, pcapng and snoop, uncompressed or compressed with gzip, zstd, lz4 or
// xz, recognized by their first octets and not by their names. [OpenFiles] reads rotated
// captures as one source. [OpenStream] reads a pipe or standard input while it is written.
// [OpenFolder] follows a folder of rotated captures.
// [OpenLive] captures on an interface on Linux, and [OpenReopening] resumes after the
// interface was down or removed; [Interfaces] lists the interfaces.
//
// A source returns frames unchanged. It neither decodes nor stores them.
package capture
