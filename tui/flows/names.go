package flows

import (
	"context"
	"net/netip"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"weir/internal/termsafe"
	"weir/tui/keys"
	"weir/tui/session"
	"weir/tui/ui"
)

const (
	namesInFlight = 4               // concurrent look-ups
	namesMax      = 10_000          // names in the cache
	namePatience  = 3 * time.Second // timeout of a look-up
)

// names is a cache of host names, looked up as addresses become visible. Until a name
// is known its address is shown.
type names struct {
	known    map[netip.Addr]string // safe to draw; empty: no name, or the look-up is running
	inFlight int
}

// nameFoundMsg delivers the name of an address; empty: it has none.
type nameFoundMsg struct {
	addr netip.Addr
	name string
}

// ToggleNames switches between host names and addresses.
func (f *Result) ToggleNames() tea.Cmd {
	if f.Cfg.Resolve == nil {
		f.Say(ui.Text, "host names are not available here")
		return nil
	}
	s := f.Settings
	s.Names = !s.Names
	if s.Names {
		f.Say(ui.Text, "host names from this machine's resolver; "+f.Key(keys.Names)+" shows addresses")
	} else {
		f.Say(ui.Text, "addresses")
	}
	return tea.Batch(f.Keep(s), f.askNames())
}

// askNames looks up the names of the visible addresses.
func (f *Result) askNames() tea.Cmd {
	if f.hidden {
		return nil
	}
	var all []netip.Addr
	for i := f.Rows.top; i < min(f.Rows.top+f.RowsInSight, f.Rows.Len()); i++ {
		r := f.Rows.At(i)
		all = append(all, r.Src.Addr, r.Dst.Addr)
	}
	return f.AskHosts(all)
}

// Host returns the name of a host, safe to draw; empty: it is not known, or addresses are wanted.
func (f *Result) Host(a netip.Addr) string {
	if !f.Settings.Names {
		return ""
	}
	return f.names.known[a]
}

// AskHosts looks up those hosts that were not looked up yet, if names are wanted.
func (f *Result) AskHosts(all []netip.Addr) tea.Cmd {
	n := &f.names
	if !f.Settings.Names || f.Cfg.Resolve == nil {
		return nil
	}
	if n.known == nil || len(n.known) > namesMax {
		n.known = map[netip.Addr]string{}
		f.Style.Names = n.known
	}
	var cmds []tea.Cmd
	for _, addr := range all {
		if _, asked := n.known[addr]; !asked && n.inFlight < namesInFlight {
			n.known[addr] = ""
			n.inFlight++
			cmds = append(cmds, f.askName(addr))
		}
	}
	return tea.Batch(cmds...)
}

func (f *Result) askName(addr netip.Addr) tea.Cmd {
	ctx, resolve := f.Ctx, f.Cfg.Resolve
	return session.Guarded(func() tea.Msg {
		ctx, cancel := context.WithTimeout(ctx, namePatience)
		defer cancel()
		name, err := resolve(ctx, addr)
		if err != nil {
			name = ""
		}
		return nameFoundMsg{addr, name}
	})
}

func (f *Result) onName(msg nameFoundMsg) tea.Cmd {
	f.names.inFlight--
	f.names.known[msg.addr] = termsafe.Text(strings.TrimSuffix(msg.name, "."))
	return f.askNames()
}

// ToggleServices switches between service names and port numbers.
func (f *Result) ToggleServices() tea.Cmd {
	s := f.Settings
	s.Services = !s.Services
	if s.Services {
		f.Say(ui.Text, "service names; "+f.Key(keys.Services)+" shows port numbers")
	} else {
		f.Say(ui.Text, "port numbers")
	}
	return f.Keep(s)
}
