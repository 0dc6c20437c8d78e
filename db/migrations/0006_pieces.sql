-- Flows that are not in a block, packed into pieces. docs/schema.md describes them; the flows of
-- earlier schemas are migrated by the program (convert.go) before the next version.
CREATE TABLE pieces (
	id   INTEGER PRIMARY KEY,
	data BLOB NOT NULL
) STRICT;

-- The rows of a piece that a later piece or a block has replaced. No row: none.
CREATE TABLE superseded (
	piece INTEGER PRIMARY KEY,
	rows  BLOB NOT NULL
) STRICT;

-- session: how often the store was opened for writing. in_pieces: flows in pieces. names: rows of the
-- table names. sum: CRC-32C of the other columns.
ALTER TABLE state ADD COLUMN session INTEGER NOT NULL DEFAULT 0;
ALTER TABLE state ADD COLUMN in_pieces INTEGER NOT NULL DEFAULT 0;
ALTER TABLE state ADD COLUMN names INTEGER NOT NULL DEFAULT 0;
ALTER TABLE state ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;

-- sum: CRC-32C of id and name.
ALTER TABLE names ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
