package cli

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/db"
	"weir/flow"
	"weir/internal/pkttest"
	"weir/node"
)

// hostileTexts are what a name from a packet, a file or a colleague may hold to
// drive a terminal, to forge a line or to hide. The word evil is in each, so
// that a test finds where it was printed.
var hostileTexts = []string{
	"evil\x1b[2J\x1b]0;t\a",      // escape sequences: clear the screen, name the window
	"\u009b31mevil\u0085\u0090q", // C1 controls, which are introducers too
	"evil\r\nFORGED\x7f\x00",     // a line of its own, DEL, NUL
	"\tevil\v\f\b",
	"\u202eevil\u2066\u200f\u061c",       // bidirectional controls
	"e\u200bvil evil\u2060\ufeff\u00ad",  // zero width, soft hyphen
	"evil\u2028FORGED\u2029\u3164\ufe0f", // other line ends, a filler, a variation selector
	"evil\xff\xc3(\xe6\x9d",              // not UTF-8
	"=evil\x1b]8;;x\x1b\\",               // a formula and a link
	"evil\"; rm 'x'\\",                   // quotes
}

// hostile is all of it in a row, without the NUL that no argument and no file
// name can have.
var hostile = strings.ReplaceAll(strings.Join(hostileTexts, " "), "\x00", "")

// hostileWord is a name of 40 bytes, to take the place of a valid one in a file.
const hostileWord = "evil\x1b[2J\r\nFORGED\t\u009b1m\u202e\u200b\xffevilevilev"

// hostileFolder makes what the commands of the test read, all of it in one
// folder: a store, captures and files of the configuration.
type hostileFolder struct {
	dir     string
	store   string // its name is hostile as well
	capture string // a pcapng file with a hostile name and a hostile interface
}

func newHostileFolder(t *testing.T) hostileFolder {
	t.Helper()
	dir := t.TempDir()
	f := hostileFolder{dir: dir, store: filepath.Join(dir, hostile+".db"), capture: filepath.Join(dir, hostile+".pcapng")}
	if err := os.WriteFile(f.store, nil, 0o600); err != nil {
		t.Skipf("this file system does not take such names: %v", err)
	}
	if err := os.Remove(f.store); err != nil {
		t.Fatal(err)
	}
	fillHostileStore(t, f.store)
	frames := pkttest.Between(smallStart, "192.168.100.1:51422", "172.16.1.20:443").Handshake().Send(500).Recv(9000).Close().Frames()
	writeFile(t, f.capture, pcapng(hostileTexts[2]+hostileTexts[0]+hostile, frames))
	const values = `theme = "evil\u001b[2J\u0085\r\nFORGED\u202E"
[[column]]
name = "evil\u001b]0;t\u0007"
[keys]
"evil\u001b[2J" = ["x"]
pause = ["evil\u001b[2J"]
`
	for folder, text := range map[string]string{
		"config":  values,
		"limits":  "keep_age = \"evil\\u009b2J\\u200b\"\nkeep_size = \"evil\\u2028\\u007f\\t\"\n" + values,
		"unknown": "\"evil\\u001b[31m\" = 3\n" + values,
		"broken":  "evil\x1b[2J\u202e = \xff\n",
		hostile:   "",
	} {
		writeFile(t, filepath.Join(dir, folder, "weir", "config.toml"), []byte(text))
	}
	line := strings.NewReplacer("\r", "", "\n", "").Replace(hostile)
	writeFile(t, filepath.Join(dir, "config", "weir", "searches"), []byte("web = "+line+"\nquoted = \"node:\\\"evil\\x1b[2J\\\"\"\n"))
	writeFile(t, filepath.Join(dir, "broken", "weir", "searches"), []byte(hostile+"\n"))
	writeFile(t, filepath.Join(dir, "state", "weir", "history"), []byte(hostile+"\n"))
	writeFile(t, filepath.Join(dir, "state", "weir", "screen.toml"), []byte(`theme = "evil\u001b[2J"`))
	return f
}

func writeFile(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, data, 0o600)); err != nil {
		t.Fatal(err)
	}
}

// fillHostileStore makes a store with flows of hostile nodes and interfaces, a
// hostile declared node and a hostile group. Package db takes valid names only of
// those two, so they are exchanged in the file.
func fillHostileStore(t *testing.T, path string) {
	t.Helper()
	plain := filepath.Join(filepath.Dir(path), "plain.db")
	store, err := db.Open(t.Context(), plain, db.WriterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ran := make(chan error, 1)
	go func() { ran <- store.Run(ctx) }()
	var recs []flow.Record
	for i, text := range append(hostileTexts, hostile) {
		r := someFlow(int64(i+1), time.Now().Add(-time.Duration(i)*time.Second), uint16(1000+i))
		r.Node, r.Interface, r.Src.Node, r.Dst.Node = text, text, text, text
		if i%2 == 0 {
			r.EndReason, r.Verdict = flow.EndOfFlow, flow.Closed
		}
		recs = append(recs, r)
	}
	err = errors.Join(store.Put(t.Context(), recs), store.Flush(t.Context()))
	stop()
	if err = errors.Join(err, <-ran, store.Close()); err != nil {
		t.Fatal(err)
	}

	names := plainNames()
	inv, err := db.OpenInventory(t.Context(), plain, db.WriterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	err = inv.AddNode(t.Context(), node.Node{Name: names[0].text(), Prefixes: []netip.Prefix{netip.MustParsePrefix(hostilePrefix)}, Origin: node.Declared})
	if err = errors.Join(err, inv.AddToGroup(t.Context(), names[1].text(), []string{names[2].text()}), inv.Close()); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(plain)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, path, exchange(t, data, names...))
}

// exchange replaces the names of declarations in the file of a store by hostile ones of the same length,
// and the checksums of their tables (docs/schema.md, sums).
func exchange(t *testing.T, data []byte, names ...plainName) []byte {
	t.Helper()
	bad := map[string]string{}
	for _, n := range names {
		bad[n.text()] = n.hostile()
	}
	for _, texts := range tablesOf(names) {
		var hostile []string
		for _, text := range texts {
			hostile = append(hostile, cmp.Or(bad[text], text))
		}
		before, after := binary.BigEndian.AppendUint32(nil, textsSum(texts)), binary.BigEndian.AppendUint32(nil, textsSum(hostile))
		if !bytes.Contains(data, before) {
			t.Fatalf("the store does not hold the sum of %q", texts)
		}
		data = bytes.ReplaceAll(data, before, after)
	}
	for text, hostile := range bad {
		if !bytes.Contains(data, []byte(text)) {
			t.Fatalf("the store does not hold %s as it is", text)
		}
		data = bytes.ReplaceAll(data, []byte(text), []byte(hostile))
	}
	return data
}

// plainName is a letter that makes a valid name, and a hostile one of the same length.
type plainName byte

func (n plainName) text() string { return strings.Repeat(string(rune(n)), len(hostileWord)) }

func (n plainName) hostile() string { return hostileWord[:len(hostileWord)-1] + string(rune(n)) }

// tablesOf returns the texts of the tables nodes, node_prefixes and node_groups with the names of a
// node, a group and its member.
func tablesOf(names []plainName) [][]string {
	return [][]string{{names[0].text()}, {names[0].text(), hostilePrefix}, {names[1].text(), names[2].text()}}
}

const hostilePrefix = "10.0.0.0/8"

// plainNames returns names of a node, a group and its member of which the sums take as many bytes in the
// file as those of the hostile ones: SQLite stores integers from 2^31 on in 6 bytes, others in 4.
func plainNames() []plainName {
	for n := range plainName(24) {
		names := []plainName{'A' + n, 'B' + n, 'C' + n}
		fits := true
		for _, texts := range tablesOf(names) {
			hostile := slices.Clone(texts)
			for i, text := range texts {
				for _, name := range names {
					if name.text() == text {
						hostile[i] = name.hostile()
					}
				}
			}
			a, b := textsSum(texts), textsSum(hostile)
			fits = fits && a>>31 == b>>31 && min(a, b) > 1<<23
		}
		if fits {
			return names
		}
	}
	panic("no names fit")
}

// textsSum is the CRC-32C of texts, each after its length as 8 bytes, little-endian.
func textsSum(texts []string) uint32 {
	var b []byte
	for _, text := range texts {
		b = append(binary.LittleEndian.AppendUint64(b, uint64(len(text))), text...)
	}
	return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli))
}

// pcapng is a capture file of one interface with that name (option if_name).
func pcapng(name string, frames []pkttest.Frame) []byte {
	order := binary.LittleEndian
	block := func(kind uint32, body []byte) []byte {
		for len(body)%4 != 0 {
			body = append(body, 0)
		}
		size := uint32(len(body) + 12)
		b := order.AppendUint32(order.AppendUint32(nil, kind), size)
		return order.AppendUint32(append(b, body...), size)
	}
	section := order.AppendUint32(nil, 0x1a2b3c4d)
	section = order.AppendUint16(order.AppendUint16(section, 1), 0)
	out := block(0x0a0d0d0a, order.AppendUint64(section, 1<<64-1))

	description := order.AppendUint16(order.AppendUint16(nil, frames[0].Link), 0)
	description = order.AppendUint32(description, 1<<16)
	description = order.AppendUint16(order.AppendUint16(description, 2), uint16(len(name))) // if_name
	description = append(description, name...)
	for len(description)%4 != 0 {
		description = append(description, 0)
	}
	out = append(out, block(1, order.AppendUint32(description, 0))...)

	for _, f := range frames {
		us := uint64(f.Time.UnixMicro())
		b := order.AppendUint32(nil, 0) // the interface
		b = order.AppendUint32(order.AppendUint32(b, uint32(us>>32)), uint32(us))
		b = order.AppendUint32(order.AppendUint32(b, uint32(len(f.Data))), uint32(f.WireLen))
		out = append(out, block(6, append(b, f.Data...))...)
	}
	return out
}
