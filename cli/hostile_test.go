package cli

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/internal/termsafe"
)

// hostileCase is a command line over a hostileFolder.
type hostileCase struct {
	args   []string
	stdin  string
	config string // folder of the configuration; empty: one that commands can do with
	code   int
	shows  string // on stdout: where the names come out; empty: on stderr, or nothing
	tabs   bool   // its stdout has columns that tabs part
	check  func(t *testing.T, stdout string)
}

// hostileCases are the cases of each command, by its path. The first one of a
// command is what its options are tried upon.
func hostileCases(f hostileFolder) map[string][]hostileCase {
	on := func(args ...string) []string { return append(args, "--db", f.store) }
	return map[string][]hostileCase{
		"weir": {
			{args: []string{"--plain", "-r", f.capture}, stdin: "details 1\nquit\n", shows: "evil"},
			{args: on("--plain", "-r", f.capture), stdin: "range all\nnodes\ntalkers node\ntalkers src\ntimeline\nhealth\nconversation 1\nexport " + hostile + "\ndetails 1\nfilter node:" + hostile + "\ncomplete node:e\n" + hostile + "\nhelp " + hostile + "\nquit\n", shows: "evil"},
			{args: []string{"-r", f.capture}, code: exitFailed},
		},
		"weir capture": {
			{args: []string{"capture", "-r", f.capture, "--db", hostile + ".new"}},
			{args: []string{"capture", "-r", f.capture, "--db", "x.db"}, config: "limits"},
			{args: []string{"capture", "-r", f.capture, "--db", "x.db"}, config: "unknown"},
			{args: []string{"capture", "-i", hostile}, code: exitFailed},
		},
		"weir query":              hostileQueries(f),
		"weir nodes":              {{args: on("nodes"), shows: "evil"}},
		"weir nodes add":          {{args: on("nodes", "add", "plain", "192.168.0.0/16")}, {args: on("nodes", "add", hostileWord, "10.0.0.0/8"), code: exitUsage}},
		"weir nodes remove":       {{args: on("nodes", "remove", hostileWord), code: exitFailed}},
		"weir nodes group":        {{args: on("nodes", "group"), shows: "evil"}},
		"weir nodes group add":    {{args: on("nodes", "group", "add", "plain-group", "a-node")}},
		"weir nodes group remove": {{args: on("nodes", "group", "remove", "nothing"), code: exitFailed}}, // names the groups that there are
		"weir db":                 {{args: []string{"db"}, code: exitUsage}},
		"weir db stat":            {{args: on("db", "stat"), shows: "flows"}, {args: []string{"db", "stat", "--db", f.capture}, code: exitFailed}},
		"weir db check":           {{args: on("db", "check")}},
		"weir db repair":          {{args: on("db", "repair"), shows: "no damage found"}},
		"weir db salvage":         {{args: []string{"db", "salvage", f.store, f.capture}, code: exitFailed}, {args: []string{"db", "salvage", f.capture, "other.db"}, code: exitFailed}},
		"weir db compact":         {{args: on("db", "compact"), shows: "after: "}, {args: []string{"db", "compact", "--db", "none.db"}, code: exitFailed}},
		"weir db vacuum":          {{args: on("db", "vacuum"), shows: "after: "}},
		"weir flags":              {{args: []string{"flags", "0x1b"}, shows: "0x1b"}, {args: []string{"flags", hostile}, code: exitUsage}},
		"weir config":             {{args: []string{"config"}, shows: "config.toml"}},
		"weir config check": {
			{args: []string{"config", "check"}, code: exitFailed},
			{args: []string{"config", "check"}, config: "limits", code: exitFailed},
			{args: []string{"config", "check"}, config: "unknown", code: exitFailed},
			{args: []string{"config", "check"}, config: "broken", code: exitFailed},
			{args: []string{"config", "check"}, config: hostile, shows: "evil"}, // names the file
		},
		"weir version": {{args: []string{"version"}, shows: "weir"}},
		"weir completion": {
			{args: []string{"completion", "bash"}, shows: "complete", tabs: true},
			{args: []string{"completion", "zsh"}, shows: "compdef", tabs: true},
			{args: []string{"completion", "fish"}, shows: "complete", tabs: true},
			{args: []string{"completion", "powershell"}, shows: "Register", tabs: true},
		},
		"weir filter": {{args: []string{"filter"}, shows: "dport"}, {args: []string{"help", "filter"}, shows: "dport"}},
		"weir help":   {{args: []string{"help"}, shows: "weir"}, {args: []string{"help", hostile}}},
		"weir __complete": {
			{args: []string{"__complete", "query", "--db", f.store, "snode:"}, shows: "snode", tabs: true, check: wantNamesAsTheyAre},
			{args: []string{"__complete", "query", "--db", f.store, "--node", ""}, shows: "evil\"; rm 'x'\\\n", tabs: true, check: wantNamesAsTheyAre},
			{args: []string{"__complete", "query", "@"}, shows: "@web", tabs: true},
			{args: []string{"__complete", "query", hostile}, tabs: true},
			{args: []string{"__complete", hostile}, tabs: true},
		},
	}
}

func hostileQueries(f hostileFolder) []hostileCase {
	on := func(args ...string) []string { return append(args, "--db", f.store) }
	return []hostileCase{
		{args: on("query", "--all"), shows: "evil"},
		{args: on("query", "--csv", "--all"), shows: "evil", check: wantCSV},
		{args: on("query", "--json", "--all"), shows: "evil", check: wantJSON},
		{args: on("query", "--json", "--all", "--columns", "interface,sourceNode,node"), shows: "evil", check: wantJSON},
		{args: on("query", "--csv", "--all", "--columns", "interface,destNode"), shows: "evil", check: wantCSV},
		{args: []string{"query", "-r", f.capture, "--json"}, shows: "evil", check: wantJSON},
		{args: []string{"query", "-r", f.capture, "--csv", "--columns", "interface"}, shows: "evil", check: wantCSV},
		{args: on("query", "--by", "node"), shows: "evil"},
		{args: on("query", "--by", "node", "--csv"), shows: "evil", check: wantCSV},
		{args: on("query", "--by", "node", "--json"), shows: "evil", check: wantJSON},
		{args: on("query", "--by", "pair"), shows: "10.0.0.1"},
		{args: on("query", "node:"+hostile), code: exitUsage},
		{args: on("query", `node:"evil`+"\x1b[2J\u202e"+`"`)},
		{args: on("query", "group:nothing"), code: exitFailed}, // names the groups that there are
		{args: on("query", "--node", hostileWord+"x", "--count"), shows: "0"},
		{args: on("query", "@web"), code: exitUsage},
		{args: on("query", "@web"), config: "broken", code: exitFailed},
		{args: on("query", "@none"), code: exitFailed},
		{args: on("query", "@quoted", "--count"), shows: "0"},
		{args: on("query", "@"+hostile), code: exitFailed},
		{args: on("query", hostile+".pcap"), code: exitUsage},
		{args: []string{"query", "-r", f.store}, code: exitFailed},
		{args: []string{"query", "--db", "none.db"}, code: exitFailed},
	}
}

// TestNoNameDrivesTheTerminal runs every command over hostile names. A command
// without a case fails it.
func TestNoNameDrivesTheTerminal(t *testing.T) {
	f := newHostileFolder(t)
	t.Setenv("XDG_STATE_HOME", filepath.Join(f.dir, "state"))
	t.Chdir(f.dir)
	cases := hostileCases(f)
	commands := allCommands()
	for path := range cases {
		if commands[path] == nil && path != "weir __complete" { // cobra adds it when it is asked for
			t.Errorf("%s is not a command any more", path)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(commands)) {
		cmd := commands[path]
		if len(cases[path]) == 0 {
			t.Errorf("%s has no case here: say what it does with hostile names", path)
			continue
		}
		for _, c := range cases[path] {
			runHostile(t, c, true)
		}
		for _, c := range spoiled(cmd, cases[path][0]) {
			runHostile(t, c, false)
		}
	}
	for _, c := range cases["weir __complete"] {
		runHostile(t, c, true)
	}
}

// allCommands are the commands by their path.
func allCommands() map[string]*cobra.Command {
	root := rootCommand()
	root.InitDefaultHelpCmd()
	all := map[string]*cobra.Command{}
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		all[cmd.CommandPath()] = cmd
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
	}
	walk(root)
	return all
}

// spoiled is a command line with hostile arguments: one for each option that
// takes a value, unknown options, and words where others or none are expected.
func spoiled(cmd *cobra.Command, base hostileCase) []hostileCase {
	words := strings.Fields(cmd.CommandPath())[1:]
	var all []hostileCase
	add := func(args ...string) {
		all = append(all, hostileCase{args: slices.Clone(args), stdin: "quit\n", tabs: base.tabs})
	}
	each := func(flag *pflag.Flag) {
		if flag.Value.Type() != "bool" {
			add(append(slices.Clone(base.args), "--"+flag.Name+"="+hostile)...)
		}
	}
	cmd.Flags().VisitAll(each)
	cmd.InheritedFlags().VisitAll(each)
	add(append(words, "--help")...)
	for _, text := range append(hostileTexts, hostile) {
		add(append(words, "--"+text)...)
		add(append(words, "-x"+text)...)
		add(append(slices.Clone(base.args), text)...)
		if len(words) > 0 {
			add(append(words, text, text)...)
		}
	}
	return all
}

// runHostile runs a case. Of a spoiled command line nothing is known but that
// what it prints is harmless.
func runHostile(t *testing.T, c hostileCase, known bool) {
	t.Helper()
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(os.Getenv("XDG_STATE_HOME"), "..", cmp.Or(c.config, "config")))
	var stdout, stderr bytes.Buffer
	ctx, cancel := t.Context(), context.CancelFunc(func() {})
	if !known { // weir capture -r follows a folder until it is interrupted
		ctx, cancel = context.WithTimeout(ctx, 2*time.Second)
	}
	defer cancel()
	code := run(ctx, c.args, strings.NewReader(c.stdin), &stdout, &stderr)
	wantHarmless(t, c.args, "stdout", stdout.String(), c.tabs)
	wantHarmless(t, c.args, "stderr", stderr.String(), false)
	if !known {
		return
	}
	if code != c.code || !strings.Contains(stdout.String(), c.shows) {
		t.Errorf("weir %q: exit code %d, want %d with %q on stdout\n%s%s", c.args, code, c.code, c.shows, &stdout, &stderr)
	}
	if code != exitOK && stderr.Len() == 0 {
		t.Errorf("weir %q fails in silence", c.args)
	}
	if c.check != nil {
		c.check(t, stdout.String())
	}
}

// wantHarmless wants nothing but characters that a terminal draws, and lines that
// no name began.
func wantHarmless(t *testing.T, args []string, stream, text string, tabs bool) {
	t.Helper()
	for line := range strings.SplitSeq(text, "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "FORGED") && stream == "stdout" {
			t.Errorf("weir %q: a name began a line of %s: %q", args, stream, line)
			return
		}
		if !utf8.ValidString(line) {
			t.Errorf("weir %q: %s is not UTF-8: %q", args, stream, line)
			return
		}
		for _, r := range line {
			if !termsafe.Drawn(r) && (r != '\t' || !tabs) {
				t.Errorf("weir %q: %s has the control character %U: %q", args, stream, r, line)
				return
			}
		}
	}
}

func wantCSV(t *testing.T, text string) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(rows) != strings.Count(text, "\n") || len(rows) < 2 {
		t.Errorf("%d rows of CSV, %v, in %d lines", len(rows), err, strings.Count(text, "\n"))
	}
}

func wantJSON(t *testing.T, text string) {
	t.Helper()
	for line := range strings.Lines(text) {
		if !json.Valid([]byte(line)) {
			t.Errorf("not JSON: %s", line)
		}
	}
}

// wantNamesAsTheyAre wants no completion that was changed to be printed: it would
// not be the name any more.
func wantNamesAsTheyAre(t *testing.T, text string) {
	t.Helper()
	if strings.ContainsAny(text, "^\uFFFD") {
		t.Errorf("completions: %q", text)
	}
}

// endAfter is a stream that ends its command once that has written some lines.
type endAfter struct {
	mu    sync.Mutex
	text  strings.Builder
	lines int
	end   context.CancelFunc
}

func (w *endAfter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text.Write(p)
	if strings.Count(w.text.String(), "\n") >= w.lines {
		w.end()
	}
	return len(p), nil
}

// TestNoNameDrivesTheTerminalWhileAQueryGoesOn is the same for query --follow,
// which does not end by itself.
func TestNoNameDrivesTheTerminalWhileAQueryGoesOn(t *testing.T) {
	f := newHostileFolder(t)
	for _, format := range []string{"--table", "--csv", "--json"} {
		ctx, end := context.WithCancel(t.Context())
		stdout := &endAfter{lines: len(hostileTexts), end: end}
		var stderr bytes.Buffer
		args := []string{"query", "--follow", "--since", "1h", "--db", f.store, format}
		if code := run(ctx, args, nil, stdout, &stderr); code != exitOK || !strings.Contains(stdout.text.String(), "evil") {
			t.Errorf("weir %q: exit code %d, %q, %q", args, code, stdout.text.String(), &stderr)
		}
		end()
		wantHarmless(t, args, "stdout", stdout.text.String(), false)
		wantHarmless(t, args, "stderr", stderr.String(), false)
	}
}
