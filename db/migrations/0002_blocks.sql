-- Flows in blocks. docs/schema.md describes them; the flows of the first
-- schema are carried over by the program (convert.go), which then drops their table.

-- Open flows, and ended ones until there are enough of them for a block.
CREATE TABLE hot (
	id       INTEGER PRIMARY KEY,
	start_ns INTEGER NOT NULL,
	node_id  INTEGER NOT NULL,
	record   BLOB    NOT NULL
) STRICT;
CREATE INDEX hot_start ON hot (start_ns, node_id);

-- What is known of each block before its parts are read.
CREATE TABLE blocks (
	id        INTEGER PRIMARY KEY,
	stored_ns INTEGER NOT NULL,
	rows      INTEGER NOT NULL,
	start_min_ns INTEGER NOT NULL,
	start_max_ns INTEGER NOT NULL,
	id_min    INTEGER NOT NULL,
	id_max    INTEGER NOT NULL,
	header    BLOB    NOT NULL
) STRICT;

-- id: 1,024 times the block's, and the number of the part.
CREATE TABLE parts (
	id   INTEGER PRIMARY KEY,
	data BLOB NOT NULL
) STRICT;

-- One row of numbers that belong to the file as a whole.
CREATE TABLE state (
	commits    INTEGER NOT NULL,
	last_id    INTEGER NOT NULL,
	next_block INTEGER NOT NULL,
	removals   INTEGER NOT NULL
) STRICT;
INSERT INTO state (commits, last_id, next_block, removals) VALUES (0, 0, 1, 0);
