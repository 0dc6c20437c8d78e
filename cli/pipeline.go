package cli

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"weir/capture"
	"weir/db"
	"weir/flow"
	"weir/meter"
	"weir/node"
	"weir/search"
)

const (
	// maxFlows is how many flows all meters of a process have open together.
	maxFlows = 1_000_000
	// inventoryInterval is how soon a node declared by another process counts.
	inventoryInterval = 2 * time.Second
)

// observer is a source of packets and the node at which it was taken.
type observer struct {
	node string
	src  capture.Source
}

// pipeline carries packets of its observers into the store: a meter for each
// source, all of them writing into one store. run owns the goroutines.
type pipeline struct {
	store    *db.Writer
	meters   []*meter.Meter
	sources  []capture.Source
	stopGone bool                          // end when the store is gone from its path, instead of counting what is lost
	own      []node.Node                   // nodes known without the store: this host, or the demo's
	registry atomic.Pointer[node.Registry] // own and declared nodes; replaced when the inventory changes
}

// newPipeline returns a pipeline whose meters have at most so many flows open together.
func newPipeline(ctx context.Context, store *db.Writer, own []node.Node, observers []observer, open int) (*pipeline, error) {
	p := &pipeline{store: store, own: own}
	if err := p.loadInventory(ctx); !search.Answered(err) {
		return nil, err
	}
	groups, err := store.Groups(ctx)
	if !search.Answered(err) { // the store has warned of damage
		return nil, err
	}
	flows := meter.NewBudget(open, len(observers))
	live := false
	for _, o := range observers {
		if groups.Find(o.node) != nil {
			return nil, fmt.Errorf("%s is a group of nodes and can't report flows: choose another name with --node, or weir nodes group remove %s", o.node, o.node)
		}
		p.sources = append(p.sources, o.src)
		live = live || o.src.Live()
		p.meters = append(p.meters, meter.New(meter.Config{
			Node:    o.node,
			NextID:  store.NextID,
			Resolve: p.resolve,
			Budget:  flows,
		}, o.src, store))
	}
	if live {
		store.Cover(p.coverage)
	}
	return p, nil
}

// coverage returns when the sources were captured, for the store.
func (p *pipeline) coverage() (spans []flow.Coverage) {
	for _, m := range p.meters {
		spans = append(spans, m.Coverage()...)
	}
	return spans
}

func (p *pipeline) resolve(a netip.Addr) string { return p.registry.Load().Lookup(a) }

func (p *pipeline) loadInventory(ctx context.Context) error {
	declared, err := p.store.Nodes(ctx)
	if err == nil || search.Answered(err) && p.registry.Load() == nil {
		p.registry.Store(node.NewRegistry(append(declared, p.own...)))
	}
	return err
}

// run meters until every source has ended or ctx is canceled, and returns when
// the last record is in the store. It returns what ended a source early.
func (p *pipeline) run(ctx context.Context) error {
	storeCtx, stopStore := context.WithCancel(context.WithoutCancel(ctx))
	defer stopStore()
	stored := make(chan error, 1)
	go func() { stored <- p.store.Run(storeCtx) }()

	metering, stopMetering := context.WithCancel(ctx)
	var beside sync.WaitGroup
	beside.Go(func() { p.watchInventory(metering) })
	if p.stopGone {
		beside.Go(func() {
			select {
			case <-p.store.Gone():
				stopMetering()
			case <-metering.Done():
			}
		})
	}

	var wg sync.WaitGroup
	errs := make([]error, len(p.meters))
	for i, m := range p.meters {
		wg.Go(func() { errs[i] = m.Run(metering) })
	}
	wg.Wait() // one source's end is not the end of the others
	stopMetering()
	beside.Wait()
	stopStore()
	why := <-stored
	if why != nil { // it says what they only noticed
		errs = slices.DeleteFunc(errs, func(err error) bool { return errors.Is(err, db.ErrStopped) || errors.Is(err, context.DeadlineExceeded) })
	}
	return errors.Join(append(errs, why)...)
}

// watchInventory follows `weir nodes add` in another process. A failing read
// keeps the registry as it is; the store reports its own health.
func (p *pipeline) watchInventory(ctx context.Context) {
	tick := time.NewTicker(inventoryInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			_ = p.loadInventory(ctx)
		}
	}
}

// health adds up what the meters and the store count.
func (p *pipeline) health() flow.Health {
	h := p.store.Health()
	for _, m := range p.meters {
		h.Merge(m.Health())
	}
	return h
}

func (p *pipeline) close() error {
	errs := make([]error, 0, len(p.sources)+1)
	for _, s := range p.sources {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, p.store.Close())...)
}
