package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"weir/capture"
	"weir/node"
)

// input is an argument of -r: PATH or NAME=PATH.
type input struct {
	path string // capture.Stdin for standard input
	node string // NAME; empty: --node, or the host's name
}

// parseInput splits an argument of -r. A file whose own name contains "=" is read as such: if it
// exists, or if what is before the "=" is no node name, as in ./a=b.
func parseInput(arg string) input {
	name, path, ok := strings.Cut(arg, "=")
	if !ok || path == "" || node.ValidName(name) != nil {
		return input{path: arg}
	}
	if _, err := os.Lstat(arg); err == nil {
		return input{path: arg}
	}
	return input{path, name}
}

// inputs returns the arguments of -r, with the node of each.
func (o *sourceOptions) inputs() ([]input, error) {
	var all []input
	stdin := 0
	for _, arg := range o.files {
		in := parseInput(arg)
		if in.node == "" {
			in.node = o.nodeName()
		}
		if in.path == capture.Stdin || in.path == "/dev/stdin" {
			in.path = capture.Stdin
			stdin++
		}
		all = append(all, in)
	}
	switch {
	case stdin > 1:
		return nil, usagef("-r -: standard input can be read only once")
	case stdin > 0 && isTerminal(os.Stdin):
		return nil, usagef("-r -: standard input is a terminal: expected a capture from a pipe or file, such as tcpdump -U -w - | weir -r -")
	}
	return all, nil
}

// readsStdin reports whether -r names standard input.
func (o *sourceOptions) readsStdin() bool {
	return slices.ContainsFunc(o.files, func(arg string) bool {
		path := parseInput(arg).path
		return path == capture.Stdin || path == "/dev/stdin"
	})
}

// openInputs opens what -r names. Files of one node are one source; with follow, each pipe
// and each folder is a source of its own that is read while it is written.
func (f *feed) openInputs(ctx context.Context, all []input, follow bool) error {
	f.endless = follow
	var nodes []string
	files := map[string][]string{} // by node
	for _, in := range all {
		if follow && capture.IsStream(in.path) {
			src, err := capture.OpenStream(in.path)
			if err != nil {
				return err
			}
			f.observers = append(f.observers, observer{in.node, src})
			continue
		}
		paths := []string{in.path}
		if info, err := os.Stat(in.path); err == nil && info.IsDir() {
			if follow {
				src, err := capture.OpenFolder(in.path)
				if err != nil {
					return err
				}
				f.observers = append(f.observers, observer{in.node, src})
				continue
			}
			if paths, err = f.folderFiles(in.path); err != nil {
				return err
			}
		}
		f.endless = false
		if files[in.node] == nil {
			nodes = append(nodes, in.node)
		}
		files[in.node] = append(files[in.node], paths...)
	}
	for _, name := range nodes {
		src, err := openFiles(ctx, files[name])
		if err != nil {
			return err
		}
		f.observers = append(f.observers, observer{name, src})
	}
	return nil
}

// folderFiles returns the captures that are in a folder now.
func (f *feed) folderFiles(dir string) ([]string, error) {
	captures, others, err := capture.FolderFiles(dir)
	if err != nil {
		return nil, err
	}
	if n := len(others); n > 0 {
		f.problems = append(f.problems, fmt.Errorf("folder %q: %s left out, not a capture: %s", dir, counted(int64(n), "file"), shortList(others)))
	}
	if len(captures) == 0 {
		return nil, fmt.Errorf("no capture with a packet in folder %q: expected pcap, pcapng or snoop files", dir)
	}
	return captures, nil
}

// shortList is the first names of a list.
func shortList(names []string) string {
	const most = 3
	if len(names) > most {
		return strings.Join(names[:most], ", ") + " …"
	}
	return strings.Join(names, ", ")
}

// openFiles is capture.OpenFiles until ctx ends: opening a named pipe waits for
// a writer.
func openFiles(ctx context.Context, paths []string) (capture.Source, error) {
	type opened struct {
		src capture.Source
		err error
	}
	done := make(chan opened, 1)
	go func() {
		src, err := capture.OpenFiles(paths)
		done <- opened{src, err}
	}()
	select {
	case o := <-done:
		return o.src, o.err
	case <-ctx.Done():
		return nil, fmt.Errorf("interrupted while opening %s: nothing could be read from it yet", strings.Join(paths, ", "))
	}
}

// keyboard returns what the screen reads its keys from: the terminal itself, if standard input has
// packets. The function it returns closes it.
func (o *sourceOptions) keyboard(in any) (tty *os.File, closeTTY func(), err error) {
	if !o.readsStdin() {
		tty, _ = in.(*os.File)
		return tty, func() {}, nil
	}
	tty, err = os.Open("/dev/tty")
	if err != nil {
		return nil, nil, errors.New("-r - reads packets from standard input, and there is no terminal for the keys of the screen: use weir capture or weir query")
	}
	return tty, func() { tty.Close() }, nil
}
