package meter

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"weir/flow"
)

// servicesText lists the ports that IANA registered, see its header.
//
//go:embed services.txt
var servicesText string

// portSet is a bitmap of ports, 8 KiB.
type portSet [1 << 16 / 64]uint64

func (s *portSet) has(port uint16) bool { return s[port/64]>>(port%64)&1 != 0 }
func (s *portSet) add(port uint16)      { s[port/64] |= 1 << (port % 64) }

// services are the registered ports by transport protocol. UDP-Lite has those of UDP (RFC 3828
// section 5).
type services struct{ tcp, udp, sctp, dccp portSet }

// registered parses servicesText once.
var registered = sync.OnceValue(func() *services {
	s, err := parseServices(servicesText)
	if err != nil {
		panic(err) // a test reads the same text
	}
	return s
})

// of returns the ports of proto; nil if it has none.
func (s *services) of(proto flow.Proto) *portSet {
	switch proto {
	case flow.TCP:
		return &s.tcp
	case flow.UDP, flow.UDPLite:
		return &s.udp
	case flow.SCTP:
		return &s.sctp
	case dccp:
		return &s.dccp
	}
	return nil
}

// dccp is the protocol number of DCCP.
const dccp flow.Proto = 33

// parseServices parses lines of a protocol and ports or ranges of ports. A line that begins with
// # is a comment.
func parseServices(text string) (*services, error) {
	s := new(services)
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) == 0 || words[0][0] == '#' {
			continue
		}
		proto, err := flow.ParseProto(words[0])
		ports := s.of(proto)
		if err != nil || ports == nil {
			return nil, fmt.Errorf("invalid protocol %q: expected tcp, udp, sctp or dccp", words[0])
		}
		for _, word := range words[1:] {
			first, last, isRange := strings.Cut(word, "-")
			if !isRange {
				last = first
			}
			from, err1 := strconv.ParseUint(first, 10, 16)
			to, err2 := strconv.ParseUint(last, 10, 16)
			if err1 != nil || err2 != nil || from > to {
				return nil, fmt.Errorf("invalid ports %q: expected a port or a range", word)
			}
			for p := from; p <= to; p++ {
				ports.add(uint16(p))
			}
		}
	}
	return s, nil
}

// isRegistered reports whether port is registered for proto, where that says anything: of TCP's and
// UDP's ports from 1024 to 4999, from which some systems take ephemeral ports, 85 % are
// registered; of those from 5000 on 3 %.
func (s *services) isRegistered(proto flow.Proto, port uint16) bool {
	ports := s.of(proto)
	return ports != nil && ports.has(port) && (port >= 5000 || ports == &s.sctp || ports == &s.dccp)
}

// isCommon reports whether a port belongs to a server, more surely than the registry says. Up to
// flow.LastServicePort all do. From there to 1023 some clients use privileged ports (bindresvport:
// NFS, lockd, NIS), so only common services count. Above that, the list has the common services.
// Most are registered, but so are four of five ports below 5000. Not registered are: 4222 NATS,
// 9042 Cassandra, 10250 Kubernetes, 41641 Tailscale, 51820 WireGuard, 61616 ActiveMQ. Port 0 means
// unknown.
func isCommon(port uint16) bool {
	if port <= flow.LastServicePort {
		return port != 0
	}
	switch port {
	case 623, 631, 636, 639, 646, 647, 648, 666, 674, 688, 690, 700, 749, 750, 853, 860, 873, // IPMI, IPP, LDAPS, LDP, DHCP failover, Kerberos, DNS over TLS, rsync
		901, 902, 953, 989, 990, 991, 992, 993, 994, 995, // VMware, rndc, FTPS, IMAPS, POP3S
		1080, 3128, 8000, 8008, 8080, 8081, 8088, 8443, 8888, // proxies, HTTP
		1194, 1701, 1723, 4500, 41641, 51820, // OpenVPN, L2TP, PPTP, IPsec, Tailscale, WireGuard
		1433, 1521, 3306, 5432, 6379, 9042, 9200, 9300, 11211, 27017, 33060, // databases, caches
		1645, 1646, 1812, 1813, 3868, // RADIUS, Diameter
		1883, 4222, 5671, 5672, 8883, 9092, 61616, // message brokers
		1900, 3702, 5353, 5355, // SSDP, WS-Discovery, mDNS, LLMNR
		2049, 3260, // NFS, iSCSI
		2055, 4739, 6343, 9995, 9996, // NetFlow, IPFIX, sFlow
		2123, 2152, 3544, 4789, 6081, // GTP, Teredo, VXLAN, Geneve
		2375, 2376, 2379, 2380, 6443, 10250, // Docker, etcd, Kubernetes
		2404, 4840, 34962, 34963, 34964, 34980, 44818, 47808, // IEC 60870-5-104, OPC UA, PROFINET, EtherCAT, EtherNet/IP, BACnet
		3268, 3269, // Active Directory's global catalogue
		3389, 5900, 5985, 5986, 47001, // RDP, VNC, WinRM
		3478, 3479, 5349, // STUN, TURN
		5060, 5061, 5222, 5269, 6667, 6697, // SIP, XMPP, IRC
		6514, 10050, 10051: // syslog over TLS, Zabbix
		return true
	}
	return false
}
