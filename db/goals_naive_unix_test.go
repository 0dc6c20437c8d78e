//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package db

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/db/block"
	"weir/flow"
)

// The naive store: a column for every field, and an index for every common filter.
const naiveIndexes = `
CREATE INDEX flows_src ON flows (src_ip, start_ns);
CREATE INDEX flows_dst ON flows (dst_ip, start_ns);
CREATE INDEX flows_port ON flows (dst_port, start_ns);`

func measureNaive(t *testing.T, n int) map[string]string {
	t.Helper()
	figures := map[string]string{}
	schema, err := migrationFiles.ReadFile("migrations/0001_flows.sql")
	if err != nil {
		t.Fatal(err)
	}
	path := sqliteFile(t, t.TempDir(), "naive.db", "PRAGMA journal_mode=WAL;"+string(schema)+naiveIndexes)
	pool, err := open(path, asWriter, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	conn, err := pool.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	g := newGenerator()
	err = raw(context.Background(), conn, func(c connection) error {
		insert, err := c.PrepareContext(c.ctx, "INSERT INTO flows ("+strings.Join(naiveColumns(), ",")+") VALUES (?"+strings.Repeat(",?", len(naiveColumns())-1)+")")
		if err != nil {
			return err
		}
		in := &inserter{}
		var worst time.Duration
		begun := time.Now()
		for left := n; left > 0; left -= 10_000 {
			recs := g.batch(min(left, 10_000))
			asked := time.Now()
			if err := naiveInsert(c, in, insert, recs); err != nil {
				return err
			}
			worst = max(worst, time.Since(asked))
		}
		figures["insert"] = fmt.Sprintf("%.0f (%d flows)", float64(n)/time.Since(begun).Seconds(), n)
		figures["worst"] = ms(worst)
		if err := c.exec("PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
			return err
		}
		figures["bytes"] = fmt.Sprintf("%.1f", float64(diskBytes(t, path))/float64(n))
		for _, q := range questions(g.at.Add(-2*time.Hour), g.at) {
			if q.sql != "" {
				figures[q.what], _ = timed(t, func() error {
					return c.each("SELECT * FROM flows WHERE "+q.sql, nil, func([]driver.Value) error { return nil })
				})
			}
		}
		return insert.Close()
	})
	if err != nil {
		t.Fatal(err)
	}
	return figures
}

func naiveColumns() []string {
	return slices.DeleteFunc(slices.Clone(schema1Columns[:]), func(name string) bool { return name == "0" })
}

func naiveInsert(c connection, in *inserter, insert driver.Stmt, recs []flow.Record) (err error) {
	end, err := c.begin("BEGIN IMMEDIATE")
	if err != nil {
		return err
	}
	defer end(&err)
	var t block.Tuple
	args := make([]any, 0, block.NumColumns)
	for i := range recs {
		var node int64
		_, _ = fmt.Sscanf(recs[i].Node, "node-%d", &node)
		t.Split(&recs[i], block.NameIDs{Node: node, Interface: 1})
		args = args[:0]
		addrs := t.Addrs[:]
		for col := range block.Column(len(schema1Columns)) {
			switch {
			case col.IsAddress():
				b := addrs[0].AsSlice()
				if b == nil {
					b = []byte{}
				}
				args, addrs = append(args, b), addrs[1:]
			case col != block.ColSeen:
				args = append(args, t.Nums[col])
			}
		}
		if err := in.exec(c, insert, args...); err != nil {
			return err
		}
	}
	return nil
}
