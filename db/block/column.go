package block

// Column is the number of a column. The numbers are part of the file format: new columns are only ever
// added at the end.
type Column uint8

// The columns. All hold integers; docs/schema.md says what they mean, and in which unit.
const (
	ColID Column = iota
	ColStart
	ColNode
	ColDuration
	ColProto
	ColSrc // address: an index in the block's address list
	ColDst // address
	ColSport
	ColDport
	ColSrcNode
	ColDstNode
	ColSrcFlags
	ColDstFlags
	ColSentOctets
	ColRecvOctets
	ColSentPackets
	ColRecvPackets
	ColEndReason
	ColVerdict
	ColInterface
	ColSYNRetries
	ColICMPType
	ColICMPCode
	ColVLANOuter
	ColVLANInner
	ColTunnelKind
	ColTunnelID
	ColErrorFrom // address
	ColErrorType
	ColErrorCode
	ColSeen // bit set of SeenSrcISN and so on: what the record has
	ColSrcISN
	ColDstISN
	ColSrcIPID
	ColDstIPID
	ColSrcTTL
	ColDstTTL
	ColServerRTT
	ColClientRTT
	ColDirection
	ColICMPID
	NumColumns // the number of columns
)

// rowsOnly is the first of the columns that are queried so rarely that a block stores them in its rows
// only.
const rowsOnly = ColSrcIPID

// The bits of ColSeen.
const (
	SeenSrcISN = 1 << iota
	SeenDstISN
	SeenSrcIPID
	SeenDstIPID
	SeenError // an ICMP error quoted the flow
)

// addressColumns are the columns of Tuple.Addrs, in the same order.
var addressColumns = [...]Column{ColSrc, ColDst, ColErrorFrom}

// IsAddress reports whether a column holds addresses.
func (c Column) IsAddress() bool { return c == ColSrc || c == ColDst || c == ColErrorFrom }
