// Package db keeps flow records in one SQLite file.
//
// [Open] gives the [Writer] of a file, of which there is one, [OpenReader] any number of
// [Reader]s, in this program or another, while the writer runs; a Writer is a Reader, too. Both
// are inert: [Writer.Run] is the writer's loop and ends with its context, after it
// committed what it was given. Records come in through [Writer.Offer] and
// [Writer.Put] (package meter's Sink), wait in a bounded queue and are written in
// batches; [Writer.Flush] waits for them. [Reader.Search], [Reader.Each] and
// [Reader.Count] answer queries, [Reader.Top] and [Reader.Buckets] add flows up, and Close
// ends everything. [OpenInventory] changes what is declared about
// nodes beside a writer. [Reader.Stat], [Reader.Check], [Writer.Compact] and
// [Writer.Vacuum] look after the file.
//
// Open flows are rows of a table. Ended ones are put together in blocks of
// some thousand, by columns (package block), which never change; the oldest are removed
// when they are too old or too many (retention.go).
//
// What a caller can rely on: a record that Flush acknowledged outlives the death
// of the process at any moment. After a loss of power the last commits may be
// missing, but the file is consistent. While the disk is full or broken the
// writer keeps its batch, tries again and says so in [Writer.Health].
//
// DESIGN.md argues the layout, docs/schema.md describes the tables. The package
// alone knows SQL and the driver, package block how a block is packed, read and filtered. It knows neither packets nor the screen.
package db
