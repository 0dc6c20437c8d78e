package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/pflag"

	"weir/db"
	"weir/node"
)

// sourceOptions say where packets come from and where flows go.
type sourceOptions struct {
	interfaces []string // -i
	files      []string // -r
	node       string   // --node
	db         string   // --db
	demo       bool     // --demo
	readOnly   bool     // --read-only
	keep       keepOptions
}

func (o *sourceOptions) register(flags *pflag.FlagSet) {
	flags.StringSliceVarP(&o.interfaces, "interface", "i", nil, "capture on the interfaces `names`, such as eth0,wg0; any: all that are up, including loopback")
	flags.StringArrayVarP(&o.files, "read", "r", nil, "read capture `files` (pcap, pcapng, snoop, also .gz .zst .lz4 .xz) instead of capturing, or follow a folder of them; - for standard input; NAME=FILE: as node NAME")
	flags.StringVar(&o.node, "node", "", "`name` of the reporting node (default: the host name), with -r of files without a NAME=")
	flags.StringVar(&o.db, "db", "", "the flow store's `path` (default: weir.db in the XDG state directory)")
	flags.StringVar(&o.keep.age, "keep-age", "", "remove flows stored longer ago than `age`, such as 30d; always: keep all (default 7d)")
	flags.StringVar(&o.keep.size, "keep-size", "", "remove the oldest flows when the store is larger than `size`, such as 50G; unlimited: no limit (default 10GiB)")
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
	case o.readOnly && (o.demo || len(o.files) > 0 || len(o.interfaces) > 0):
		return usagef("--read-only can't be combined with -i, -r or --demo: they write flows")
	case o.looksOnly() && o.keep != (keepOptions{}):
		return usagef("--keep-age and --keep-size remove flows, but the store is only read: give -i or -r, or use weir capture")
	case o.demo && (len(o.files) > 0 || len(o.interfaces) > 0):
		return usagef("--demo can't be combined with -i or -r")
	case len(o.files) > 0 && len(o.interfaces) > 0:
		return usagef("-r and -i can't be combined: give one of them")
	case slices.Contains(o.files, ""):
		return usagef(`invalid -r "": expected a file name`)
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
	return xdgPath("XDG_STATE_HOME", ".local/state", "weir.db", "flow store; name one with --db PATH")
}

// looksOnly reports whether the screen only reads the store: --read-only asks for it, and so does --db with a
// file that exists and nothing that would fill it, as a look must not change what is looked at.
func (o *sourceOptions) looksOnly() bool {
	if o.readOnly {
		return true
	}
	if o.db == "" || o.demo || len(o.files) > 0 || len(o.interfaces) > 0 {
		return false
	}
	info, err := os.Stat(o.db)
	return err == nil && info.Size() > 0
}

// openReader opens the store of storePath for reading.
func (o *sourceOptions) openReader(ctx context.Context) (*db.Reader, error) {
	path, err := o.storePath()
	if err != nil {
		return nil, err
	}
	return db.OpenReader(ctx, path, db.ReaderOptions{})
}

// historyPath is where the latest searches are kept, in the XDG state directory.
func historyPath() (string, error) {
	return xdgPath("XDG_STATE_HOME", ".local/state", "history", "search history")
}

// searchesPath is where searches with a name are kept, in the XDG
// configuration directory ($XDG_CONFIG_HOME/weir, by default ~/.config/weir).
func searchesPath() (string, error) {
	return xdgPath("XDG_CONFIG_HOME", ".config", "searches", "saved searches")
}

// configPath is the configuration file.
func configPath() (string, error) {
	return xdgPath("XDG_CONFIG_HOME", ".config", "config.toml", "configuration file")
}

// screenPath returns the path of the file with the choices made on the screen.
func screenPath() (string, error) {
	return xdgPath("XDG_STATE_HOME", ".local/state", "screen.toml", "settings of the screen")
}

// xdgPath is the path of a file of ours in a directory of the XDG base directory
// specification: the one that variable names, else the usual one. what says
// what would have been there, in the error.
func xdgPath(variable, usual, name, what string) (string, error) {
	dir := os.Getenv(variable)
	if !filepath.IsAbs(dir) { // the specification: relative paths are to be ignored
		home, err := os.UserHomeDir()
		if err != nil || home == "" {
			return "", fmt.Errorf("neither %s nor HOME is set: no place for the %s", variable, what)
		}
		dir = filepath.Join(home, filepath.FromSlash(usual))
	}
	return filepath.Join(dir, "weir", name), nil
}
