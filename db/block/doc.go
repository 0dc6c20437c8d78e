// Package block packs flow records into blocks of columns, reads them and filters them. It knows
// neither SQL nor files: package db stores the parts of blocks in a table.
//
// A block is some thousand ended flows in the order of (start, id); it is immutable. [Packer.Pack]
// makes one from [Tuple]s, which are records as numbers. It consists of a [Header], with the number of
// rows and the smallest and largest number of each column, and of numbered parts: the sorted list of
// its addresses, one part for each column that filters often read, and whole rows. A [Reader] gets
// parts from a [Source] on demand: [Reader.Cells] reads a column, [Reader.Each] reads rows. Every part
// and header ends with a checksum, which [Header.CheckPart] and [ReadHeader] verify.
//
// Flows that are not in a block are in pieces, immutable as well: [AppendPiece] writes one, [ReadPiece]
// and [Piece.Read] read it, and [PieceRows] is a batch of flows from pieces.
//
// [Compile] turns a search expression into a [Filter]. [Filter.Zones] decides from the header alone
// whether it can match; [Filter.Narrow] removes the rows that don't match from a [Bitmap] of a
// [Batch], which is a Reader or a PieceRows.
//
// Input is checked: damaged data gives [ErrDamaged]. Flipped bits are found by checksums only; a part
// that is wrong in any other way gives an error or wrong numbers, never a panic.
//
// A new column goes at the end of the list in column.go, into Split and Join, and into the table of
// docs/schema.md. 0 or no address must mean not known in it, because that is what older data reads as.
// The columns of schema 1 in db/convert.go and the counts of uncounted records in record.go stay as
// they are. Programs that don't know the column skip it and must preserve it
// ([Header.HasUnknownColumns], [Tuple.HasUnknownColumns]).
//
// docs/schema.md describes the format; db/DESIGN.md gives the reasons.
package block
