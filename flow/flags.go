package flow

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"unicode"
)

// Flags is a set of TCP control bits: byte 13 of the TCP header (RFC 9293,
// section 3.1; IPFIX tcpControlBits, IE 6). In a [Record] it is the union over
// all packets of one direction.
type Flags uint8

// The control bits, least significant first.
const (
	FIN Flags = 1 << iota // 0x01: no more data from the sender
	SYN                   // 0x02: synchronize sequence numbers
	RST                   // 0x04: reset the connection
	PSH                   // 0x08: push function
	ACK                   // 0x10: acknowledgment field is significant
	URG                   // 0x20: urgent pointer field is significant
	ECE                   // 0x40: explicit congestion notification echo (RFC 3168)
	CWR                   // 0x80: congestion window reduced (RFC 3168)
)

// FlagInfo describes one control bit.
type FlagInfo struct {
	Flag        Flags
	Name        string // "SYN"
	Letter      byte   // as printed by tcpdump: F S R P . U E W
	Description string // "Synchronize sequence numbers"
}

// FlagTable describes the eight control bits, FIN (0x01) to CWR (0x80).
var FlagTable = [8]FlagInfo{
	{FIN, "FIN", 'F', "Finish (end of data communication)"},
	{SYN, "SYN", 'S', "Synchronize sequence numbers"},
	{RST, "RST", 'R', "Reset the connection"},
	{PSH, "PSH", 'P', "Push function"},
	{ACK, "ACK", '.', "Acknowledgment"},
	{URG, "URG", 'U', "Urgent pointer field significant"},
	{ECE, "ECE", 'E', "Explicit Congestion Notification Echo"},
	{CWR, "CWR", 'W', "Congestion Window Reduced"},
}

// Has reports whether every bit of want is set.
func (f Flags) Has(want Flags) bool { return f&want == want }

// String returns the names of the set bits, least significant first: "SYN ACK".
// The empty set is "none".
func (f Flags) String() string {
	if f == 0 {
		return "none"
	}
	names := make([]string, 0, bits.OnesCount8(uint8(f)))
	for _, info := range FlagTable {
		if f.Has(info.Flag) {
			names = append(names, info.Name)
		}
	}
	return strings.Join(names, " ")
}

// Hex returns the set in hexadecimal: "0x12".
func (f Flags) Hex() string { return fmt.Sprintf("0x%02x", uint8(f)) }

// Binary returns the set in binary, CWR first: "0b00010010".
func (f Flags) Binary() string { return fmt.Sprintf("0b%08b", uint8(f)) }

// Letters returns the set as tcpdump prints it: "S.", "FP.", "none".
func (f Flags) Letters() string {
	if f == 0 {
		return "none"
	}
	var b strings.Builder
	for _, info := range FlagTable {
		if info.Flag != ACK && f.Has(info.Flag) {
			b.WriteByte(info.Letter)
		}
	}
	if f.Has(ACK) {
		b.WriteByte('.')
	}
	return b.String()
}

// flagColumns holds the letters of Columns, CWR to FIN.
const flagColumns = "CEUAPRSF"

// Columns returns the set as eight characters, one per bit from CWR to FIN, with
// '.' for a clear bit: "...A..S." for SYN and ACK.
func (f Flags) Columns() string {
	var b [8]byte
	for i := range b {
		b[i] = '.'
		if f&(1<<(7-i)) != 0 {
			b[i] = flagColumns[i]
		}
	}
	return string(b[:])
}

// ParseFlags parses a set of flags. It accepts hexadecimal ("0x12"), binary
// ("0b00010010", "0001 0010"), decimal ("18"), names ("SYN ACK", "syn,ack",
// "syn|ack"), tcpdump letters ("S.", "[S.]"), initials ("SA") and the output of
// [Flags.Columns] ("...A..S."). "none" and "0" are the empty set.
func ParseFlags(s string) (Flags, error) {
	t := strings.TrimSpace(strings.Trim(strings.TrimSpace(s), "[]"))
	if t == "" {
		return 0, fmt.Errorf("no flags given: expected hex (0x12), binary (0b00010010), decimal (18), names (SYN ACK) or tcpdump letters (S.)")
	}
	if strings.EqualFold(t, "none") {
		return 0, nil
	}
	if t[0] >= '0' && t[0] <= '9' {
		return parseFlagNumber(t)
	}
	if f, ok := parseFlagNames(t); ok {
		return f, nil
	}
	if f, ok := parseFlagColumns(t); ok {
		return f, nil
	}
	if f, ok := parseFlagLetters(t); ok {
		return f, nil
	}
	return 0, fmt.Errorf("unknown flags %q: expected names from FIN SYN RST PSH ACK URG ECE CWR, letters from FSRPAUEC or tcpdump's FSRP.UEW, or a number such as 0x12", s)
}

func parseFlagNumber(t string) (Flags, error) {
	binary := strings.NewReplacer(" ", "", "_", "").Replace(t) // digits may be grouped: "0001 0010"
	base, body := 10, t
	switch {
	case strings.HasPrefix(t, "0x"), strings.HasPrefix(t, "0X"):
		base, body = 16, t[2:]
	case strings.HasPrefix(binary, "0b"), strings.HasPrefix(binary, "0B"):
		base, body = 2, binary[2:]
	case len(binary) == 8 && strings.Trim(binary, "01") == "":
		base, body = 2, binary
	}
	n, err := strconv.ParseUint(body, base, 8)
	if err != nil {
		return 0, fmt.Errorf("flags %q are not a number from 0 to 255 (0xff, 0b11111111)", t)
	}
	return Flags(n), nil
}

func parseFlagNames(t string) (Flags, bool) {
	words := strings.FieldsFunc(t, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(",|+/", r) })
	var f Flags
	for _, w := range words {
		bit, ok := flagByName(w)
		if !ok {
			return 0, false
		}
		f |= bit
	}
	return f, len(words) > 0
}

func flagByName(name string) (Flags, bool) {
	for _, info := range FlagTable {
		if strings.EqualFold(info.Name, name) {
			return info.Flag, true
		}
	}
	return 0, false
}

// parseFlagColumns is the inverse of Columns.
func parseFlagColumns(t string) (Flags, bool) {
	if len(t) != len(flagColumns) {
		return 0, false
	}
	var f Flags
	for i := range len(t) {
		switch t[i] {
		case '.':
		case flagColumns[i]:
			f |= 1 << (7 - i)
		default:
			return 0, false
		}
	}
	return f, true
}

// parseFlagLetters is the inverse of Letters and accepts the initials of names
// as well. It rejects repeated letters, which tcpdump never prints.
func parseFlagLetters(t string) (Flags, bool) {
	var f Flags
	for i := range len(t) {
		bit, ok := flagByLetter(t[i])
		if !ok || f.Has(bit) {
			return 0, false
		}
		f |= bit
	}
	return f, true
}

func flagByLetter(c byte) (Flags, bool) {
	for _, info := range FlagTable {
		if c == info.Letter || c == info.Name[0] {
			return info.Flag, true
		}
	}
	return 0, false
}
