// Package sqlitefile reads rows from the pages of a SQLite file that SQLite itself can't read: one
// whose header, tree or length is damaged (https://www.sqlite.org/fileformat2.html).
//
// [Open] opens a file and its write-ahead log. [File.Rows] then visits every row that a leaf page
// seems to hold, of all tables and in the order of the pages. It follows no tree, so that damage costs
// the rows of its page only; the price is that nothing says which table a row belongs to, or that it is
// a row at all. Callers recognise theirs by shape and checksum.
//
// [ReadLog] reads a write-ahead log, and says which commits SQLite can't see.
package sqlitefile
