// Package db keeps flow records in one SQLite file.
//
// [Open] gives the one writing [Store] of a file, [OpenReader] any number of
// reading ones, in this program or another, while the writer runs. Both are
// inert: [Store.Run] is the writer's loop and ends with its context, after it
// committed what it was given. Records come in through [Store.Offer] and
// [Store.Put] (package meter's Sink), wait in a bounded queue and are written in
// batches; [Store.Flush] waits for them. [Store.Search], [Store.Each] and
// [Store.Count] answer queries, [Store.Top] and [Store.Buckets] add flows up,
// [Store.Close] ends everything. [OpenInventory] changes what is declared about
// nodes beside a writer. [Store.Stat], [Store.Check], [Store.Compact] and
// [Store.Vacuum] look after the file.
//
// Open flows are rows of a table. Ended ones are put together in blocks of
// some thousand, by columns (block.go), which never change; the oldest are removed
// when they are too old or too many (retention.go).
//
// What a caller can rely on: a record that Flush acknowledged outlives the death
// of the process at any moment. After a loss of power the last commits may be
// missing, but the file is consistent. While the disk is full or broken the
// writer keeps its batch, tries again and says so in [Store.Health].
//
// DESIGN.md argues the layout, docs/schema.md describes the tables. The package
// alone knows SQL and the driver. It knows neither packets nor the screen.
package db
