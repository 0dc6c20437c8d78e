// Package db stores flow records in one SQLite file.
//
// [Open] returns the [Writer] of a file, of which there is one at a time. [OpenReader] returns a
// [Reader]; any number of them can be open alongside the writer, in this process or others. A Writer
// is a Reader, too. Neither starts anything: [Writer.Run] is the writer's loop, and returns when its
// context ends, after it has committed what it was given. Records come in through [Writer.Offer] and
// [Writer.Put] (package meter's Sink), wait in a bounded queue and are written in batches;
// [Writer.Flush] waits for them. [Reader.Search], [Reader.Each] and [Reader.Count] answer queries,
// [Reader.Top] and [Reader.Buckets] aggregate flows. [OpenInventory] changes the declarations of nodes
// while another process writes. [Reader.Stat], [Reader.Check], [Writer.Compact] and [Writer.Vacuum]
// maintain the file.
//
// Open and recently ended flows are in pieces, small immutable batches. Ended flows are packed, some
// thousand at a time, into immutable blocks of columns (package block); the oldest blocks are removed
// when they are too old or the file is too large (retention.go).
//
// Guarantees: a record that Flush has acknowledged survives the death of the process at any moment.
// After a loss of power the last commits may be missing, but the file is consistent. While the disk is
// full or broken the writer keeps its batch, retries, and reports the reason in [Writer.Health]. What it
// can't store in the end it counts there by flow, and with [Writer.Cover] also in the file: when which
// observation point captured, and what was lost ([Reader.Coverage]).
//
// DESIGN.md gives the reasons for the layout, docs/schema.md describes the tables. Only this package
// knows SQL and the driver; package block packs, reads and filters blocks. Neither knows packets or
// the screen.
package db
