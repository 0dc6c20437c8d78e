// Package csvexport writes flows as CSV, as JSON lines and as a plain table.
//
// [NewCSV], [NewJSON] and [NewTable] make writers with the same two methods:
// Write takes one record, Flush hands everything to the io.Writer and must be
// called once at the end. An export without records still has its header. The
// columns of CSV and JSON stand in one table, columns.go.
//
// # CSV
//
// The header is a contract with spreadsheets and scripts:
//
//	startTime,startTimeUnixMS,endTime,endTimeUnixMS,protocol,sourceNode,sourceIP,sourcePort,destNode,destIP,destPort,recvBytes,sentBytes,tcpFlags,node
//
// Times come twice, as MM/DD/YYYY HH:MM:SS AM/PM in the time zone of the
// export and as milliseconds since 1970 in UTC. Both end cells are empty while
// the flow is open. Bytes have no separators, and zero is "0". Flags are
// "0x12" for TCP and empty for everything else. Ports are empty for protocols
// without ports, such as ICMP; for a protocol that has ports, "0" says that the
// port was not seen.
//
// Fields are quoted as in RFC 4180, the text is UTF-8 without a byte order
// mark, and lines end in "\n" alone: spreadsheets read both line endings, but
// with "\r\n" line tools such as cut and awk would find a carriage return in
// the last cell, the node's name.
//
// A text cell that a spreadsheet would take for a formula is defused: if its
// first character, blanks aside, is one of = + - @ or their fullwidth forms, it
// is preceded by a single quote. Control characters in names are written as
// [weir/internal/termsafe.Text] shows them. So a record is always one line, and
// printing an export never commands a terminal.
//
// # JSON
//
// One object a line, with the columns of the CSV under the same names, then
// more: see columns.go. The keys keep their order. Numbers are JSON numbers; a
// number with 64 bits may be larger than 2^53, where some readers round. Keys
// without a value are left out, a zero that was counted is a value. Text is as
// it was, with \u escapes for whatever [weir/internal/termsafe.Drawn] says a
// terminal does not draw: C0 and C1 controls, DEL, bidirectional controls,
// invisible characters and blanks other than U+0020. Bytes that are not UTF-8
// become U+FFFD.
//
// [NewJSONArray] writes the same objects as one array. Select, of CSV and JSON,
// writes other columns than the usual ones, in another order.
//
// # Table
//
// For people: aligned, one line a flow, cut to a width. Its form may change,
// scripts should read CSV or JSON.
//
// # Files
//
// [WriteFile] runs a whole export, in any [Format] and from any [Source], to a
// file that is there completely or not at all and never replaces another one.
// [Copy] is the same to a [Writer], such as that of standard output.
package csvexport
