package node

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
)

// FromHost returns this machine as a node of the given name. It owns the
// addresses of all its interfaces, each as a /32 or /128.
//
// Loopback addresses are left out: every machine owns 127.0.0.1 and ::1, so a
// claim to them would name this machine in captures taken on others. An empty
// Source Node says honestly that the address doesn't tell. Link-local addresses
// are kept: the interface part comes from the hardware address or from chance,
// so that they identify the machine in practice although not by standard
// (RFC 4291, section 2.5.6). Their zone is dropped, packets carry none.
func FromHost(name string) (Node, error) {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return Node{}, fmt.Errorf("read the addresses of this machine's interfaces: %w", err)
	}
	return Node{Name: name, Prefixes: hostPrefixes(addrs), Origin: Host}, nil
}

// hostPrefixes turns interface addresses into host prefixes, sorted, each once.
func hostPrefixes(addrs []net.Addr) []netip.Prefix {
	var prefixes []netip.Prefix
	for _, a := range addrs {
		ipnet, ok := a.(*net.IPNet)
		if !ok {
			continue
		}
		ip, ok := netip.AddrFromSlice(ipnet.IP)
		if ip = ip.Unmap(); !ok || ip.IsLoopback() || ip.IsUnspecified() {
			continue
		}
		prefixes = append(prefixes, netip.PrefixFrom(ip, ip.BitLen()))
	}
	slices.SortFunc(prefixes, netip.Prefix.Compare)
	return slices.Compact(prefixes)
}
