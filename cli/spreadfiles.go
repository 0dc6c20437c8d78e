package cli

import (
	"os"
	"path/filepath"
	"strings"

	"weir/capture"
)

// spreadFiles lets -r take several files, "-r a b", which flag packages don't
// know: it repeats the flag before each of them, "-r a -r b". Behind query, where
// a filter may follow, further files are those that are captures by their names
// or by what is in them: `query -r a.pcap tcp` keeps its filter even if a file
// is called tcp.
func spreadFiles(args []string) []string {
	isFile := func(arg string) bool { return arg == capture.Stdin || !strings.HasPrefix(arg, "-") }
	if len(args) > 0 && args[0] == "query" {
		isFile = isCaptureFile
	}
	out := make([]string, 0, len(args))
	state := 0 // 0: outside, 1: the file of a -r comes next, 2: more files may come
	for i, arg := range args {
		if arg == "--" {
			return append(out, args[i:]...)
		}
		switch {
		case state == 1:
			state = 2
		case arg == "-r" || arg == "--read":
			state = 1
		case strings.HasPrefix(arg, "--read=") || strings.HasPrefix(arg, "-r") && !strings.HasPrefix(arg, "--"):
			state = 2
		case state == 2 && isFile(arg):
			out = append(out, "-r")
		default:
			state = 0
		}
		out = append(out, arg)
	}
	return out
}

// isCaptureFile reports whether an argument, PATH or NAME=PATH, is a capture.
func isCaptureFile(arg string) bool {
	if arg == capture.Stdin {
		return true
	}
	if strings.HasPrefix(arg, "-") {
		return false
	}
	arg = parseInput(arg).path
	switch extension(arg) {
	case ".pcap", ".pcapng", ".cap":
		return true
	}
	if strings.ContainsRune(arg, filepath.Separator) { // a word of the filter may be the name of a folder
		if info, err := os.Stat(arg); err == nil && info.IsDir() {
			return true
		}
	}
	return capture.IsCapture(arg)
}

// extension returns the extension of a capture file's name, without that of a compression.
func extension(name string) string {
	for _, packed := range []string{".gz", ".zst", ".lz4", ".xz"} {
		name = strings.TrimSuffix(name, packed)
	}
	return filepath.Ext(name)
}
