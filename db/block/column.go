package block

// Column is a place in a stored record. The numbers are part of the format of
// the file: new columns are only ever added at the end.
type Column uint8

// The columns. All of them hold integers; docs/schema.md says which, and in what unit.
const (
	ColID Column = iota
	ColStart
	ColNode
	ColDuration
	ColProto
	ColSrc // address: a place in the block's dictionary
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
	ColSeen // what of the record is there: the bits SeenSrcISN …
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
	NumColumns // how many there are
)

// rowsOnly is the first of the columns that are asked for so rarely that a
// block keeps them with its rows alone.
const rowsOnly = ColSrcIPID

// The bits of ColSeen.
const (
	SeenSrcISN = 1 << iota
	SeenDstISN
	SeenSrcIPID
	SeenDstIPID
	SeenError // an ICMP error quoted the flow
)

// addressColumns are the columns of Tuple.Addrs, in their order.
var addressColumns = [...]Column{ColSrc, ColDst, ColErrorFrom}

// IsAddress reports whether a column holds addresses.
func (c Column) IsAddress() bool { return c == ColSrc || c == ColDst || c == ColErrorFrom }
