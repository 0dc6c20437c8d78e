// Package block packs flow records into blocks of columns, reads them and filters them. It knows
// neither SQL nor files: package db keeps the parts of blocks in a table.
//
// A block is some thousand flows that have ended, in the order of (start, id), and never changes.
// [Packer.Pack] makes one of [Tuple]s, records as numbers. It consists of a [Header], which says how many
// rows there are and between which numbers those of each column lie, and of numbered parts: the sorted
// list of its addresses, a part for each column that filters look at, and whole rows. A [Reader] gets the
// parts from a [Source] when they are asked for: [Reader.Cells] reads a column, [Reader.Each] rows.
// Every part and header ends with a checksum, which [CheckSum] takes off.
//
// Flows that are not in a block yet are rows of a table of their own, the table "hot": [AppendRecord] and
// [Tuple.Parse] write and read those. [Hot] is some of them.
//
// [Compile] makes a [Filter] of a search expression. A filter first says from the header alone whether it can
// hold ([Filter.Zones]), then takes the rows that don't fulfil it out of a [Bitmap] of a [Batch], which is a
// Reader or a Hot ([Filter.Narrow]).
//
// What is read is checked: [ErrDamaged] says that it is not what was written. Only checksums are trusted to find
// flipped bits; whatever else a damaged part says, reading it ends with an error or wrong numbers, not with a panic.
//
// A new column is added at the end of the list in column.go, to Split, Join and the table in docs/schema.md, so that 0
// or no address means not known: so it is read from what was written before. The columns of schema 1 in db/convert.go
// and the counts of uncounted records in record.go stay as they are. Programs that do not know the
// column skip it, and have to keep it ([Header.HasUnknownColumns], [Tuple.HasUnknownColumns]).
//
// docs/schema.md describes the format, db/DESIGN.md argues it.
package block
