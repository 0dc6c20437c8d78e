package cli

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"weir/db"
	"weir/internal/config"
	"weir/search"
)

// keepOptions say how long the store keeps flows, and how many. What is empty
// is as configured, or as the store has it.
type keepOptions struct{ age, size string }

// minSize is the least that --keep-size takes: below it a store holds one block, or two.
const minSize = 10_000_000

// writerOptions are those of a store that is opened for writing. A configuration whose limits
// can't be read is an error here: flows that were to be kept can't be brought back once
// they are removed.
func (o *sourceOptions) writerOptions(stderr io.Writer) (db.WriterOptions, error) {
	options := db.WriterOptions{Migrating: tellMigration(stderr), Warn: warnOn(stderr)}
	keep, ageFrom, sizeFrom := o.keep, "--keep-age", "--keep-size"
	if path, err := configPath(); err == nil && (keep.age == "" || keep.size == "") {
		f, err := config.Load(path)
		if err != nil {
			return options, fmt.Errorf("configuration error: %w", err)
		}
		at := func(key string) string { return fmt.Sprintf("%s:%d: %s", path, f.Line("", key), key) }
		if keep.age == "" {
			keep.age, ageFrom = f.KeepAge, at("keep_age")
		}
		if keep.size == "" {
			keep.size, sizeFrom = f.KeepSize, at("keep_size")
		}
	}
	var err error
	if options.MaxAge, err = parseAge(keep.age); err != nil {
		return options, usagef("%s: %w", ageFrom, err)
	}
	if options.MaxBytes, err = parseSize(keep.size); err != nil {
		return options, usagef("%s: %w", sizeFrom, err)
	}
	return options, nil
}

// parseAge reads 7d or 12h; -1 is "always", 0 nothing said.
func parseAge(text string) (time.Duration, error) {
	switch text {
	case "":
		return 0, nil
	case "always":
		return -1, nil
	}
	r, err := search.ParseRange(text, time.Time{}, time.UTC)
	if err != nil || r.Last <= 0 {
		return 0, fmt.Errorf("invalid age %q: expected one such as 7d or 12h, or always", text)
	}
	return r.Last, nil
}

// sizeUnits are those of the search language's counts.
var sizeUnits = []struct {
	name   string
	octets float64
}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40}, {"K", 1e3}, {"M", 1e6}, {"G", 1e9}, {"T", 1e12}}

// parseSize reads 10G, 10GB or 1.5TiB; -1 is "unlimited", 0 nothing said.
func parseSize(text string) (int64, error) {
	switch text {
	case "":
		return 0, nil
	case "unlimited":
		return -1, nil
	}
	number, octets := strings.TrimSuffix(text, "B"), 1.0
	if strings.HasSuffix(text, "iB") {
		number = text
	}
	for _, u := range sizeUnits {
		if rest, ok := strings.CutSuffix(number, u.name); ok {
			number, octets = rest, u.octets
			break
		}
	}
	n, err := strconv.ParseFloat(number, 64)
	switch size := n * octets; {
	case err != nil || math.IsNaN(n) || size <= 0 || size >= math.MaxInt64:
		return 0, fmt.Errorf("invalid size %q: expected one such as 10G, 500M or 1TiB, or unlimited", text)
	case size < minSize:
		return 0, fmt.Errorf("invalid size %q: expected 10M or more, or unlimited", text)
	default:
		return int64(size), nil
	}
}

// tellInterval is how often a migration says how far it is.
const tellInterval = time.Second

// tellMigration says on stderr how far the flows of an old store are carried over.
func tellMigration(stderr io.Writer) func(done, total int64) {
	var told time.Time
	return func(done, total int64) {
		if time.Since(told) < tellInterval && done < total {
			return
		}
		told = time.Now()
		fmt.Fprintf(stderr, "weir: upgrading the flow store: %d of %d flows (Ctrl-C interrupts, the next start resumes)\n", done, total)
	}
}
