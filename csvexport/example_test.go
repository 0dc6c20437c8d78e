package csvexport_test

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"time"

	"weir/csvexport"
	"weir/flow"
)

// example returns a closed HTTPS connection.
func example() flow.Record {
	start := time.Date(2026, 11, 23, 14, 12, 7, 123_000_000, time.UTC)
	return flow.Record{
		ID: 1, Node: "edge-1", Start: start, Last: start.Add(2400 * time.Millisecond), EndReason: flow.EndOfFlow,
		Proto: flow.TCP, Verdict: flow.Closed,
		Src:     flow.Endpoint{Node: "edge-1", Addr: netip.MustParseAddr("10.100.1.17"), Port: 51422},
		Dst:     flow.Endpoint{Node: "=dc-2", Addr: netip.MustParseAddr("192.168.100.20"), Port: 443},
		Sent:    flow.Counters{Packets: 9, Octets: 1127},
		Recv:    flow.Counters{Packets: 11, Octets: 12345},
		SrcSide: flow.Side{Flags: flow.SYN | flow.ACK | flow.FIN},
		DstSide: flow.Side{Flags: flow.SYN | flow.ACK | flow.PSH | flow.FIN},
	}
}

// A record as CSV. The name of the destination node starts like a formula, so it
// is escaped.
func ExampleNewCSV() {
	out := csvexport.NewCSV(os.Stdout, time.UTC)
	r := example()
	if err := out.Write(&r); err != nil {
		fmt.Println(err)
		return
	}
	if err := out.Flush(); err != nil {
		fmt.Println(err)
	}
	// Output:
	// startTime,startTimeUnixMS,endTime,endTimeUnixMS,protocol,sourceNode,sourceIP,sourcePort,destNode,destIP,destPort,recvBytes,sentBytes,tcpFlags,node
	// 11/23/2026 02:12:07 PM,1795443127123,11/23/2026 02:12:09 PM,1795443129523,TCP,edge-1,10.100.1.17,51422,'=dc-2,192.168.100.20,443,12345,1127,0x1b,edge-1
}

// Selected columns as JSON lines.
func ExampleNew() {
	out, err := csvexport.New(os.Stdout, csvexport.Options{
		Format:  csvexport.FormatNDJSON,
		Columns: []string{"sourceIP", "destIP", "destPort", "recvBytes", "verdict"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	rows, err := csvexport.Copy(context.Background(), out, csvexport.Rows([]flow.Record{example()}))
	fmt.Println(rows, err)
	// Output:
	// {"sourceIP":"10.100.1.17","destIP":"192.168.100.20","destPort":443,"recvBytes":12345,"verdict":"closed"}
	// 1 <nil>
}
