package tui

import (
	"context"
	"net/netip"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"weir/internal/termsafe"
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

// toggleNames shows host names instead of addresses, or the addresses again.
func (m *model) toggleNames() tea.Cmd {
	if m.cfg.Resolve == nil {
		m.say(ui.Text, "names are not looked up here")
		return nil
	}
	s := m.settings
	s.Names = !s.Names
	if s.Names {
		m.say(ui.Text, "names of hosts, asked of this machine's resolver; d goes back to addresses")
	} else {
		m.say(ui.Text, "addresses")
	}
	return tea.Batch(m.keep(s), m.askNames())
}

// askNames asks for the names of the addresses in sight.
func (m *model) askNames() tea.Cmd {
	n, s := &m.names, &m.table.rows
	if !m.settings.Names || m.cfg.Resolve == nil || m.place != atFlows {
		return nil
	}
	if n.known == nil || len(n.known) > namesMax {
		n.known = map[netip.Addr]string{}
		m.table.style.Names = n.known
	}
	var cmds []tea.Cmd
	for i := s.top; i < min(s.top+m.table.height, s.len()); i++ {
		r := s.at(i)
		for _, addr := range [...]netip.Addr{r.Src.Addr, r.Dst.Addr} {
			if _, asked := n.known[addr]; !asked && n.inFlight < namesInFlight {
				n.known[addr] = ""
				n.inFlight++
				cmds = append(cmds, m.askName(addr))
			}
		}
	}
	return tea.Batch(cmds...)
}

func (m *model) askName(addr netip.Addr) tea.Cmd {
	ctx, resolve := m.ctx, m.cfg.Resolve
	return guarded(func() tea.Msg {
		ctx, cancel := context.WithTimeout(ctx, namePatience)
		defer cancel()
		name, err := resolve(ctx, addr)
		if err != nil {
			name = ""
		}
		return nameFoundMsg{addr, name}
	})
}

func (m *model) onName(msg nameFoundMsg) tea.Cmd {
	m.names.inFlight--
	m.names.known[msg.addr] = termsafe.Text(strings.TrimSuffix(msg.name, "."))
	return m.askNames()
}

// toggleServices shows names of services instead of port numbers, or the
// numbers again.
func (m *model) toggleServices() tea.Cmd {
	s := m.settings
	s.Services = !s.Services
	if s.Services {
		m.say(ui.Text, "names of services; P goes back to port numbers")
	} else {
		m.say(ui.Text, "port numbers")
	}
	return m.keep(s)
}
