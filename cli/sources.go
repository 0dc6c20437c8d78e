package cli

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"weir/capture"
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
	endless   bool        // it ends when it is interrupted, or with its writer: not an end before the end
}

func (f *feed) close() {
	for _, o := range f.observers {
		_ = o.src.Close() // nothing was read from it yet
	}
}

// openFeed opens the sources that o names. Without -i, -r and --demo these are all
// interfaces that are up, except loopback. It returns an error if it could not
// open any of them. follow says that pipes are read while they are written.
func openFeed(ctx context.Context, o sourceOptions, follow bool) (*feed, error) {
	if o.demo {
		return demoFeed(), nil
	}
	f := &feed{}
	host, err := node.FromHost(o.nodeName())
	if err == nil { // without its addresses this host owns none
		f.own = []node.Node{host}
	}
	if len(o.files) > 0 {
		all, err := o.inputs()
		if err != nil {
			return nil, err
		}
		f.capturing = strings.Join(o.files, ", ")
		if err := f.openInputs(ctx, all, follow); err != nil {
			f.close()
			return nil, err
		}
		return f, nil
	}
	names, err := interfaceNames(o.interfaces)
	if err != nil {
		return nil, err
	}
	return f, f.openLive(o.nodeName(), names)
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
