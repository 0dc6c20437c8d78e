package node

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
)

// FromHost returns this machine as a node with the given name. It owns the
// addresses of all interfaces, each as a /32 or /128.
//
// Loopback addresses are skipped: every machine has 127.0.0.1 and ::1, so this
// machine would appear as their owner in captures taken elsewhere. Link-local
// addresses are kept: their interface identifier derives from the hardware
// address or is random, so in practice they identify the machine, although the
// standard does not guarantee it (RFC 4291, section 2.5.6). Zones are dropped
// because packets carry none.
func FromHost(name string) (Node, error) {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return Node{}, fmt.Errorf("read the addresses of this machine's interfaces: %w", err)
	}
	return Node{Name: name, Prefixes: hostPrefixes(addrs), Origin: Host}, nil
}

// hostPrefixes converts interface addresses to host prefixes, sorted and without
// duplicates.
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
