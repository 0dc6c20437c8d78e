package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"weir/internal/atomicfile"
)

// File holds the settings of a file. Nil and empty values are not set.
type File struct {
	Theme    string   `toml:"theme,omitempty"`     // name of a screen theme
	ASCII    *bool    `toml:"ascii,omitempty"`     // no line-drawing characters
	Mouse    *bool    `toml:"mouse,omitempty"`     // mouse support
	Names    *bool    `toml:"names,omitempty"`     // host names instead of addresses
	Services *bool    `toml:"services,omitempty"`  // service names instead of port numbers
	FPS      int      `toml:"fps,omitempty"`       // frames per second, 1 to 120
	KeepAge  string   `toml:"keep_age,omitempty"`  // maximum age of stored flows: 7d, always
	KeepSize string   `toml:"keep_size,omitempty"` // maximum size of the store: 10G, unlimited
	Columns  []Column `toml:"column,omitempty"`    // table columns in screen order

	Keys map[string][]string `toml:"keys,omitempty"` // key bindings by command name

	path string
	text []byte // file content, to find line numbers
}

// Column is a column of the flow table.
type Column struct {
	Name  string `toml:"name"`
	Width int    `toml:"width,omitempty"` // in terminal cells; 0: automatic
}

// Error is an error in a file.
type Error struct {
	Path string
	Line int // from 1; 0: unknown
	Msg  string
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return e.Path + ": " + e.Msg
	}
	return fmt.Sprintf("%s:%d: %s", e.Path, e.Line, e.Msg)
}

// maxFile is the maximum file size in bytes. A file with every setting has a few
// thousand.
const maxFile = 64 << 10

// Load reads a file. A missing file is empty. Invalid content is reported as
// joined errors of type *Error.
func Load(path string) (File, error) {
	f := File{path: path}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return f, nil
	case err == nil && !info.Mode().IsRegular():
		return f, &Error{Path: path, Msg: "not a regular file"}
	}
	text, err := readAtMost(path, maxFile+1)
	switch {
	case err != nil:
		return f, fmt.Errorf("read configuration: %w", err)
	case len(text) > maxFile:
		return f, &Error{Path: path, Msg: "larger than 64 KiB, the limit of a configuration file"}
	}
	f.text = text
	meta, err := toml.Decode(string(text), &f)
	if err != nil {
		return File{path: path, text: text}, f.decodeError(err)
	}
	return f, f.check(meta)
}

// readAtMost reads the first n bytes of a file: what stat says of its size may be
// outdated, and is 0 for some.
func readAtMost(path string, n int64) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(file, n))
	return text, errors.Join(err, file.Close())
}

// decodeError converts an error of the TOML parser to an *Error with its line.
func (f *File) decodeError(err error) error {
	var parse toml.ParseError
	if errors.As(err, &parse) {
		return &Error{f.path, parse.Position.Line, parse.Message}
	}
	// A value of the wrong type is reported only as text (toml v1.5.0, decode.go).
	msg := strings.TrimPrefix(err.Error(), "toml: ")
	var line int
	var key string
	if n, _ := fmt.Sscanf(msg, "line %d (last key %q):", &line, &key); n == 2 {
		_, why, _ := strings.Cut(msg, "): ")
		return &Error{f.path, line, key + ": " + why}
	}
	return &Error{Path: f.path, Msg: msg}
}

// check reports unknown settings and values out of range.
func (f *File) check(meta toml.MetaData) error {
	var errs []error
	for _, key := range meta.Undecoded() {
		table, name := "", key[len(key)-1]
		if len(key) > 1 {
			table = key[0]
		}
		errs = append(errs, &Error{f.path, f.Line(table, name), fmt.Sprintf("unknown setting %q: expected %s", key.String(), settings)})
	}
	if f.FPS != 0 && (f.FPS < 1 || f.FPS > 120) {
		errs = append(errs, &Error{f.path, f.Line("", "fps"), fmt.Sprintf("fps %d is out of range: expected 1 to 120", f.FPS)})
	}
	return errors.Join(errs...)
}

// settings lists the valid settings, for messages.
const settings = "theme, ascii, mouse, names, services, fps, keep_age, keep_size, [[column]] with name and width, and [keys]"

// IsEmpty reports whether the file is missing or blank.
func (f *File) IsEmpty() bool { return len(bytes.TrimSpace(f.text)) == 0 }

// Path returns the path passed to Load.
func (f *File) Path() string { return f.path }

// ColumnLine returns the line number of the [[column]] table with the given
// index, or 0.
func (f *File) ColumnLine(index int) int {
	for i, line := range strings.Split(string(f.text), "\n") {
		header, _, _ := strings.Cut(line, "#")
		if strings.ReplaceAll(strings.TrimSpace(header), " ", "") != "[[column]]" {
			continue
		}
		if index == 0 {
			return i + 1
		}
		index--
	}
	return f.Line("", "column")
}

// Line returns the line number of a setting, or 0. An empty table means the top
// level of the file.
func (f *File) Line(table, name string) int {
	current := ""
	for i, line := range strings.Split(string(f.text), "\n") {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			current = strings.Trim(strings.SplitN(line, "#", 2)[0], "[] \t")
			continue
		}
		key, _, ok := strings.Cut(line, "=")
		if ok && current == table && strings.Trim(strings.TrimSpace(key), `"'`) == name {
			return i + 1
		}
	}
	return 0
}

// Over returns base overridden by the settings of f. Keys of both are merged.
func (f File) Over(base File) File {
	if f.Theme != "" {
		base.Theme = f.Theme
	}
	for _, b := range []struct{ to, from **bool }{
		{&base.ASCII, &f.ASCII}, {&base.Mouse, &f.Mouse}, {&base.Names, &f.Names}, {&base.Services, &f.Services},
	} {
		if *b.from != nil {
			*b.to = *b.from
		}
	}
	if f.FPS != 0 {
		base.FPS = f.FPS
	}
	if len(f.Columns) > 0 {
		base.Columns = slices.Clone(f.Columns)
	}
	for name, keys := range f.Keys {
		if base.Keys == nil {
			base.Keys = map[string][]string{}
		}
		base.Keys[name] = keys
	}
	return base
}

// Save replaces a file atomically, readable by its owner only; see package
// atomicfile. It follows a symbolic link.
func Save(path string, f File) error {
	var b bytes.Buffer
	b.WriteString("# What was chosen on the screen. Remove the file to start over.\n")
	if err := toml.NewEncoder(&b).Encode(f); err != nil {
		return fmt.Errorf("write settings: %w", err)
	}
	if err := atomicfile.WriteFile(path, b.Bytes()); err != nil {
		return fmt.Errorf("write settings: %w", err)
	}
	return nil
}
