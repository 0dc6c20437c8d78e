package meter

import (
	"weir/decode"
	"weir/flow"
)

// highPort is where the ports begin that systems give to outgoing connections
// (Linux: net.ipv4.ip_local_port_range from 32768 on; IANA, RFC 6335: 49152).
const highPort = 32768

// decide picks the source from a flow's first packet.
//
// The rules, the surest first: SYN · SYN-ACK, the sender is the destination ·
// ICMP request, or reply reversed · to multicast or broadcast · a service port
// on exactly one side · the port below 32768 is the destination's, if the
// other is not · who sent first.
//
// Two ports from 32768 on tell nothing, both may be any client's: there the
// first packet says more than which of them happens to be lower.
func (e *entry) decide(p *decode.Packet) {
	from := sender(p)
	src, dir := evidence(p, from)
	if dir == flow.ByUnknown {
		src, dir = byPorts(&e.key, from)
	}
	e.setSource(src, dir)
}

// redecide lets surer evidence of a later packet change the source, and with
// it what is sent and what is received. So a SYN-ACK that overtook its SYN, or
// a reply its request, is put right by the next packet; nothing contradicts a
// SYN, and of two (simultaneous open) the first counts.
func (e *entry) redecide(p *decode.Packet, from int) {
	if src, dir := evidence(p, from); dir > e.dir {
		e.setSource(src, dir)
	}
}

func (e *entry) setSource(side int, dir flow.Direction) {
	e.dir = dir
	e.bits.set(srcIsB, side == 1)
}

// evidence is what p itself says about the source: its side and how sure that
// is, ByUnknown if it says nothing. from is the side that sent p.
func evidence(p *decode.Packet, from int) (src int, dir flow.Direction) {
	switch {
	case p.HasTCP && p.Flags.Has(flow.SYN|flow.ACK):
		return 1 - from, flow.BySynAck
	case p.HasTCP && p.Flags.Has(flow.SYN):
		return from, flow.BySyn
	case p.Request:
		return from, flow.ByRequest
	case p.Reply && !p.Multicast: // a group of receivers never asked
		return 1 - from, flow.ByRequest
	case p.Multicast:
		return from, flow.ByMulticast
	}
	return from, flow.ByUnknown
}

// byPorts picks the source by the ports, or the sender of the first packet if
// they don't tell.
func byPorts(k *flow.Key, from int) (src int, dir flow.Direction) {
	if !k.Proto.HasPorts() {
		return from, flow.ByFirstPacket
	}
	a, b := k.PortA, k.PortB
	switch serviceA, serviceB := isService(a), isService(b); {
	case serviceA && !serviceB:
		return 1, flow.ByService
	case serviceB && !serviceA:
		return 0, flow.ByService
	case a < highPort && b >= highPort:
		return 1, flow.ByHighPort
	case b < highPort && a >= highPort:
		return 0, flow.ByHighPort
	}
	return from, flow.ByFirstPacket
}

// isService reports whether a port is a server's. Below 600 it takes
// privileges to listen, and clients don't get such ports. From there to 1023
// clients that want to be trusted take theirs (bindresvport: NFS, lockd, NIS), so that
// only known services are some. Above, the list has ports registered with IANA
// for services that admins meet daily, all outside the range from which
// clients get theirs, except WireGuard's. Port 0 is not known rather than a service.
func isService(port uint16) bool {
	if port < 600 {
		return port != 0
	}
	switch port {
	case 623, 631, 636, 639, 646, 647, 648, 666, 674, 688, 690, 700, 749, 750, 853, 860, 873, // IPMI, IPP, LDAPS, LDP, DHCP failover, Kerberos, DNS over TLS, rsync
		901, 902, 953, 989, 990, 991, 992, 993, 994, 995, // VMware, rndc, FTPS, IMAPS, POP3S
		1080, 3128, 8000, 8008, 8080, 8081, 8088, 8443, 8888, // proxies, HTTP
		1194, 1701, 1723, 4500, 51820, // OpenVPN, L2TP, PPTP, IPsec, WireGuard
		1433, 1521, 3306, 5432, 6379, 9042, 9200, 9300, 11211, 27017, // databases, caches
		1645, 1646, 1812, 1813, 3868, // RADIUS, Diameter
		1883, 4222, 5671, 5672, 8883, 9092, // message brokers
		1900, 3702, 5353, 5355, // SSDP, WS-Discovery, mDNS, LLMNR
		2049, 3260, // NFS, iSCSI
		2055, 4739, 6343, 9995, 9996, // NetFlow, IPFIX, sFlow
		2123, 2152, 3544, 4789, 6081, // GTP, Teredo, VXLAN, Geneve
		2375, 2376, 2379, 2380, 6443, 10250, // Docker, etcd, Kubernetes
		3268, 3269, // Active Directory's global catalogue
		3389, 5900, 5985, 5986, // RDP, VNC, WinRM
		3478, 3479, 5349, // STUN, TURN
		5060, 5061, 5222, 5269, 6667, 6697, // SIP, XMPP, IRC
		6514, 10050, 10051: // syslog over TLS, Zabbix
		return true
	}
	return false
}
