package capture

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
)

// LiveConfig configures a live capture. Only Interface is required.
type LiveConfig struct {
	Interface   string // name, as returned by Interfaces
	RingBytes   int    // size of the ring buffer, rounded up to whole blocks; 0: DefaultRingBytes
	Snaplen     int    // octets captured of each frame; 0: DefaultSnaplen
	Promiscuous bool   // also capture frames for other hosts
}

// Errors of OpenLive that callers may have to distinguish. They are wrapped in a
// message with the interface and advice.
var (
	ErrPermission   = errors.New("no permission to capture")
	ErrNotSupported = errors.New("live capture is not supported here")
)

// UnknownInterfaceError reports that no interface has the given name.
type UnknownInterfaceError struct {
	Name  string
	Known []string // names of existing interfaces
}

func (e *UnknownInterfaceError) Error() string {
	known := strings.Join(e.Known, ", ")
	if known == "" {
		known = "none"
	}
	if e.Name == "" {
		return "no interface given: expected one of " + known
	}
	return fmt.Sprintf("unknown interface %q: expected one of %s", e.Name, known)
}

// Interface is a network interface of this machine.
type Interface struct {
	Name     string
	Index    int // interface index of the operating system, from 1
	Up       bool
	Loopback bool
	Addrs    []netip.Prefix // addresses with the prefix lengths of their networks
}

// singleInterface implements the part of Source that is the same for every live
// interface.
type singleInterface struct{ name string }

func (o singleInterface) Live() bool   { return true }
func (o singleInterface) Name() string { return o.name }

func (o singleInterface) InterfaceName(i uint16) string {
	if i != 0 {
		return ""
	}
	return o.name
}

// Interfaces lists the network interfaces of this machine, ordered by index. It
// requires no privileges.
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
			continue // removed in the meantime
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

// findInterface returns the interface with the given name, or an
// *UnknownInterfaceError.
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

// permissionError explains how to get the permission to capture.
func permissionError(name string) error {
	exe, err := os.Executable()
	if err != nil {
		exe = "$(command -v weir)"
	} else if strings.ContainsAny(exe, " '\"$`\\") {
		exe = "'" + strings.ReplaceAll(exe, "'", `'\''`) + "'"
	}
	return fmt.Errorf("capture on %q: %w: run `sudo setcap cap_net_raw=ep %s` once, or run as root", name, ErrPermission, exe)
}
