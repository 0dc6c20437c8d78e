package csvexport

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"weir/flow"
	"weir/internal/termsafe"
)

func jsonLine(t *testing.T, r flow.Record) string {
	t.Helper()
	var b bytes.Buffer
	w := NewJSON(&b, newYork)
	if err := errors.Join(w.Write(&r), w.Flush()); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestJSONLines(t *testing.T) {
	for _, c := range []struct {
		name   string
		record flow.Record
		want   string
	}{
		{"a closed TCP flow", handshake(),
			`{"startTime":"11/23/2026 02:12:07 PM","startTimeUnixMS":1795461127123,"endTime":"11/23/2026 02:12:09 PM","endTimeUnixMS":1795461129523,` +
				`"protocol":"TCP","sourceNode":"edge-1","sourceIP":"10.100.1.17","sourcePort":51422,"destNode":"dc-2","destIP":"192.168.100.20","destPort":443,` +
				`"recvBytes":12412345,"sentBytes":1127,"tcpFlags":"0x1b","node":"edge-1",` +
				`"startTimeUnixNS":1795461127123456789,"endTimeUnixNS":1795461129523456789,"protocolNumber":6,"sentPackets":9,"recvPackets":11,` +
				`"sourceFlags":"0x1a","destFlags":"0x13","verdict":"closed","endReason":"end","rttNS":11000000,"sourceISN":0,"destISN":4294967295,` +
				`"vlan":"100.200","tunnel":"vxlan:5001","interface":"eth0",` +
				`"sentPayload":647,"recvPayload":12411801,"sentRetrans":0,"recvRetrans":2,"sentRetransBytes":0,"recvRetransBytes":2896,` +
				`"sentOutOfOrder":0,"recvOutOfOrder":1,"sentZeroWindow":3,"recvZeroWindow":0,"rttMinNS":9900000,"rttMeanNS":13000000,` +
				`"sourceRTTMinNS":900000,"destRTTMinNS":9000000,"sourceRTTMeanNS":1000000,"destRTTMeanNS":12000000}`},
		{"an open ping: type 0 and code 0 are values, other keys are absent", vary(func(r *flow.Record) {
			ping(r)
			r.EndReason, r.Recv, r.Interface, r.Src.Node, r.Dst.Node = flow.StillOpen, flow.Counters{}, "", "", ""
		}), `{"startTime":"11/23/2026 02:12:07 PM","startTimeUnixMS":1795461127123,"protocol":"ICMP","sourceIP":"10.100.1.17","destIP":"192.168.100.20",` +
			`"recvBytes":0,"sentBytes":1127,"node":"edge-1","startTimeUnixNS":1795461127123456789,"protocolNumber":1,"sentPackets":9,"recvPackets":0,` +
			`"verdict":"answered","icmpType":0,"icmpCode":0,"sentPayload":0,"recvPayload":0}`},
		{"an earlier version did not count payload and TCP health", vary(func(r *flow.Record) {
			*r = flow.Record{Proto: flow.TCP, Uncounted: true, SrcSide: flow.Side{Flags: flow.SYN}}
		}), `{"protocol":"TCP","sourcePort":0,"destPort":0,"recvBytes":0,"sentBytes":0,"tcpFlags":"0x02","protocolNumber":6,"sentPackets":0,"recvPackets":0,` +
			`"sourceFlags":"0x02","destFlags":"0x00"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := jsonLine(t, c.record); got != c.want+"\n" {
				t.Errorf("wrote\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestJSONHasEveryColumn(t *testing.T) {
	r := handshake()
	r.ReplyInterface = "eth1"
	var object map[string]any
	if err := json.Unmarshal([]byte(jsonLine(t, r)), &object); err != nil {
		t.Fatal(err)
	}
	for i := range jsonColumns {
		if _, ok := object[columns[i].name]; !ok && columns[i].name != "icmpType" && columns[i].name != "icmpCode" {
			t.Errorf("key %s is missing", columns[i].name)
		}
		delete(object, columns[i].name)
	}
	if len(object) != 0 {
		t.Errorf("unexpected keys: %v", object)
	}
}

func FuzzJSONText(f *testing.F) {
	for _, s := range []string{"edge-1", `"\`, "\x1b[31m", "\u2028", "\U000e0001", "東京", "\xff", "\u202e", "\u0085\x7f", "\u3164\ufe0f", "\u00a0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		line := jsonLine(t, vary(func(r *flow.Record) { r.Node = name }))
		var object struct{ Node string }
		if err := json.Unmarshal([]byte(line), &object); err != nil {
			t.Fatalf("%q: %v in %s", name, err, line)
		}
		if want := strings.Join(splitInvalid(name), ""); object.Node != want {
			t.Fatalf("%q reads back as %q, want %q", name, object.Node, want)
		}
		for _, r := range strings.TrimSuffix(line, "\n") {
			if !termsafe.Drawn(r) {
				t.Fatalf("%q is written with an unescaped %U", name, r)
			}
		}
		var text string
		data, err := JSONText(name).MarshalJSON()
		if err != nil || name != "" && !strings.Contains(line, `"node":`+string(data)) || json.Unmarshal(data, &text) != nil || text != object.Node {
			t.Fatalf("%q: JSONText is %s, %v; the export is %s", name, data, err, line)
		}
	})
}

// splitInvalid returns the characters of s, with U+FFFD for every invalid byte.
func splitInvalid(s string) []string {
	var all []string
	for _, r := range s {
		all = append(all, string(r))
	}
	return all
}

func TestTimesDefaultToUTC(t *testing.T) {
	var b, c bytes.Buffer
	r := handshake()
	utc, none := NewJSON(&b, time.UTC), NewJSON(&c, nil)
	if err := errors.Join(utc.Write(&r), utc.Flush(), none.Write(&r), none.Flush()); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(b.Bytes(), c.Bytes()) || !strings.Contains(b.String(), "07:12:07 PM") {
		t.Errorf("got %s", c.String())
	}
}
