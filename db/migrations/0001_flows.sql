-- The first schema. docs/schema.md describes every column.

-- Names of nodes and interfaces, each once. 0 is the empty name, so that no
-- column that a filter looks at is ever NULL.
CREATE TABLE names (
	id   INTEGER PRIMARY KEY,
	name TEXT NOT NULL UNIQUE
) STRICT;
INSERT INTO names (id, name) VALUES (0, '');

-- One row a flow. Columns that filters look at come first. The *_id columns
-- refer to names; they are not declared REFERENCES, because checking four of
-- them for each row costs more than the writer, which makes both, gains.
CREATE TABLE flows (
	id            INTEGER PRIMARY KEY,
	start_ns      INTEGER NOT NULL,
	duration_ns   INTEGER NOT NULL,
	node_id       INTEGER NOT NULL,
	proto         INTEGER NOT NULL,
	src_ip        BLOB    NOT NULL,
	dst_ip        BLOB    NOT NULL,
	src_port      INTEGER NOT NULL,
	dst_port      INTEGER NOT NULL,
	src_node_id   INTEGER NOT NULL,
	dst_node_id   INTEGER NOT NULL,
	src_flags     INTEGER NOT NULL,
	dst_flags     INTEGER NOT NULL,
	sent_octets   INTEGER NOT NULL,
	recv_octets   INTEGER NOT NULL,
	sent_packets  INTEGER NOT NULL,
	recv_packets  INTEGER NOT NULL,
	end_reason    INTEGER NOT NULL,
	verdict       INTEGER NOT NULL,
	interface_id  INTEGER NOT NULL,
	server_rtt_ns INTEGER NOT NULL,
	client_rtt_ns INTEGER NOT NULL,
	syn_retries   INTEGER NOT NULL,
	icmp_type     INTEGER NOT NULL,
	icmp_code     INTEGER NOT NULL,
	vlan_outer    INTEGER NOT NULL,
	vlan_inner    INTEGER NOT NULL,
	tunnel_kind   INTEGER NOT NULL,
	tunnel_id     INTEGER NOT NULL,
	direction     INTEGER NOT NULL,
	icmp_id       INTEGER NOT NULL,
	src_isn       INTEGER,
	dst_isn       INTEGER,
	src_ip_id     INTEGER,
	dst_ip_id     INTEGER,
	src_min_ttl   INTEGER NOT NULL,
	dst_min_ttl   INTEGER NOT NULL,
	error_ip      BLOB    NOT NULL,
	error_type    INTEGER NOT NULL,
	error_code    INTEGER NOT NULL
) STRICT;
CREATE INDEX flows_start ON flows (start_ns);
CREATE INDEX flows_node_start ON flows (node_id, start_ns);

-- The latest packet of each node that reported flows, kept with every commit:
-- asking the flows for it would read all of them.
CREATE TABLE reporters (
	node_id INTEGER PRIMARY KEY,
	last_ns INTEGER NOT NULL
) STRICT;

-- What was declared about nodes.
CREATE TABLE nodes (
	name TEXT NOT NULL COLLATE NOCASE PRIMARY KEY
) STRICT;
CREATE TABLE node_prefixes (
	node   TEXT NOT NULL COLLATE NOCASE REFERENCES nodes (name) ON DELETE CASCADE,
	prefix TEXT NOT NULL,
	PRIMARY KEY (node, prefix)
) STRICT, WITHOUT ROWID;
