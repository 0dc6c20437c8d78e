package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"weir/capture"
	"weir/flow"
	"weir/internal/demo"
	"weir/node"
)

const (
	ringBytes    = 32 << 20 // kernel ring of one interface
	ringsBytes   = 64 << 20 // all rings together, as long as each keeps minRingBytes
	minRingBytes = 4 << 20

	demoHistory = 15 * time.Minute // how much has happened when the demo begins
	demoSeed    = 1
)

// feed is what a command line asks to be metered.
type feed struct {
	observers []observer
	own       []node.Node // nodes known without the store
	capturing string      // what is watched, for people: "eth0, wlan0"
	problems  []error     // interfaces that could not be opened while others could
}

func (f *feed) close() {
	for _, o := range f.observers {
		_ = o.src.Close() // nothing was read from it yet
	}
}

// openFeed opens the sources that o names. Without -i, -r and --demo these are all
// interfaces that are up, except loopback. It returns an error if it could not
// open any of them.
func openFeed(ctx context.Context, o sourceOptions) (*feed, error) {
	if o.demo {
		return demoFeed(), nil
	}
	f := &feed{}
	host, err := node.FromHost(o.nodeName())
	if err == nil { // without its addresses this host owns none
		f.own = []node.Node{host}
	}
	if len(o.files) > 0 {
		src, err := openFiles(ctx, o.files)
		if err != nil {
			return nil, err
		}
		f.observers = []observer{{o.nodeName(), src}}
		f.capturing = strings.Join(o.files, ", ")
		return f, nil
	}
	names, err := interfaceNames(o.interfaces)
	if err != nil {
		return nil, err
	}
	return f, f.openLive(o.nodeName(), names)
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

// isPartial reports whether err, of reading files, means only that not all of them was read.
func isPartial(err error) bool {
	if err == nil {
		return true
	}
	for _, e := range joinedErrors(err) {
		if !errors.As(e, new(*capture.PartialError)) {
			return false
		}
	}
	return true
}

// unknownLinks returns the error of frames whose link type can't be decoded, or nil.
func unknownLinks(h flow.Health) error {
	var errs []error
	for _, c := range h.Skipped {
		if link, ok := strings.CutPrefix(c.Name, "unknown link type "); ok {
			errs = append(errs, fmt.Errorf("%s can't be decoded: unknown link type %s (see tcpdump.org/linktypes.html)", counted(int64(c.N), "frame"), link))
		}
	}
	return errors.Join(errs...)
}

func demoFeed() *feed {
	network := demo.New(demo.Config{Start: time.Now(), Now: time.Now, Seed: demoSeed, History: demoHistory, Live: true})
	f := &feed{own: network.Nodes(), capturing: "the simulated network of the demo"}
	for _, s := range network.Sources() {
		f.observers = append(f.observers, observer{s.Node, s.Source})
	}
	return f
}

// interfaceNames resolves -i: names stay as given, "any" means all interfaces that
// are up, and no name means all that are up except loopback.
func interfaceNames(asked []string) ([]string, error) {
	anyone := slices.Contains(asked, "any")
	if len(asked) > 0 && !anyone {
		slices.Sort(asked)
		return slices.Compact(asked), nil
	}
	all, err := capture.Interfaces()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, i := range all {
		if i.Up && (anyone || !i.Loopback) {
			names = append(names, i.Name)
		}
	}
	if len(names) == 0 {
		return nil, errors.New("no interface is up: name one with -i (lo for loopback), or read a capture file with -r")
	}
	return names, nil
}

// openLive opens the named interfaces. When only some of them can be opened,
// the others are kept in f.problems.
func (f *feed) openLive(nodeName string, names []string) error {
	ring := max(minRingBytes, min(ringBytes, ringsBytes/len(names)))
	var opened []string
	for _, name := range names {
		src, err := capture.OpenReopening(capture.LiveConfig{Interface: name, RingBytes: ring, Promiscuous: true})
		if err != nil {
			f.problems = append(f.problems, err)
			continue
		}
		f.observers = append(f.observers, observer{nodeName, src})
		opened = append(opened, name)
	}
	f.capturing = strings.Join(opened, ", ")
	if len(opened) == 0 {
		return f.problems[0]
	}
	return nil
}
