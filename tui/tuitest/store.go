package tuitest

import (
	"cmp"
	"context"
	"errors"
	"net/netip"
	"slices"
	"sync"
	"time"

	"weir/flow"
	"weir/node"
	"weir/search"
)

// Store is a store in memory. Of a filter it matches time range, nodes, protocol and a
// few more fields, which is enough to test the requests of the screen.
type Store struct {
	mu            sync.Mutex
	Recs          []flow.Record // newest first
	version       uint64
	NodeList      []node.Summary
	GroupList     node.Groups
	InterfaceList []string
	Err           error        // returned by every method, if set
	Gaps          []search.Gap // that every answer says to have
	Searches      []search.Query
	Gate          chan struct{} // if set, Search waits for it or for its context

	Reports chan func(done, planned int64) // if set, receives the progress callback of Search, unless it is full
}

// Add adds flows.
func (s *Store) Add(recs ...flow.Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Recs = append(s.Recs, recs...)
	slices.SortFunc(s.Recs, func(a, b flow.Record) int {
		if n := b.Start.Compare(a.Start); n != 0 {
			return n
		}
		return int(b.ID - a.ID)
	})
	s.version++
}

// Fail sets Err, also while requests are running.
func (s *Store) Fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Err = err
}

// Version implements session.Store.
func (s *Store) Version() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.version
}

func (s *Store) matching(q search.Query) []flow.Record {
	var out []flow.Record
	for _, r := range s.Recs {
		if !search.Active(&r, q.Range.From, q.Range.To) {
			continue
		}
		if len(q.Nodes) > 0 && !slices.Contains(q.Nodes, r.Node) || !matches(q.Filter, &r) {
			continue
		}
		out = append(out, r)
	}
	if !q.Order.ByStart() {
		slices.SortStableFunc(out, func(a, b flow.Record) int {
			n, known := q.Order.Value(&a)
			m, also := q.Order.Value(&b)
			switch {
			case known != also && known:
				return -1
			case known != also:
				return 1
			case q.Order.SmallestFirst():
				return cmp.Compare(n, m)
			}
			return cmp.Compare(m, n)
		})
	} else if q.Order == search.Oldest {
		slices.Reverse(out)
	}
	return out
}

func matches(x search.Expr, r *flow.Record) bool {
	for _, term := range search.Conjuncts(x) {
		switch term := term.(type) {
		case search.Not:
			if matches(term.X, r) {
				return false
			}
		case search.Numbers:
			n := map[search.Field]int64{search.FieldProto: int64(r.Proto), search.FieldDport: int64(r.Dst.Port),
				search.FieldSrcISN: int64(r.SrcSide.ISN.Value), search.FieldDstISN: int64(r.DstSide.ISN.Value), search.FieldSrcIPID: int64(r.SrcSide.IPID.Value), search.FieldStart: r.Start.UnixNano()}[term.Field]
			if !slices.ContainsFunc(term.Ranges, func(i search.Interval) bool { return i.Lo <= n && n <= i.Hi }) {
				return false
			}
		}
	}
	return true
}

// result returns the error of an answer.
func (s *Store) result() error {
	if s.Err == nil && len(s.Gaps) > 0 {
		return &search.IncompleteError{Gaps: s.Gaps}
	}
	return s.Err
}

// Search implements session.Store.
func (s *Store) Search(ctx context.Context, q search.Request, after search.Cursor, n int) (search.Page, error) {
	s.mu.Lock()
	gate := s.Gate
	s.Searches = append(s.Searches, q.Query)
	s.mu.Unlock()
	if q.Progress != nil {
		select {
		case s.Reports <- q.Progress:
		default:
		}
	}
	if gate != nil {
		select {
		case <-gate:
		case <-ctx.Done():
			return search.Page{}, ctx.Err()
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.Err != nil {
		return search.Page{}, s.Err
	}
	if q.Range.Last != 0 {
		return search.Page{}, errors.New("the screen left a range relative")
	}
	all := s.matching(q.Query)
	from := 0
	if !after.IsZero() {
		from = 1 + slices.IndexFunc(all, func(r flow.Record) bool { return r.ID == after.ID })
	}
	to := min(from+n, len(all))
	return search.Page{Rows: slices.Clone(all[from:to]), More: to < len(all)}, s.result()
}

// Count implements session.Store.
func (s *Store) Count(_ context.Context, q search.Request, limit int64) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return min(int64(len(s.matching(q.Query))), limit+1), s.result()
}

// Groups implements session.Store.
func (s *Store) Groups(context.Context) (node.Groups, error) { return s.GroupList, nil }

// Interfaces implements session.Store.
func (s *Store) Interfaces(context.Context) ([]string, error) { return s.InterfaceList, nil }

// Summaries implements session.Store.
func (s *Store) Summaries(context.Context, search.Range) ([]node.Summary, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.NodeList, s.result()
}

// Top implements session.Aggregator for groupings by addresses, port, node, interface and verdict.
func (s *Store) Top(_ context.Context, q search.TopRequest) (search.Talkers, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	type group struct {
		search.Talker
		peers, ports map[any]bool
	}
	groups := map[string]*group{}
	var total search.Sums
	for _, r := range s.matching(fakeRange(q.Query)) {
		g := &group{peers: map[any]bool{}, ports: map[any]bool{}}
		for _, by := range q.By {
			g.Values = append(g.Values, map[search.By]search.Value{
				search.BySrc: {Addr: r.Src.Addr}, search.ByDst: {Addr: r.Dst.Addr}, search.ByPair: {Addr: r.Src.Addr, Peer: r.Dst.Addr},
				search.ByPort: search.PortOf(r.Proto, r.Dst.Port), search.ByNode: {Name: r.Node}, search.ByInterface: {Name: r.Interface},
				search.ByVerdict: {Number: int64(r.Verdict)},
			}[by])
		}
		if old := groups[g.Key(q.By)]; old != nil {
			g = old
		}
		groups[g.Key(q.By)] = g
		for _, sum := range []*search.Sums{&g.Sums, &total} {
			sum.Flows++
			sum.Sent += r.Sent.Octets
			sum.Recv += r.Recv.Octets
			sum.Octets += r.Sent.Octets + r.Recv.Octets
			sum.Packets += r.Sent.Packets + r.Recv.Packets
			if sum.First.IsZero() || r.Start.Before(sum.First) {
				sum.First = r.Start
			}
			if r.Last.After(sum.Last) {
				sum.Last = r.Last
			}
		}
		peer := r.Dst.Addr
		if q.By.PeersAreSources() {
			peer = r.Src.Addr
		}
		g.peers[peer] = true
		if r.Proto.HasPorts() {
			g.ports[search.PortOf(r.Proto, r.Dst.Port)] = true
		}
	}
	out := search.Talkers{Groups: int64(len(groups)), Total: total}
	for _, g := range groups {
		g.Peers, g.Ports = int64(len(g.peers)), int64(len(g.ports))
		out.Rows = append(out.Rows, g.Talker)
	}
	slices.SortFunc(out.Rows, func(a, b search.Talker) int { return q.Compare(&a, &b) })
	out.Rows = out.Rows[:min(q.N, len(out.Rows))]
	return out, s.result()
}

// Buckets implements session.Aggregator; the range ends at Now.
func (s *Store) Buckets(_ context.Context, q search.Request, n int) ([]search.Bucket, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	recs := s.matching(fakeRange(q.Query))
	if len(recs) == 0 {
		return nil, s.result()
	}
	from, to := q.Range.Bounds(Now)
	if from.IsZero() {
		from = recs[len(recs)-1].Start
	}
	if to.IsZero() {
		to = Now
	}
	width := to.Sub(from)/time.Duration(n) + 1
	out := make([]search.Bucket, n)
	for i := range out {
		out[i] = search.Bucket{Start: from.Add(time.Duration(i) * width), Width: width}
	}
	for _, r := range recs {
		b := &out[min(max(int(r.Start.Sub(from)/width), 0), n-1)]
		b.Flows++
		b.Started++
		b.Octets += r.Sent.Octets + r.Recv.Octets
	}
	return out, s.result()
}

// fakeRange returns q with its range resolved at Now.
func fakeRange(q search.Query) search.Query {
	q.Range.From, q.Range.To = q.Range.Bounds(Now)
	q.Range.Last = 0
	return q
}

// NewStore returns a store with [Flows] and two nodes.
func NewStore() *Store {
	s := &Store{NodeList: []node.Summary{
		{Node: node.Node{Name: "edge-1", Origin: node.Host}, Flows: 7, Octets: 3_412_431_000, LastSeen: Now},
		{Node: node.Node{Name: "branch-office-3"}, Flows: 1, LastSeen: Now.Add(-time.Hour)},
	}}
	s.Add(Flows()...)
	return s
}

// Hops returns one TCP flow as seen by three nodes, with source NAT between the first two.
func Hops() []flow.Record {
	edge := Flows()[0]
	edge.Src.Addr, edge.Dst.Node, edge.SrcSide.MinTTL, edge.DstSide.MinTTL = netip.MustParseAddr("192.168.100.16"), "dc-2", 64, 61
	core := edge
	core.ID, core.Node, core.Start = 901, "core", edge.Start.Add(6*time.Millisecond)
	core.Src = flow.Endpoint{Node: "core", Addr: netip.MustParseAddr("10.100.2.1"), Port: 29712}
	core.SrcSide.MinTTL, core.DstSide.MinTTL = 63, 62
	dc := core
	dc.ID, dc.Node, dc.Start = 902, "dc-2", edge.Start.Add(10*time.Millisecond)
	dc.SrcSide.MinTTL, dc.DstSide.MinTTL = 62, 63
	return []flow.Record{dc, edge, core}
}

// Health returns counters with losses, errors and hostile names.
func Health() flow.Health {
	return flow.Health{
		Sources: []flow.SourceHealth{
			{Name: "eth0", Packets: 1_284_000, Octets: 912_000_000, KernelDrops: 12},
			{Name: "wlan\x1b[31m0", Packets: 17, Octets: 2_400, CutShort: 1, Duplicates: 3},
			{Name: "old.pcap", Packets: 5, Octets: 500, Err: "truncated frame at octet 612", Done: true},
			{Name: "tun0", Packets: 90, Octets: 9_000, Err: `capture on "tun0": the interface went down`, Outages: 3, Away: 95 * time.Second},
		},
		Skipped:   []flow.Count{{Name: "truncated ip header", N: 3}, {Name: "arp", N: 4_711}},
		OpenFlows: 166, Created: 9_159, Ended: 8_993, Evicted: 2, Stored: 12_527, Unstored: 1, Outdated: 4,
	}
}
