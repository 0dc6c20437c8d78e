package main

import (
	"os"
	"path/filepath"
	"strings"
)

// spreadFiles lets -r take several files, "-r a b", which flag packages don't
// know: it repeats the flag before each of them, "-r a -r b". What follows the
// first file belongs to -r as long as it exists or is named like a capture
// file, so that `query -r a.pcap dport:443` keeps its filter.
func spreadFiles(args []string) []string {
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
		case state == 2 && isCaptureName(arg):
			out = append(out, "-r")
		default:
			state = 0
		}
		out = append(out, arg)
	}
	return out
}

func isCaptureName(arg string) bool {
	if strings.HasPrefix(arg, "-") {
		return false
	}
	switch filepath.Ext(strings.TrimSuffix(arg, ".gz")) {
	case ".pcap", ".pcapng", ".cap":
		return true
	}
	_, err := os.Stat(arg)
	return err == nil
}
