package capture

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
)

// LiveConfig says what to capture. Only Interface is needed.
type LiveConfig struct {
	Interface   string // name, as in Interfaces
	RingBytes   int    // memory shared with the kernel, rounded up to whole blocks; 0: DefaultRingBytes
	Snaplen     int    // octets to capture of each frame; 0: DefaultSnaplen
	Promiscuous bool   // also frames that are addressed to others
}

// Errors of OpenLive that need different answers. They come wrapped in a
// sentence that names the interface and what to do.
var (
	ErrPermission   = errors.New("no permission to capture")
	ErrNotSupported = errors.New("live capture is not supported here")
)

// UnknownInterfaceError says that there is no interface of that name.
type UnknownInterfaceError struct {
	Name  string
	Known []string // names of those that exist
}

func (e *UnknownInterfaceError) Error() string {
	known := strings.Join(e.Known, ", ")
	if known == "" {
		known = "none"
	}
	if e.Name == "" {
		return "no interface is named; there are: " + known
	}
	return fmt.Sprintf("there is no interface %q; there are: %s", e.Name, known)
}

// Interface is a network interface of this machine.
type Interface struct {
	Name     string
	Index    int // the system's number for it, from 1
	Up       bool
	Loopback bool
	Addrs    []netip.Prefix // its addresses, each with its network's prefix length
}

// oneInterface is what a source of a single live interface says of itself.
type oneInterface struct{ name string }

func (o oneInterface) Live() bool   { return true }
func (o oneInterface) Name() string { return o.name }

func (o oneInterface) InterfaceName(i uint16) string {
	if i != 0 {
		return ""
	}
	return o.name
}

// Interfaces lists the network interfaces of this machine in the order of
// their indexes. It needs no permission.
func Interfaces() ([]Interface, error) {
	all, err := net.Interfaces()
	if err != nil {
		return nil, fmt.Errorf("list network interfaces: %w", err)
	}
	list := make([]Interface, 0, len(all))
	for _, i := range all {
		item := Interface{
			Name:     i.Name,
			Index:    i.Index,
			Up:       i.Flags&net.FlagUp != 0,
			Loopback: i.Flags&net.FlagLoopback != 0,
		}
		addrs, err := i.Addrs()
		if err != nil {
			continue // it was removed meanwhile
		}
		for _, a := range addrs {
			if p, err := netip.ParsePrefix(a.String()); err == nil {
				item.Addrs = append(item.Addrs, p)
			}
		}
		list = append(list, item)
	}
	return list, nil
}

// findInterface looks an interface up by its name.
func findInterface(name string) (Interface, error) {
	all, err := Interfaces()
	if err != nil {
		return Interface{}, err
	}
	unknown := &UnknownInterfaceError{Name: name}
	for _, i := range all {
		if i.Name == name {
			return i, nil
		}
		unknown.Known = append(unknown.Known, i.Name)
	}
	return Interface{}, unknown
}

// permissionError says how to get the permission.
func permissionError(name string) error {
	exe, err := os.Executable()
	if err != nil {
		exe = "$(command -v weir)"
	} else if strings.ContainsAny(exe, " '\"$`\\") {
		exe = "'" + strings.ReplaceAll(exe, "'", `'\''`) + "'"
	}
	return fmt.Errorf("capture on %q: %w: run `sudo setcap cap_net_raw=ep %s` once, or run as root", name, ErrPermission, exe)
}
