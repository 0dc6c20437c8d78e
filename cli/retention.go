package cli

import (
	"cmp"
	"errors"
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

// writerOptions are those of a store that is opened for writing. Limits of the
// configuration that can't be read don't stop a capture, but flows that were to be
// kept can't be brought back once they are removed: then none are, and warning says
// so in one line.
func (o *sourceOptions) writerOptions(stderr io.Writer) (options db.WriterOptions, warning string, err error) {
	options.Migrating, options.Warn = tellMigration(stderr), warnOn(stderr)
	if options.MaxAge, err = parseAge(o.keep.age); err != nil {
		return options, "", usagef("--keep-age: %w", err)
	}
	if options.MaxBytes, err = parseSize(o.keep.size); err != nil {
		return options, "", usagef("--keep-size: %w", err)
	}
	path, err := configPath()
	if err != nil || o.keep.age != "" && o.keep.size != "" {
		return options, "", nil // no home, no configuration; or it has nothing to say
	}
	f, ageErr := config.Load(path)
	sizeErr := ageErr
	at := func(key string, err error) error {
		if err == nil {
			return nil
		}
		return &config.Error{Path: path, Line: f.Line("", key), Msg: key + ": " + err.Error()}
	}
	if ageErr == nil {
		options.MaxAge, ageErr = parseAge(cmp.Or(o.keep.age, f.KeepAge))
		options.MaxBytes, sizeErr = parseSize(cmp.Or(o.keep.size, f.KeepSize))
		ageErr, sizeErr = at("keep_age", ageErr), at("keep_size", sizeErr)
	}
	return options, withoutLimits(&options, o.keep, ageErr, sizeErr), nil
}

// withoutLimits removes the limits that the command line doesn't name and that the
// configuration has errors for. It returns what is wrong and what follows from it;
// empty if nothing is wrong.
func withoutLimits(options *db.WriterOptions, given keepOptions, ageErr, sizeErr error) string {
	var reasons []error
	byAge, bySize := ageErr != nil && given.age == "", sizeErr != nil && given.size == ""
	if byAge {
		options.MaxAge = -1
		reasons = append(reasons, ageErr)
	}
	if bySize {
		options.MaxBytes = -1
		if !byAge || sizeErr != ageErr { //nolint:errorlint // the same error of the whole file
			reasons = append(reasons, sizeErr)
		}
	}
	kept := "no flows are removed"
	switch {
	case !byAge && !bySize:
		return ""
	case !bySize:
		kept += " because of their age"
	case !byAge:
		kept += " because of the store's size"
	}
	return "configuration error: " + oneLine(errors.Join(reasons...)) + ": " + kept + "; correct the file and start weir again, or give --keep-age and --keep-size"
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
		return 0, fmt.Errorf("invalid age %q: expected a duration such as 7d or 12h, or always", text)
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
		return 0, fmt.Errorf("invalid size %q: expected a number of bytes such as 10G, 500M or 1TiB, or unlimited", text)
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
