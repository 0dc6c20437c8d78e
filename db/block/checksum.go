package block

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
)

var (
	// ErrDamaged is the error for a record, header or part that is not what was written.
	ErrDamaged = errors.New("a part of the file is not what was written there")

	// ErrVanished is the error for a part of a block that is not there any more: retention or
	// a compaction took the block away after the reader learned of it.
	ErrVanished = errors.New("a block of flows is gone")
)

// appendSum ends data with its checksum (CRC-32C). SQLite has none of its own, and a bit
// that flips within a part would be a wrong number without any error.
func appendSum(data []byte) []byte {
	return binary.LittleEndian.AppendUint32(data, crc32.Checksum(data, crc32.MakeTable(crc32.Castagnoli)))
}

// CheckSum returns what a part holds without the checksum at its end. The error is ErrDamaged
// if that does not fit.
func CheckSum(part []byte) ([]byte, error) {
	n := len(part) - 4
	if n < 0 || crc32.Checksum(part[:n], crc32.MakeTable(crc32.Castagnoli)) != binary.LittleEndian.Uint32(part[n:]) {
		return nil, ErrDamaged
	}
	return part[:n], nil
}
