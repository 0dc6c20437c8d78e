-- When which observation point captured, and what it lost meanwhile. docs/schema.md describes the
-- columns; the sum covers all others.
CREATE TABLE coverage (
	session_ns   INTEGER NOT NULL,
	node         TEXT    NOT NULL,
	interface    TEXT    NOT NULL,
	from_ns      INTEGER NOT NULL,
	to_ns        INTEGER NOT NULL,
	capturing    INTEGER NOT NULL,
	filter       TEXT    NOT NULL,
	packets      INTEGER NOT NULL,
	octets       INTEGER NOT NULL,
	kernel_drops INTEGER NOT NULL,
	cut_short    INTEGER NOT NULL,
	created      INTEGER NOT NULL,
	ended        INTEGER NOT NULL,
	evicted      INTEGER NOT NULL,
	unstored     INTEGER NOT NULL,
	outdated     INTEGER NOT NULL,
	outages      INTEGER NOT NULL,
	away_ns      INTEGER NOT NULL,
	sum          INTEGER NOT NULL,
	PRIMARY KEY (session_ns, node, interface, from_ns)
) STRICT, WITHOUT ROWID;
