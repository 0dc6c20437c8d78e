package session

import (
	"context"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/charmbracelet/colorprofile"

	"weir/flow"
	"weir/node"
	"weir/search"
)

// Store provides the flows. Its methods are called from several goroutines and
// return soon after their context ends.
type Store interface {
	// Search returns the next n flows after the cursor, in the order of r.
	Search(ctx context.Context, r search.Request, after search.Cursor, n int) (search.Page, error)

	// Count returns how many flows match r, ignoring its limit: exactly up to limit,
	// limit+1 if there are more.
	Count(ctx context.Context, r search.Request, limit int64) (int64, error)

	// Summaries returns all nodes with the sums they reported in a time range.
	Summaries(ctx context.Context, r search.Range) ([]node.Summary, error)

	// Groups returns the groups of the nodes.
	Groups(ctx context.Context) (node.Groups, error)

	// Interfaces returns the names of the interfaces that the flows were seen at.
	Interfaces(ctx context.Context) ([]string, error)

	// Version returns a number that changes whenever the results of Search may
	// have changed. It is called several times a second.
	Version() uint64
}

// Config is the configuration of the screen and of the line mode. Store is required.
type Config struct {
	Store  Store
	Health func() flow.Health // counters of the metering process, called often; nil: this process captures nothing
	Query  search.Query       // the initial query

	Follows bool   // Health is that of another process, which writes the store
	Reading string // what the header says while no other process writes the store, "w.db"; empty: this process writes it

	Host string // name of this machine; not shown if empty

	Capturing string // names of the sources, "eth0, wlan0"; empty: no capture
	Notice    string // shown on every screen, such as why nothing is captured and the command that fixes it

	Keys     map[string][]string  // configured keys by the name of a command, validated by CheckKeys
	Settings Settings             // as saved in the previous session
	Save     func(Settings) error // saves changed settings, on any goroutine; nil: they are not saved

	Past     []string                // the latest searches, oldest first, as [search.ParseQuery] reads them
	Remember func(text string) error // appends a search to Past, may block; nil: searches are kept until the session ends

	Searches Searches // saved searches; nil: not available

	Resolve func(context.Context, netip.Addr) (string, error) // reverse DNS lookup; nil: not available

	Now       func() time.Time // nil: time.Now
	Loc       *time.Location   // time zone of display and exports; nil: time.Local
	ExportDir string           // directory of exports; empty: the working directory

	FPS          int                  // frames a second, 1 to 120; 0: 60, or 30 over ssh
	ColorProfile colorprofile.Profile // Unknown: detected; NO_COLOR is honoured
	ASCII        bool                 // no line drawing characters; implied by the locales C and POSIX
	Env          []string             // environment of the terminal; nil: os.Environ()
}

// withDefaults returns the configuration with defaults for the fields that are zero.
func (c Config) withDefaults() Config {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Loc == nil {
		c.Loc = time.Local
	}
	if c.Env == nil {
		c.Env = os.Environ()
	}
	if dir, err := filepath.Abs(c.ExportDir); err == nil { // an error shows up again when a file is written
		c.ExportDir = dir
	}
	if c.FPS == 0 {
		c.FPS = fpsLocal
		if c.Remote() {
			c.FPS = fpsRemote
		}
	}
	if locale := FirstOf(c.Env, "LC_ALL", "LC_CTYPE", "LANG"); locale == "C" || locale == "POSIX" {
		c.ASCII = true
	}
	return c
}

// Remote reports whether the terminal is connected through ssh.
func (c *Config) Remote() bool { return FirstOf(c.Env, "SSH_TTY") != "" }

// FirstOf returns the value of the first variable that is set and not empty.
func FirstOf(env []string, names ...string) string {
	for _, name := range names {
		for _, pair := range env {
			if key, value, _ := strings.Cut(pair, "="); key == name && value != "" {
				return value
			}
		}
	}
	return ""
}
