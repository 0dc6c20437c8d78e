package demo

import (
	"net/netip"
	"time"

	"weir/capture"
	"weir/node"
)

// Config says what to simulate. The same Start, Seed and History give the same
// packets, octet for octet.
type Config struct {
	Start   time.Time     // where history ends and the present begins
	History time.Duration // how far back the first packets lie
	Seed    uint64        // any number
	Live    bool          // go on after Start in the present; else the sources end there with io.EOF

	// Now is the clock that paces a live source; nil is time.Now.
	Now func() time.Time

	// Wait returns after d, or earlier when stop is closed; nil waits on a timer.
	Wait func(d time.Duration, stop <-chan struct{})
}

// Network is a simulated network.
type Network struct {
	cfg Config
}

// New returns a network. Nothing happens until its sources are read.
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

// observer is a node by its place in the network.
type observer int

const (
	edge observer = iota
	core
	dc
)

// station describes an observer.
type station struct {
	name     string
	iface    string
	prefixes []string
}

var stations = [...]station{
	edge: {"edge-1", "lan0", []string{"192.168.100.0/24", "10.100.2.0/24", "2001:db8:100:2::/64"}},
	core: {"core", "wan0", []string{"10.100.0.0/24", "2001:db8:100::/64"}},
	dc:   {"dc-2", "lan0", []string{"10.100.1.0/24", "172.16.1.0/24", "2001:db8:100:1::/64"}},
}

// Nodes returns the three nodes with the prefixes they own.
func (n *Network) Nodes() []node.Node {
	nodes := make([]node.Node, len(stations))
	for i, s := range stations {
		nodes[i] = node.Node{Name: s.name, Origin: node.Declared}
		for _, p := range s.prefixes {
			nodes[i].Prefixes = append(nodes[i].Prefixes, netip.MustParsePrefix(p))
		}
	}
	return nodes
}

// NodeSource is what one node captures.
type NodeSource struct {
	Node   string
	Source capture.Source
}

// Sources returns one new source for each node, in the order of Nodes. They
// are independent: one that nobody reads costs nothing.
func (n *Network) Sources() []NodeSource {
	sources := make([]NodeSource, len(stations))
	for i, s := range stations {
		sources[i] = NodeSource{Node: s.name, Source: newSource(n.cfg, observer(i))}
	}
	return sources
}
