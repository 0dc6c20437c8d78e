package meter

import (
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"weir/flow"
)

var registry = flag.String("registry", "", "make services.txt of this file, IANA's service-names-port-numbers.csv")

// servicesHeader begins services.txt.
const servicesHeader = `# Ports by transport protocol, from IANA's "Service Name and Transport Protocol Port Number
# Registry". To update them, download
# https://www.iana.org/assignments/service-names-port-numbers/service-names-port-numbers.csv and run
#	make services REGISTRY=service-names-port-numbers.csv
`

// registeredIn returns the ports of IANA's registry. Its first columns are the name of the service,
// a port or a range of ports, and the protocol; without a name the ports are reserved or free.
func registeredIn(registry io.Reader) (*services, error) {
	r := csv.NewReader(registry)
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	var text strings.Builder
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return parseServices(text.String())
		}
		if err != nil {
			return nil, err
		}
		if len(row) < 3 || row[0] == "" || row[1] == "" || row[2] == "" || row[1] == "Port Number" {
			continue
		}
		fmt.Fprintln(&text, row[2], row[1])
	}
}

// String returns what parseServices reads.
func (s *services) String() string {
	var b strings.Builder
	for _, proto := range []flow.Proto{flow.TCP, flow.UDP, flow.SCTP, dccp} {
		name, ports := strings.ToLower(proto.String()), s.of(proto)
		line := name
		for from := 0; from < 1<<16; from++ {
			if !ports.has(uint16(from)) {
				continue
			}
			to := from
			for to < 1<<16-1 && ports.has(uint16(to+1)) {
				to++
			}
			word := fmt.Sprint(" ", from)
			if to > from {
				word += fmt.Sprint("-", to)
			}
			if len(line)+len(word) > 120 {
				b.WriteString(line + "\n")
				line = name
			}
			line += word
			from = to
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}

func TestServicesAreReadFromTheRegistry(t *testing.T) {
	got, err := registeredIn(strings.NewReader(`Service Name,Port Number,Transport Protocol,Description
,0,tcp,Reserved
http,80,tcp,"World Wide Web, HTTP"
http,80,sctp,HTTP
x11,6000-6002,tcp,"X Window
System"
x11-old,6003,tcp,
,6004,tcp,Unassigned
EtherNet-IP-2,44818,udp,messaging
name-only,,tcp,a service without a port
no-protocol,6005,,
disc,65535,dccp,
`))
	if err != nil {
		t.Fatal(err)
	}
	if want := "tcp 80 6000-6003\nudp 44818\nsctp 80\ndccp 65535\n"; got.String() != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if *registry == "" {
		return
	}
	f, err := os.Open(*registry)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, err := registeredIn(f)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("services.txt", []byte(servicesHeader+all.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestServicesAreInOrderAndComplete(t *testing.T) {
	s, err := parseServices(servicesText)
	if err != nil {
		t.Fatal(err)
	}
	if servicesText != servicesHeader+s.String() {
		t.Error("services.txt is not what `make services` writes")
	}
	for _, c := range []struct {
		proto flow.Proto
		port  uint16
		want  bool
	}{
		{flow.TCP, 44818, true}, {flow.UDP, 47808, true}, {flow.UDP, 34964, true}, {flow.SCTP, 36412, true}, {flow.SCTP, 2905, true},
		{flow.TCP, 9100, true}, {flow.UDPLite, 20000, true}, {dccp, 6514, true},
		{flow.TCP, 36412, false}, {flow.TCP, 51820, false}, {flow.UDP, 65535, false}, {flow.SCTP, 12000, false}, {flow.ESP, 20000, false},
		{flow.TCP, 3033, false}, {flow.UDP, 4999, false}, // registered, as nearly all around them
	} {
		if got := s.isRegistered(c.proto, c.port); got != c.want {
			t.Errorf("%v %d: %v", c.proto, c.port, got)
		}
	}
}

func TestInvalidListsOfServicesAreRefused(t *testing.T) {
	for _, text := range []string{"icmp 5", "tcp 1-", "tcp 5-4", "tcp 65536", "tcp 80,81", "80"} {
		if _, err := parseServices(text); err == nil {
			t.Errorf("%q was accepted", text)
		}
	}
}
