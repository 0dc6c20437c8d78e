// Package sqlitefile reads rows from the pages of a SQLite file that SQLite itself can't read: one
// whose header, tree or length is damaged (https://www.sqlite.org/fileformat2.html).
//
// [Open] opens a file and its write-ahead log. [File.Rows] then visits every row that a leaf page
// seems to hold, of all tables and in the order of the pages. It doesn't follow trees, so damage costs only
// the rows of its page. The price: it is unknown to which table a row belongs, or whether it is a row at
// all. Callers recognise their rows by shape and checksum.
//
// [ReadLog] reads a write-ahead log and reports commits that SQLite can't see.
package sqlitefile
