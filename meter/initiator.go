package meter

import (
	"weir/decode"
	"weir/flow"
)

// highPort is the first port of the ephemeral range of common systems (Linux:
// net.ipv4.ip_local_port_range from 32768; IANA, RFC 6335: 49152).
const highPort = 32768

// decide determines the source from the first packet of a flow.
//
// The rules, most reliable first: SYN · SYN-ACK, whose sender is the destination · ICMP request,
// or the reverse for a reply · to multicast or broadcast · a service port on exactly one side ·
// the port below 32768 is the destination's, if the other is not · the sender of the first
// packet.
//
// Two ports from 32768 on are both possibly ephemeral: then the sender of the first packet is a
// better indication than the lower port.
func (e *entry) decide(p *decode.Packet) {
	from := sender(p)
	src, dir := evidence(p, from)
	if dir == flow.ByUnknown {
		src, dir = byPorts(&e.key, from)
	}
	e.setSource(src, dir)
}

// redecide lets more reliable evidence in a later packet change the source, and with it the
// direction of the counters. So a SYN-ACK that overtook its SYN, or a reply that overtook its
// request, is corrected by the next packet. A SYN is final, and of two SYNs (simultaneous open)
// the first counts.
func (e *entry) redecide(p *decode.Packet, from int) {
	if src, dir := evidence(p, from); dir > e.dir {
		e.setSource(src, dir)
	}
}

func (e *entry) setSource(side int, dir flow.Direction) {
	e.dir = dir
	e.bits.set(srcIsB, side == 1)
}

// evidence returns the source according to p alone and how reliable that is; ByUnknown if p has
// no evidence. from is the side that sent p.
func evidence(p *decode.Packet, from int) (src int, dir flow.Direction) {
	switch {
	case p.HasTCP && p.Flags.Has(flow.SYN|flow.ACK):
		return 1 - from, flow.BySynAck
	case p.HasTCP && p.Flags.Has(flow.SYN):
		return from, flow.BySyn
	case p.Request:
		return from, flow.ByRequest
	case p.Reply && !p.Multicast: // a multicast group sends no requests
		return 1 - from, flow.ByRequest
	case p.Multicast:
		return from, flow.ByMulticast
	}
	return from, flow.ByUnknown
}

// byPorts determines the source from the ports, with the sender of the first packet as fallback.
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

// isService reports whether a port belongs to a server. Ports below 600 require privileges to
// listen on, and are not used by clients. From 600 to 1023 some clients use privileged ports
// (bindresvport: NFS, lockd, NIS), so only known services count. Above that, the list holds
// common services registered with IANA, all outside the ephemeral ranges except WireGuard's.
// Port 0 means unknown.
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
