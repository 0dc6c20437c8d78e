// Package csvexport exports flows as CSV, JSON and text tables.
//
// [NewCSV], [NewJSON] and [NewTable] return writers with the same two methods:
// Write takes one record, and Flush hands the output to the io.Writer and must
// be called at the end. An export without records still has its header. One
// table, in columns.go, defines the columns of both CSV and JSON.
//
// # CSV
//
// The header is a contract with spreadsheets and scripts:
//
//	startTime,startTimeUnixMS,endTime,endTimeUnixMS,protocol,sourceNode,sourceIP,sourcePort,destNode,destIP,destPort,recvBytes,sentBytes,tcpFlags,node
//
// Every time has two columns: MM/DD/YYYY HH:MM:SS AM/PM in the time zone of the
// export, and milliseconds since 1970-01-01 UTC. The end time is empty while the
// flow is open. Byte counts have no separators, and zero is "0". Flags are
// "0x12" for TCP and empty for other protocols. Ports are empty for protocols
// without ports, such as ICMP; for other protocols "0" means that the port was
// not seen.
//
// Fields are quoted according to RFC 4180, and the text is UTF-8 without a byte
// order mark. Lines end in "\n": spreadsheets accept both line endings, but with
// "\r\n" tools such as cut and awk would leave a carriage return in the last
// cell, the node name.
//
// [EscapeFormula] protects text cells from being evaluated by a spreadsheet.
// Control characters in names are written as [weir/internal/termsafe.Text]
// displays them, so a record is always one line and a printed export cannot
// control the terminal.
//
// # JSON
//
// One object per line, with the CSV columns under the same names, followed by
// more: see columns.go. The order of keys is fixed. Numbers are JSON numbers;
// 64-bit values can exceed 2^53, where some readers round. Keys without a value
// are omitted; a count of zero is a value. Text is unchanged except for \u
// escapes of everything that [weir/internal/termsafe.Drawn] rejects: C0 and C1
// controls, DEL, bidirectional controls, invisible characters and blanks other
// than U+0020. Bytes that are not UTF-8 become U+FFFD.
//
// Select also takes the fields that JSON does not have by default, the names of the
// search language for any field, and presets: package [weir/field] lists them. The
// output always has the key, so src and sourceIP both give sourceIP. Keys that end in
// NS are nanoseconds; in tables they have a unit.
//
// [NewJSONArray] writes the same objects as one array. Select sets the columns and
// their order.
//
// The last keys are those of payload and of TCP health. They are absent for flows
// stored by a version that did not count them, all but the first two for other
// protocols than TCP, and round trips that were not measured:
//
//	sentPayload, recvPayload            bytes behind the transport header
//	sentRetrans, recvRetrans            retransmitted segments
//	sentRetransBytes, recvRetransBytes  payload of these segments
//	sentOutOfOrder, recvOutOfOrder      segments that arrived out of order
//	sentZeroWindow, recvZeroWindow      segments with a receive window of 0
//	rttMinNS, rttMeanNS                 round trip over the whole flow: the sum of the sides measured
//	sourceRTTMinNS, destRTTMinNS, sourceRTTMeanNS, destRTTMeanNS
//	                                    from the observation point to this side and back
//
// # Table
//
// Aligned text for people, one line per flow, fitted to a width. Its layout may
// change; scripts should use CSV or JSON.
//
// # Files
//
// [WriteFile] runs an export of any [Format] from any [Source] to a file that
// appears complete or not at all and never replaces an existing one. [Copy]
// does the same to a [Writer], such as one on standard output.
package csvexport
