package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/pflag"

	"weir/node"
)

// sourceOptions say where packets come from and where flows go.
type sourceOptions struct {
	interfaces []string // -i
	files      []string // -r
	node       string   // --node
	db         string   // --db
	demo       bool     // --demo
}

func (o *sourceOptions) register(flags *pflag.FlagSet) {
	flags.StringSliceVarP(&o.interfaces, "interface", "i", nil, "capture on these interfaces, or on `any` (loopback too)")
	flags.StringArrayVarP(&o.files, "read", "r", nil, "read capture `files` (pcap, pcapng, also .gz) instead of capturing")
	flags.StringVar(&o.node, "node", "", "`name` of the node that observes (default: the host name)")
	flags.StringVar(&o.db, "db", "", "the flow store's `path` (default: weir.db in the XDG state directory)")
	flags.BoolVar(&o.demo, "demo", false, "watch a small simulated network of three nodes")
	flags.SortFlags = false
}

// check refuses combinations that have no meaning.
func (o *sourceOptions) check() error {
	if o.node != "" {
		if err := node.ValidName(o.node); err != nil {
			return usageError{err}
		}
	}
	switch {
	case o.demo && (len(o.files) > 0 || len(o.interfaces) > 0):
		return usagef("--demo brings its own packets: leave out -i and -r")
	case len(o.files) > 0 && len(o.interfaces) > 0:
		return usagef("-r reads files and -i captures: give one of them")
	case slices.Contains(o.files, ""):
		return usagef("-r got an empty file name")
	}
	return nil
}

// nodeName is --node, or the host's name.
func (o *sourceOptions) nodeName() string {
	if o.node != "" {
		return o.node
	}
	name, err := os.Hostname()
	if err != nil || node.ValidName(name) != nil {
		return "localhost"
	}
	return name
}

// storePath is --db, or weir.db in the XDG state directory
// ($XDG_STATE_HOME/weir, by default ~/.local/state/weir).
func (o *sourceOptions) storePath() (string, error) {
	if o.db != "" {
		return o.db, nil
	}
	state := os.Getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(state) { // the XDG base directory specification: relative paths are to be ignored
		home, err := os.UserHomeDir()
		if err != nil || home == "" {
			return "", errors.New("no place for the flow store: neither XDG_STATE_HOME nor HOME is set; name one with --db PATH")
		}
		state = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(state, "weir", "weir.db"), nil
}
