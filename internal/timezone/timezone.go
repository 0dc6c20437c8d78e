// Package timezone finds the time zone that the environment variable TZ names.
package timezone

import (
	"encoding/binary"
	"fmt"
	"os"
	"strings"
	"time"
	_ "time/tzdata" // for hosts and containers without a time zone database
)

// Load returns the time zone of a value of TZ (POSIX.1-2024, section 8.3, and RFC 8536): the name of a zone in
// the IANA database, the path of a TZif file, or a POSIX text with rules such as CET-1CEST,M3.5.0,M10.5.0/3. A
// colon before it is ignored. Package time knows names and paths only, and takes everything else for UTC.
func Load(tz string) (*time.Location, error) {
	name := strings.TrimPrefix(tz, ":")
	if strings.HasPrefix(name, "/") {
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("time zone: %w", err)
		}
		loc, err := time.LoadLocationFromTZData(name, data)
		if err != nil {
			return nil, fmt.Errorf("time zone: %s is no TZif file", name)
		}
		return loc, nil
	}
	if loc, err := time.LoadLocation(name); err == nil {
		return loc, nil
	}
	if loc, ok := posix(name); ok {
		return loc, nil
	}
	return nil, fmt.Errorf("unknown time zone %q: write a name such as Europe/Berlin, or rules such as CET-1CEST,M3.5.0,M10.5.0/3", tz)
}

// posix returns the time zone of a POSIX text. It is put where a TZif file has the rules for times after its
// last transition, in a file without any.
func posix(text string) (*time.Location, bool) {
	const (
		none   = "?" // the abbreviation of the zone in which times are if package time can't read the text
		header = "TZif2" + "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	)
	if strings.ContainsAny(text, "\n\x00") {
		return nil, false
	}
	var file []byte
	for range 2 { // a block for 32-bit times, and one for 64-bit times
		file = append(file, header...)
		for _, count := range []uint32{0, 0, 0, 0, 1, uint32(len(none)) + 1} { // of types and abbreviations
			file = binary.BigEndian.AppendUint32(file, count)
		}
		file = append(file, 0, 0, 0, 0, 0, 0) // UTC, no daylight saving time, the first abbreviation
		file = append(file, none+"\x00"...)
	}
	file = append(file, "\n"+text+"\n"...)
	loc, err := time.LoadLocationFromTZData(text, file)
	if err != nil {
		return nil, false
	}
	abbreviation, _ := time.Unix(0, 0).In(loc).Zone()
	return loc, abbreviation != none
}
