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
)

// convertFlows migrates the flows of schema 1, one row each with a column for every field, into blocks
// and the table hot. Each transaction takes some of the oldest flows out of the old table, so it needs
// little memory and disk, and continues after an interruption. report is called with the number of
// flows done, and of all.
func convertFlows(c connection, now func() time.Time, report func(done, total int64)) error {
	var there, total, done int64
	if err := c.ints("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'flows'", nil, &there); err != nil || there == 0 {
		return err
	}
	if err := c.ints("SELECT count(*) FROM flows", nil, &total); err != nil {
		return err
	}
	for done < total {
		if err := c.ctx.Err(); err != nil {
			return err
		}
		n, err := convertSome(c, now, convertRows)
		if err != nil {
			return fmt.Errorf("migrate flows: %w", err)
		}
		done += n
		report(done, total)
	}
	return nil
}

// convertSome migrates the oldest flows, limit at most.
func convertSome(c connection, now func() time.Time, limit int64) (n int64, err error) {
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
	remove, err := c.PrepareContext(context.Background(), "DELETE FROM flows WHERE id = ?")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, remove.Close()) }()
	var all, ended []*block.Tuple
	query := "SELECT " + strings.Join(schema1Columns[:], ", ") + " FROM flows ORDER BY start_ns, id LIMIT ?"
	err = c.each(query, []any{limit}, func(row []driver.Value) error {
		t, err := schema1Tuple(row)
		all = append(all, t)
		return err
	})
	for _, t := range all {
		if err != nil {
			return 0, err
		}
		in.state.lastID = max(in.state.lastID, t.Nums[block.ColID])
		if t.Nums[block.ColEndReason] == 0 {
			err = in.putHot(c, t)
		} else {
			ended = append(ended, t)
		}
		if err == nil {
			err = in.exec(c, remove, t.Nums[block.ColID])
		}
	}
	if err == nil {
		err = in.writeBlocks(c, ended, block.Nanos(now()))
	}
	return int64(len(all)), errors.Join(err, in.saveState(c))
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
