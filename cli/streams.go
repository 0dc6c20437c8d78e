package cli

import (
	"io"

	"weir/internal/termsafe"
)

// safeStreams are the streams of a command: what names, filters and files hold
// is printed on them, and none of it may drive the terminal. Every character
// passes [termsafe.Writer], so that no command has to think of it. Newlines pass,
// and on stdout tabs, which shells expect between a completion and its help.
func safeStreams(stdout, stderr io.Writer) (safeOut, safeErr io.Writer) {
	return termsafe.NewWriter(stdout, "\n\t"), termsafe.NewWriter(stderr, "\n")
}

// raw is the stream below a safe one. It is for what makes its own text safe:
// the screen, which draws by escape sequences, and the formats of query, which
// have escapes of their own and print millions of lines.
func raw(stream io.Writer) io.Writer {
	if safe, ok := stream.(*termsafe.Writer); ok {
		return safe.Unwrap()
	}
	return stream
}
