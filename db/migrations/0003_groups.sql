-- Groups of nodes. A member is the name of a node or of another group; a group
-- without members is none.
CREATE TABLE node_groups (
	name   TEXT NOT NULL COLLATE NOCASE,
	member TEXT NOT NULL COLLATE NOCASE,
	PRIMARY KEY (name, member)
) STRICT, WITHOUT ROWID;
