package demo

import (
	"net/netip"
	"time"

	"weir/capture"
	"weir/node"
)

// Config configures the simulation. The same Start, Seed and History generate
// identical packets.
type Config struct {
	Start   time.Time     // end of the history
	History time.Duration // length of the history
	Seed    uint64        // any value
	Live    bool          // continue in real time after Start; else the sources end there with io.EOF

	// Now is the clock of a live source; nil means time.Now.
	Now func() time.Time

	// Wait waits for d or until stop is closed; nil uses a timer.
	Wait func(d time.Duration, stop <-chan struct{})
}

// Network is a simulated network.
type Network struct {
	cfg Config
}

// New returns a network. It does nothing until its sources are read.
func New(cfg Config) *Network {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Wait == nil {
		cfg.Wait = wait
	}
	return &Network{cfg}
}

func wait(d time.Duration, stop <-chan struct{}) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-stop:
	}
}

// observer is the position of a node in the network.
type observer int

const (
	edge observer = iota
	core
	dc
)

// observerInfo describes an observer.
type observerInfo struct {
	name     string
	iface    string
	prefixes []string
}

var observers = [...]observerInfo{
	edge: {"edge-1", "lan0", []string{"192.168.100.0/24", "10.100.2.0/24", "2001:db8:100:2::/64"}},
	core: {"core", "wan0", []string{"10.100.0.0/24", "2001:db8:100::/64"}},
	dc:   {"dc-2", "lan0", []string{"10.100.1.0/24", "172.16.1.0/24", "2001:db8:100:1::/64"}},
}

// Nodes returns the three nodes with the prefixes they own.
func (n *Network) Nodes() []node.Node {
	nodes := make([]node.Node, len(observers))
	for i, s := range observers {
		nodes[i] = node.Node{Name: s.name, Origin: node.Declared}
		for _, p := range s.prefixes {
			nodes[i].Prefixes = append(nodes[i].Prefixes, netip.MustParsePrefix(p))
		}
	}
	return nodes
}

// NodeSource is the capture source of one node.
type NodeSource struct {
	Node   string
	Source capture.Source
}

// Sources returns a new source for each node, in the order of Nodes. They are
// independent, and an unread source costs nothing.
func (n *Network) Sources() []NodeSource {
	sources := make([]NodeSource, len(observers))
	for i, s := range observers {
		sources[i] = NodeSource{Node: s.name, Source: newSource(n.cfg, observer(i))}
	}
	return sources
}
