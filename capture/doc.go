// Package capture is where frames come from: a capture file, several of them,
// or a network interface of this machine.
//
// All three are a [Source]. One goroutine pulls frames out of it until it ends:
//
//	src, err := capture.OpenFile("lab.pcapng.gz")
//	...
//	defer src.Close()
//	var f capture.Frame
//	for {
//		switch err := src.Next(&f); {
//		case err == nil:
//			// f.Data is valid until the following Next
//		case errors.Is(err, capture.ErrIdle):
//			// only live: nothing for a while, look at the clock
//		case errors.Is(err, io.EOF):
//			return nil
//		default:
//			return err // what was read before still counts
//		}
//	}
//
// Files are a [Bulk], too: behind a frame of Next they give those that are at
// hand with one call, which takes less time.
//
// [OpenFile] reads pcap and pcapng, plain or gzip, told apart by their first
// octets and not by their names. [OpenFiles] reads rotated captures as one.
// [OpenLive] reads an interface on Linux; [Interfaces] says which there are.
//
// A source hands frames out as they are. It knows nothing of what is inside
// them, and keeps none.
package capture
