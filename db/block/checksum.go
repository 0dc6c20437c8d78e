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

// appendSum appends the CRC-32C of keys, 8 bytes each, little-endian, and of b[from:]. SQLite has no
// checksums: without this one, a flipped bit would be a wrong number and no error. The keys are not in
// b: they are columns of the row that the data belongs to. So data in the wrong row, or a row whose id
// has a flipped bit, is detected.
func appendSum(b []byte, from int, keys ...int64) []byte {
	return binary.LittleEndian.AppendUint32(b, sum(b[from:], keys...))
}

func sum(data []byte, keys ...int64) uint32 {
	table := crc32.MakeTable(crc32.Castagnoli)
	var key [24]byte
	crc := crc32.Checksum(appendKeys(key[:0], keys...), table)
	return crc32.Update(crc, table, data)
}

func appendKeys(b []byte, keys ...int64) []byte {
	for _, k := range keys {
		b = binary.LittleEndian.AppendUint64(b, uint64(k))
	}
	return b
}

// checkSum returns data without the checksum at its end. The error is ErrDamaged if the checksum is not
// that of the keys and the data.
func checkSum(data []byte, keys ...int64) ([]byte, error) {
	n := len(data) - 4
	if n < 0 || sum(data[:n], keys...) != binary.LittleEndian.Uint32(data[n:]) {
		return nil, ErrDamaged
	}
	return data[:n], nil
}
