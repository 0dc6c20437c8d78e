package search

import "strings"

// service is the name of a port.
type service struct {
	name string
	port uint16
}

// services holds the service names that can replace a port number: the common
// ones of the IANA registry, except names with another everyday meaning. The
// first name of a port is the one displayed. It is read-only.
var services = [...]service{
	{"ftp", 21}, {"ssh", 22}, {"telnet", 23}, {"smtp", 25}, {"dns", 53}, {"domain", 53}, {"tftp", 69}, {"http", 80}, {"www", 80},
	{"kerberos", 88}, {"pop3", 110}, {"sunrpc", 111}, {"ntp", 123}, {"netbios-ns", 137}, {"netbios", 139}, {"imap", 143},
	{"snmp", 161}, {"snmptrap", 162}, {"bgp", 179}, {"ldap", 389}, {"https", 443}, {"smb", 445}, {"isakmp", 500}, {"ike", 500},
	{"syslog", 514}, {"submission", 587}, {"ldaps", 636}, {"dot", 853}, {"imaps", 993}, {"pop3s", 995}, {"openvpn", 1194},
	{"mssql", 1433}, {"oracle", 1521}, {"radius", 1812}, {"mqtt", 1883}, {"netflow", 2055}, {"nfs", 2049},
	{"mysql", 3306}, {"rdp", 3389}, {"nat-t", 4500}, {"ipfix", 4739}, {"sip", 5060}, {"mdns", 5353},
	{"postgres", 5432}, {"vnc", 5900}, {"sflow", 6343}, {"redis", 6379}, {"http-alt", 8080},
	{"https-alt", 8443}, {"kafka", 9092}, {"wireguard", 51820},
}

// ServicePort returns the port of a service, ignoring case: 443 for "https".
func ServicePort(name string) (port uint16, ok bool) {
	for _, s := range services {
		if strings.EqualFold(s.name, name) {
			return s.port, true
		}
	}
	return 0, false
}

// ServiceName returns the service name of a port, "https" for 443, or "" if it
// has none.
func ServiceName(port uint16) string {
	for _, s := range services {
		if s.port == port {
			return s.name
		}
	}
	return ""
}
