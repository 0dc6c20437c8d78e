package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"weir/db/block"
	"weir/flow"
)

// convert migrates flows from schema 1 (one row each, with a column for every field) and from the table
// hot to blocks and pieces. Each transaction takes some of the flows out of the old table, so it needs
// little memory and disk, and continues after an interruption. report is called with the number of
// migrated flows and the total.
func convert(c connection, now func() time.Time, report func(done, total int64)) error {
	for _, from := range []struct {
		table string
		some  func(c connection, in *inserter, limit int64) (int64, error)
	}{{"flows", convertFlows}, {"hot", convertHot}} {
		if err := convertTable(c, now, report, from.table, from.some); err != nil {
			return fmt.Errorf("migrate flows: %w", err)
		}
	}
	return nil
}

func convertTable(c connection, now func() time.Time, report func(done, total int64), table string, some func(connection, *inserter, int64) (int64, error)) error {
	var there, total, done int64
	if err := c.ints("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?", []any{table}, &there); err != nil || there == 0 {
		return err
	}
	if err := c.ints("SELECT count(*) FROM "+table, nil, &total); err != nil {
		return err
	}
	for done < total {
		if err := c.ctx.Err(); err != nil {
			return err
		}
		n, err := convertSome(c, now, some, convertRows)
		if err != nil {
			return err
		}
		done += n
		report(done, total)
	}
	return nil
}

// convertSome migrates flows in one transaction, limit at most.
func convertSome(c connection, now func() time.Time, some func(connection, *inserter, int64) (int64, error), limit int64) (n int64, err error) {
	end, err := c.begin("BEGIN IMMEDIATE")
	if err != nil {
		return 0, err
	}
	defer end(&err)
	in, err := newInserter(c, now, block.MaxRows)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, in.close()) }()
	if n, err = some(c, in, limit); err != nil {
		return 0, err
	}
	return n, in.saveState(c)
}

// convertFlows migrates the oldest flows of schema 1, limit at most. Those that were left open have
// ended.
func convertFlows(c connection, in *inserter, limit int64) (n int64, err error) {
	remove, err := c.PrepareContext(context.Background(), "DELETE FROM flows WHERE id = ?")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, remove.Close()) }()
	var ended []*block.Tuple
	query := "SELECT " + strings.Join(schema1Columns[:], ", ") + " FROM flows ORDER BY start_ns, id LIMIT ?"
	err = c.each(query, []any{limit}, func(row []driver.Value) error {
		t, err := schema1Tuple(row)
		ended = append(ended, t)
		return err
	})
	if err != nil {
		return 0, err
	}
	for _, t := range ended {
		in.state.lastID = max(in.state.lastID, t.Nums[block.ColID])
		if t.Nums[block.ColEndReason] == int64(flow.StillOpen) {
			t.Nums[block.ColEndReason] = int64(flow.ForcedEnd)
		}
		if err := in.exec(c, remove, t.Nums[block.ColID]); err != nil {
			return 0, err
		}
	}
	n = int64(len(ended)) // writeBlocks sorts them
	return n, in.writeBlocks(c, ended, block.Nanos(in.now()))
}

// convertHot migrates flows of the table hot, limit at most. The session of the pieces is over when a
// writer opens the store, which ends those that were left open.
func convertHot(c connection, in *inserter, limit int64) (n int64, err error) {
	var last int64
	err = c.each("SELECT id, start_ns, record FROM hot ORDER BY id LIMIT ?", []any{limit}, func(row []driver.Value) error {
		t := new(block.Tuple)
		id, _ := row[0].(int64)
		start, _ := row[1].(int64)
		record, _ := row[2].([]byte)
		if err := t.ParseRecord(id, start, record); err != nil {
			return fmt.Errorf("flow %d: %w", id, err)
		}
		in.pending = append(in.pending, t)
		last = id
		return nil
	})
	if err != nil {
		return 0, err
	}
	n = int64(len(in.pending))
	if err := in.writePieces(c); err != nil {
		return 0, err
	}
	return n, c.exec("DELETE FROM hot WHERE id <= ?", last)
}

// schema1Columns are the columns of schema 1, by the number of the column that gets their values.
// Columns added later have none; they stay 0, not known.
var schema1Columns = [...]string{
	block.ColID: "id", block.ColStart: "start_ns", block.ColNode: "node_id", block.ColDuration: "duration_ns", block.ColProto: "proto",
	block.ColSport: "src_port", block.ColDport: "dst_port", block.ColSrcNode: "src_node_id", block.ColDstNode: "dst_node_id",
	block.ColSrcFlags: "src_flags", block.ColDstFlags: "dst_flags", block.ColSentOctets: "sent_octets", block.ColRecvOctets: "recv_octets",
	block.ColSentPackets: "sent_packets", block.ColRecvPackets: "recv_packets", block.ColEndReason: "end_reason", block.ColVerdict: "verdict",
	block.ColInterface: "interface_id", block.ColServerRTT: "server_rtt_ns", block.ColClientRTT: "client_rtt_ns", block.ColSYNRetries: "syn_retries",
	block.ColICMPType: "icmp_type", block.ColICMPCode: "icmp_code", block.ColVLANOuter: "vlan_outer", block.ColVLANInner: "vlan_inner",
	block.ColTunnelKind: "tunnel_kind", block.ColTunnelID: "tunnel_id", block.ColDirection: "direction", block.ColICMPID: "icmp_id",
	block.ColErrorType: "error_type", block.ColErrorCode: "error_code", block.ColSrcTTL: "src_min_ttl", block.ColDstTTL: "dst_min_ttl",
	block.ColSrc: "src_ip", block.ColDst: "dst_ip", block.ColErrorFrom: "error_ip",
	block.ColSrcISN: "src_isn", block.ColDstISN: "dst_isn", block.ColSrcIPID: "src_ip_id", block.ColDstIPID: "dst_ip_id", block.ColSeen: "0",
}

// schema1Tuple parses a row of schema 1.
func schema1Tuple(row []driver.Value) (*block.Tuple, error) {
	t := new(block.Tuple)
	addrs := 0
	for c := range block.Column(len(schema1Columns)) {
		switch v := row[c].(type) {
		case int64:
			t.Nums[c] |= v
			t.Nums[block.ColSeen] |= map[block.Column]int64{block.ColSrcISN: block.SeenSrcISN, block.ColDstISN: block.SeenDstISN, block.ColSrcIPID: block.SeenSrcIPID, block.ColDstIPID: block.SeenDstIPID}[c]
		case []byte:
			a, ok := netip.AddrFromSlice(v)
			if !ok && len(v) > 0 {
				return nil, block.ErrDamaged
			}
			if c == block.ColErrorFrom && ok {
				t.Nums[block.ColSeen] |= block.SeenError
			}
			t.Addrs[addrs] = a
			addrs++
		default:
			if c.IsAddress() {
				addrs++ // an empty blob is nil
			}
		}
	}
	return t, nil
}
