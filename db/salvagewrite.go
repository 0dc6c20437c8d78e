package db

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"weir/db/block"
	"weir/flow"
	"weir/node"
)

// write writes all collected data into a new store.
func (s *salvage) write(ctx context.Context, w *Writer) error {
	slices.SortStableFunc(s.parts, func(a, b partPlace) int { return cmp.Compare(a.id, b.id) })
	slices.SortStableFunc(s.rows, func(a, b blockRow) int { return cmp.Compare(a.id, b.id) })
	written := map[int64]bool{}
	for i := range s.rows {
		row := &s.rows[i]
		if written[row.id] || ctx.Err() != nil {
			continue
		}
		b, err := row.parse()
		if err != nil {
			b, err = row.fix()
		}
		switch {
		case err != nil && i+1 < len(s.rows) && s.rows[i+1].id == row.id:
		case err != nil:
			s.unread = append(s.unread, row)
		case written[b.ID]:
		case len(s.partsOf(b.ID)) == 0:
			s.unmatched = append(s.unmatched, b)
		default:
			if err := s.writeBlock(ctx, w, b, b.ID); err != nil {
				return err
			}
			written[b.ID] = true
		}
	}
	if err := s.writeUnmatched(ctx, w, written); err != nil {
		return err
	}
	if err := s.writeOpen(ctx, w); err != nil {
		return err
	}
	return errors.Join(ctx.Err(), w.transact(ctx, s.writeDeclarations))
}

// partsOf returns the places of the parts that have the numbers of a block.
func (s *salvage) partsOf(id int64) []partPlace {
	byID := func(p partPlace, id int64) int { return cmp.Compare(p.id, id) }
	if id > math.MaxInt64/block.PartsPerBlock-1 {
		return nil
	}
	from, _ := slices.BinarySearchFunc(s.parts, id*block.PartsPerBlock, byID)
	to, _ := slices.BinarySearchFunc(s.parts, (id+1)*block.PartsPerBlock, byID)
	return s.parts[from:to]
}

// recover reads what it can of a block with the parts of block number id.
func (s *salvage) recover(b *block.Header, id int64) (block.Recovered, error) {
	places := s.partsOf(id)
	return block.Recover(b, func(number int) (found []byte, err error) {
		for _, p := range places {
			if p.id != id*block.PartsPerBlock+int64(number) {
				continue
			}
			row, err := s.file.Row(p.at)
			if err != nil {
				continue
			}
			data, _ := row.Values[1].([]byte)
			if _, err := b.CheckPart(number, data); err == nil {
				return data, nil
			}
			found = data
		}
		if found == nil {
			err = block.ErrVanished
		}
		return found, err
	})
}

// writeBlock writes the flows of a block, with the parts of block number id.
func (s *salvage) writeBlock(ctx context.Context, w *Writer, b *block.Header, id int64) error {
	got, err := s.recover(b, id)
	if err != nil {
		s.done.Lost += int64(b.Rows)
		s.report(fmt.Sprintf("block %d: %v", b.ID, err))
		return nil
	}
	if len(got.Damage) > 0 {
		s.report(fmt.Sprintf("block %d: %s: %d of %d flows are copied", b.ID, listText(got.Damage), len(got.Flows), b.Rows))
	}
	s.done.Lost += int64(got.Lost)
	s.done.Unknown += int64(got.Unknown)
	if len(got.Flows) == 0 {
		return nil
	}
	s.done.Blocks++
	return s.writeFlows(ctx, w, got.Flows, b.Stored)
}

// writeUnmatched writes blocks whose row and parts do not have the same number: one of the numbers is
// damaged. They belong together if every part fits, or if the header's checksum is right with the number
// of the parts.
func (s *salvage) writeUnmatched(ctx context.Context, w *Writer, written map[int64]bool) error {
	last := int64(-1)
	for _, p := range s.parts {
		id := p.id / block.PartsPerBlock
		if id == last || written[id] {
			continue
		}
		last = id
		b := s.match(id)
		if b == nil {
			s.done.NoHeader++
			s.report(fmt.Sprintf("block %d: only parts were found, with an unknown number of flows", id))
			continue
		}
		if err := s.writeBlock(ctx, w, b, id); err != nil {
			return err
		}
	}
	for _, row := range s.unread {
		s.report(fmt.Sprintf("block %d: its header is damaged", row.id))
	}
	for _, b := range s.unmatched {
		s.done.NoParts++
		s.done.Lost += int64(b.Rows)
		start := b.Zone(block.ColStart)
		s.report(fmt.Sprintf("block %d: no parts were found; lost: %s", b.ID, countText(int64(b.Rows), start.Min, start.Max)))
	}
	return nil
}

// match finds the header that belongs to the parts numbered id, which no row of blocks has, and removes it
// from s.unmatched or s.unread; nil if none fits.
func (s *salvage) match(id int64) *block.Header {
	for i, b := range s.unmatched {
		if got, err := s.recover(b, id); err == nil && len(got.Damage) == 0 {
			s.unmatched = slices.Delete(s.unmatched, i, i+1)
			return b
		}
	}
	for i, row := range s.unread {
		as := *row
		as.id = id
		if b, err := as.parse(); err == nil && b.Format >= block.Keyed {
			s.unread = slices.Delete(s.unread, i, i+1)
			return b
		}
	}
	return nil
}

// writeOpen writes the flows that were not in a block. Open flows are written as ended, because the process
// that metered them is gone.
func (s *salvage) writeOpen(ctx context.Context, w *Writer) error {
	before := s.done.Flows
	slices.SortStableFunc(s.open, func(a, b *block.Tuple) int { return cmp.Compare(a.Nums[block.ColID], b.Nums[block.ColID]) })
	for _, t := range s.open {
		if t.Nums[block.ColEndReason] == 0 {
			t.Nums[block.ColEndReason] = int64(flow.ForcedEnd)
		}
	}
	for some := range slices.Chunk(s.open, block.MaxRows) {
		if err := s.writeFlows(ctx, w, some, block.Nanos(w.now())); err != nil {
			return err
		}
	}
	s.done.Open = s.done.Flows - before
	return nil
}

// writeFlows writes those flows that have not been written yet.
func (s *salvage) writeFlows(ctx context.Context, w *Writer, flows []*block.Tuple, stored int64) error {
	flows = slices.DeleteFunc(slices.Clone(flows), func(t *block.Tuple) bool { return !s.first(t.Nums[block.ColID]) })
	if len(flows) == 0 {
		return nil
	}
	s.done.Flows += int64(len(flows))
	return w.transact(ctx, func(c connection) error {
		in, err := w.inserter(c)
		if err != nil {
			return err
		}
		latest := map[int64]int64{}
		for _, t := range flows {
			for _, col := range []block.Column{block.ColNode, block.ColInterface, block.ColReplyInterface, block.ColSrcNode, block.ColDstNode} {
				if t.Nums[col], err = s.nameID(c, in, t.Nums[col]); err != nil {
					return err
				}
			}
			id, last := t.Nums[block.ColNode], t.Nums[block.ColStart]+t.Nums[block.ColDuration]
			if had, ok := latest[id]; !ok || last > had {
				latest[id] = last
			}
			in.state.lastID = max(in.state.lastID, t.Nums[block.ColID])
		}
		if err := in.storeLastSeen(c, latest); err != nil {
			return err
		}
		in.state.commits++
		return errors.Join(in.writeBlocks(c, flows, stored), in.saveState(c))
	})
}

// first reports whether it is called for the first time with a flow id.
func (s *salvage) first(id int64) bool {
	set := s.seen[id>>chunkBits]
	if set == nil {
		set = new(idSet)
		s.seen[id>>chunkBits] = set
	}
	had := set.has(id)
	set.add(id)
	return !had
}

// nameID returns the id in the new store of a name of the old one.
func (s *salvage) nameID(c connection, in *inserter, old int64) (int64, error) {
	if id, ok := s.ids[old]; ok {
		return id, nil
	}
	name, ok := s.names[old]
	if !ok {
		name = fmt.Sprintf("unknown-%d", old)
		s.done.Names++
	}
	id, err := in.nameID(c, name)
	s.ids[old] = id
	return id, err
}

// writeDeclarations writes the declared nodes and the groups.
func (s *salvage) writeDeclarations(c connection) error {
	for name, prefixes := range s.nodes {
		if node.ValidName(name) != nil {
			continue
		}
		if err := addNode(c, node.Node{Name: name, Prefixes: prefixes}); err != nil {
			s.report(fmt.Sprintf("node %s: %v", name, err))
		}
	}
	for name, members := range s.groups {
		for _, member := range members {
			if strings.TrimSpace(name) == "" || strings.TrimSpace(member) == "" {
				continue
			}
			if err := c.exec("INSERT OR IGNORE INTO node_groups (name, member) VALUES (?, ?)", name, member); err != nil {
				return err
			}
		}
	}
	if err := c.sumDeclarations(); err != nil {
		return err
	}
	for _, t := range declarations {
		rows, err := c.declared(t)
		if err != nil {
			return err
		}
		if sum, ok := s.sums[t.name]; ok && sum != declaredSum(rows) {
			s.report(t.text + " differ from what was declared: check weir nodes on the new store")
		}
	}
	return nil
}
