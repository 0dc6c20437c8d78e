package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// convertFlows carries the flows of schema 1, one row each with a column for everything, over into blocks
// and the table hot: the oldest first, some in each transaction, which takes them out of the old table. So
// it needs little memory and disk, and goes on where it was ended. report is told how many are done, of how many.
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
			return fmt.Errorf("carry the flows over: %w", err)
		}
		done += n
		report(done, total)
	}
	return nil
}

// convertSome carries the oldest flows over, limit at most.
func convertSome(c connection, now func() time.Time, limit int64) (n int64, err error) {
	end, err := c.begin("BEGIN IMMEDIATE")
	if err != nil {
		return 0, err
	}
	defer end(&err)
	in, err := newInserter(c, now, maxBlockRows)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, in.close()) }()
	remove, err := c.PrepareContext(context.Background(), "DELETE FROM flows WHERE id = ?")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, remove.Close()) }()
	var all, ended []*tuple
	query := "SELECT " + strings.Join(firstColumns(), ", ") + " FROM flows ORDER BY start_ns, id LIMIT ?"
	err = c.each(query, []any{limit}, func(row []driver.Value) error {
		t, err := firstTuple(row)
		all = append(all, t)
		return err
	})
	for _, t := range all {
		if err != nil {
			return 0, err
		}
		in.state.lastID = max(in.state.lastID, t.nums[colID])
		if t.nums[colEndReason] == 0 {
			err = in.store(c, t)
		} else {
			ended = append(ended, t)
		}
		if err == nil {
			_, err = in.exec(c, remove, t.nums[colID])
		}
	}
	if err == nil {
		err = in.writeBlocks(c, ended, nanos(now()))
	}
	return int64(len(all)), errors.Join(err, in.saveState(c))
}

// firstNumbers are the columns of schema 1 that are plain numbers.
var firstNumbers = [numColumns]string{
	colID: "id", colStart: "start_ns", colNode: "node_id", colDuration: "duration_ns", colProto: "proto",
	colSport: "src_port", colDport: "dst_port", colSrcNode: "src_node_id", colDstNode: "dst_node_id",
	colSrcFlags: "src_flags", colDstFlags: "dst_flags", colSentOctets: "sent_octets", colRecvOctets: "recv_octets",
	colSentPackets: "sent_packets", colRecvPackets: "recv_packets", colEndReason: "end_reason", colVerdict: "verdict",
	colInterface: "interface_id", colServerRTT: "server_rtt_ns", colClientRTT: "client_rtt_ns", colSYNRetries: "syn_retries",
	colICMPType: "icmp_type", colICMPCode: "icmp_code", colVLANOuter: "vlan_outer", colVLANInner: "vlan_inner",
	colTunnelKind: "tunnel_kind", colTunnelID: "tunnel_id", colDirection: "direction", colICMPID: "icmp_id",
	colErrorType: "error_type", colErrorCode: "error_code", colSrcTTL: "src_min_ttl", colDstTTL: "dst_min_ttl",
	colSrc: "src_ip", colDst: "dst_ip", colErrorFrom: "error_ip",
	colSrcISN: "src_isn", colDstISN: "dst_isn", colSrcIPID: "src_ip_id", colDstIPID: "dst_ip_id", colSeen: "0",
}

func firstColumns() []string { return slices.Clone(firstNumbers[:]) }

// firstTuple reads a row of schema 1.
func firstTuple(row []driver.Value) (*tuple, error) {
	t := new(tuple)
	addrs := 0
	for c := range numColumns {
		switch v := row[c].(type) {
		case int64:
			t.nums[c] |= v
			t.nums[colSeen] |= map[column]int64{colSrcISN: seenSrcISN, colDstISN: seenDstISN, colSrcIPID: seenSrcIPID, colDstIPID: seenDstIPID}[c]
		case []byte:
			a, ok := netip.AddrFromSlice(v)
			if !ok && len(v) > 0 {
				return nil, errDamaged
			}
			if c == colErrorFrom && ok {
				t.nums[colSeen] |= seenError
			}
			t.addrs[addrs] = a
			addrs++
		default:
			if c.isAddress() {
				addrs++ // an empty blob arrives as nil
			}
		}
	}
	return t, nil
}
