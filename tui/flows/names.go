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
	namesInFlight = 4               // names that are asked for at a time
	namesMax      = 10_000          // names that are kept
	namePatience  = 3 * time.Second // for one name
)

// names are the host names of addresses, asked for as they come into sight and
// kept until the end. A name that isn't there yet is an address.
type names struct {
	known    map[netip.Addr]string // safe to draw; empty: there is none, or it is being asked for
	inFlight int
}

// nameFoundMsg: a name was found, or there is none.
type nameFoundMsg struct {
	addr netip.Addr
	name string
}

// ToggleNames shows host names instead of addresses, or the addresses again.
func (f *Result) ToggleNames() tea.Cmd {
	if f.Cfg.Resolve == nil {
		f.Say(ui.Text, "names are not looked up here")
		return nil
	}
	s := f.Settings
	s.Names = !s.Names
	if s.Names {
		f.Say(ui.Text, "names of hosts, asked of this machine's resolver; "+f.Key(keys.Names)+" goes back to addresses")
	} else {
		f.Say(ui.Text, "addresses")
	}
	return tea.Batch(f.Keep(s), f.askNames())
}

// askNames asks for the names of the addresses in sight.
func (f *Result) askNames() tea.Cmd {
	n, s := &f.names, &f.Rows
	if !f.Settings.Names || f.Cfg.Resolve == nil || f.hidden {
		return nil
	}
	if n.known == nil || len(n.known) > namesMax {
		n.known = map[netip.Addr]string{}
		f.Style.Names = n.known
	}
	var cmds []tea.Cmd
	for i := s.top; i < min(s.top+f.RowsInSight, s.Len()); i++ {
		r := s.At(i)
		for _, addr := range [...]netip.Addr{r.Src.Addr, r.Dst.Addr} {
			if _, asked := n.known[addr]; !asked && n.inFlight < namesInFlight {
				n.known[addr] = ""
				n.inFlight++
				cmds = append(cmds, f.askName(addr))
			}
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

// ToggleServices shows names of services instead of port numbers, or the
// numbers again.
func (f *Result) ToggleServices() tea.Cmd {
	s := f.Settings
	s.Services = !s.Services
	if s.Services {
		f.Say(ui.Text, "names of services; "+f.Key(keys.Services)+" goes back to port numbers")
	} else {
		f.Say(ui.Text, "port numbers")
	}
	return f.Keep(s)
}
