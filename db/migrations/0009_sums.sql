-- What the tables have that are not written with the flows: how many rows, and for the declarations a
-- CRC-32C over all of them. The program (sums.go) fills it in for the rows that are there.
CREATE TABLE sums (
	name TEXT    NOT NULL PRIMARY KEY,
	rows INTEGER NOT NULL,
	sum  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO sums SELECT 'reporters', count(*), 0 FROM reporters;
INSERT INTO sums SELECT 'coverage', count(*), 0 FROM coverage;

-- sum: CRC-32C of the other columns.
ALTER TABLE reporters ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;

-- Counted as they are changed: counting them again would take a lost row for a removed one.
CREATE TRIGGER reporters_added AFTER INSERT ON reporters
BEGIN UPDATE sums SET rows = rows + 1 WHERE name = 'reporters'; END;
CREATE TRIGGER reporters_removed AFTER DELETE ON reporters
BEGIN UPDATE sums SET rows = rows - 1 WHERE name = 'reporters'; END;
CREATE TRIGGER coverage_added AFTER INSERT ON coverage
BEGIN UPDATE sums SET rows = rows + 1 WHERE name = 'coverage'; END;
CREATE TRIGGER coverage_removed AFTER DELETE ON coverage
BEGIN UPDATE sums SET rows = rows - 1 WHERE name = 'coverage'; END;
