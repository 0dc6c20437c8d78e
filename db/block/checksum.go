package block

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
)

var (
	// ErrDamaged means that a record, header or part does not hold what was written.
	ErrDamaged = errors.New("data is not what was written")

	// ErrInconsistent means that parts with right checksums contradict each other, or the names.
	ErrInconsistent = errors.New("the parts of the block contradict each other")

	// ErrVanished means that a part of a block no longer exists: retention or a compaction removed the
	// block after the reader had learned of it.
	ErrVanished = errors.New("part of a block is missing")
)

// appendSum appends the CRC-32C of data. SQLite has no checksums: without this one, a flipped bit in a
// part would be a wrong number and no error.
func appendSum(data []byte) []byte {
	return binary.LittleEndian.AppendUint32(data, crc32.Checksum(data, crc32.MakeTable(crc32.Castagnoli)))
}

// CheckSum returns a part without the checksum at its end. The error is ErrDamaged if the checksum is
// wrong.
func CheckSum(part []byte) ([]byte, error) {
	n := len(part) - 4
	if n < 0 || crc32.Checksum(part[:n], crc32.MakeTable(crc32.Castagnoli)) != binary.LittleEndian.Uint32(part[n:]) {
		return nil, ErrDamaged
	}
	return part[:n], nil
}

// appendKeyedSum appends the CRC-32C of b[from:] and a key, which is not stored there: that of the row
// of the table which the data belongs to. It finds data that has got to another row.
func appendKeyedSum(b []byte, from int, key int64) []byte {
	return binary.LittleEndian.AppendUint32(b, keyedSum(b[from:], key))
}

func keyedSum(data []byte, key int64) uint32 {
	table := crc32.MakeTable(crc32.Castagnoli)
	return crc32.Update(crc32.Checksum(binary.LittleEndian.AppendUint64(nil, uint64(key)), table), table, data)
}

// checkKeyedSum is CheckSum for data with a key.
func checkKeyedSum(data []byte, key int64) ([]byte, error) {
	n := len(data) - 4
	if n < 0 || keyedSum(data[:n], key) != binary.LittleEndian.Uint32(data[n:]) {
		return nil, ErrDamaged
	}
	return data[:n], nil
}
