package flow_test

import (
	"fmt"
	"net/netip"
	"time"

	"weir/flow"
)

// Flags parse from any common notation and print in every one.
func ExampleParseFlags() {
	f, err := flow.ParseFlags("[S.]") // as printed by tcpdump
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(f)
	fmt.Println(f.Hex(), f.Binary(), f.Columns(), f.Letters())

	_, err = flow.ParseFlags("SYN FOO")
	fmt.Println(err)
	// Output:
	// SYN ACK
	// 0x12 0b00010010 ...A..S. S.
	// unknown flags "SYN FOO": expected names from FIN SYN RST PSH ACK URG ECE CWR, letters from FSRPAUEC or tcpdump's FSRP.UEW, or a number such as 0x12
}

// The flags of a flow are the union over its packets, so their meaning covers
// the whole connection.
func ExampleFlags_Meaning() {
	fmt.Println(flow.SYN.Meaning())
	fmt.Println((flow.SYN | flow.ACK | flow.PSH | flow.FIN).Meaning())
	// Output:
	// only SYN: the handshake never completed; a firewall or routing problem keeps the destination from receiving or answering
	// SYN, ACK and FIN: a complete flow, from handshake to close
}

// A verdict has a name for searches, a display name and Zeek's conn_state.
func ExampleVerdict() {
	v, err := flow.ParseVerdict("no-answer")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s | %s | %s\n", v, v.Words(), v.ConnState())
	// Output:
	// no-answer | no answer | S0
}

// Explain adds the cause to the verdict of a record.
func ExampleRecord_Explain() {
	established := flow.Record{
		Proto: flow.TCP, Verdict: flow.Established,
		ServerRTT: 12 * time.Millisecond, ClientRTT: 400 * time.Microsecond,
	}
	unreachable := flow.Record{
		Proto: flow.UDP, Verdict: flow.Unreachable, EndReason: flow.IdleTimeout,
		Dst:   flow.Endpoint{Addr: netip.MustParseAddr("192.0.2.1"), Port: 53},
		Error: flow.ICMPError{From: netip.MustParseAddr("192.0.2.1"), Type: flow.ICMPType{Type: 3, Code: 3}},
	}
	fmt.Println(established.Explain())
	fmt.Println(unreachable.Explain())
	// Output:
	// handshake complete in 12.4 ms, no close seen; the flow is still open
	// port unreachable, reported by 192.0.2.1: nothing listens on UDP port 53
}
