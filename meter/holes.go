package meter

import "slices"

// hole is a range of sequence numbers that were not seen, although later ones were.
type hole struct{ from, to uint32 }

// addHole remembers a hole of a side. It forgets those that the peer has acknowledged, up to acked: their
// segments did not pass here. If there are too many it forgets the oldest, and what fills that one
// counts as retransmitted.
func (g *engine) addHole(x *extra, from int, h hole, acked uint32) {
	kept := slices.DeleteFunc(x.holes[from], func(old hole) bool { return !seqBefore(acked, old.to) })
	switch {
	case len(kept) == maxHoles && !x.hasMany && g.withMany < maxWithMany:
		x.hasMany = true
		g.withMany++
	case x.hasMany && len(kept) < maxHoles/2 && len(x.holes[1-from]) < maxHoles/2:
		g.releaseHoles(x)
		kept, x.holes[1-from] = slices.Clone(kept), slices.Clone(x.holes[1-from])
	}
	if len(kept) >= x.holesMax() {
		kept = slices.Delete(kept, 0, 1)
	}
	x.holes[from] = append(kept, h)
}

func (x *extra) holesMax() int {
	if x.hasMany {
		return manyHoles
	}
	return maxHoles
}

// releaseHoles lets another flow have many holes.
func (g *engine) releaseHoles(x *extra) {
	if x.hasMany {
		x.hasMany = false
		g.withMany--
	}
}

// fill removes the range r from the holes of a side, and reports whether any of it was one.
func (x *extra) fill(from int, r hole) (filled bool) {
	all := x.holes[from]
	kept := all[:0]
	for i, h := range all {
		if !seqBefore(h.from, r.to) || !seqBefore(r.from, h.to) {
			kept = append(kept, h)
			continue
		}
		filled = true
		if seqBefore(h.from, r.from) {
			kept = append(kept, hole{h.from, r.from})
		}
		if !seqBefore(r.to, h.to) {
			continue
		}
		rest := hole{r.to, h.to}
		if len(kept) <= i {
			kept = append(kept, rest)
			continue
		}
		// r is inside h: no other hole has any of it.
		if kept = all; len(all) < x.holesMax() {
			kept = slices.Insert(all, i+1, rest)
		}
		break
	}
	x.holes[from] = kept
	return filled
}
