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

// Store is where the screen gets flows from. Its methods are called from
// several goroutines and stop soon when their context ends.
type Store interface {
	// Search returns the next n flows behind the cursor, in the order of r.
	Search(ctx context.Context, r search.Request, after search.Cursor, n int) (search.Page, error)

	// Count returns how many flows match r, whatever its limit: exactly up to
	// max, max+1 if there are more.
	Count(ctx context.Context, r search.Request, max int64) (int64, error)

	// Summaries returns all nodes with what they reported in a range of time.
	Summaries(ctx context.Context, r search.Range) ([]node.Summary, error)

	// Groups returns the groups that the nodes are in.
	Groups(ctx context.Context) (node.Groups, error)

	// Version returns a number that changes whenever what Search returns may
	// have changed. It is asked several times a second.
	Version() uint64
}

// Config is what the screen needs to know. Store is required.
type Config struct {
	Store  Store
	Health func() flow.Health // what was counted so far, called often; nil: nothing is captured here
	Query  search.Query       // what is shown at first, as it is

	Host string // name of this machine; empty: not shown

	Capturing string // what flows are captured from, "eth0, wlan0"; empty: nothing
	Notice    string // what the user must know, such as why nothing is captured and the command that fixes it

	Keys     map[string][]string  // keys of one's own, by the name of a command; CheckKeys says what is wrong with them
	Settings Settings             // what the reader chose the last time
	Save     func(Settings) error // remembers what is chosen now, on any goroutine; nil: nothing is remembered

	Past     []string                // the latest searches, the oldest first, as lines of text: see search.ParseQuery
	Remember func(text string) error // adds a search to those; may take time; nil: they are kept until the end

	Searches Searches // searches with a name; nil: there are none here

	Resolve func(context.Context, netip.Addr) (string, error) // the name of a host; nil: names are not looked up

	Now       func() time.Time // nil: time.Now
	Loc       *time.Location   // time zone of the screen and of exports; nil: time.Local
	ExportDir string           // where exports go; empty: the working directory

	FPS          int                  // frames a second, 1 to 120; 0: 60, and 30 over ssh
	ColorProfile colorprofile.Profile // Unknown: detected, NO_COLOR is honoured
	ASCII        bool                 // no line drawing characters; also if the locale is C or POSIX
	Env          []string             // environment of the terminal; nil: os.Environ()
}

// withDefaults fills in what was left out.
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
	if dir, err := filepath.Abs(c.ExportDir); err == nil { // else exports say why
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

// Remote reports whether the terminal is at the other end of ssh.
func (c *Config) Remote() bool { return FirstOf(c.Env, "SSH_TTY") != "" }

// FirstOf returns the value of the first of the variables that has one.
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
