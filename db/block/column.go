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
	ColSrcPayload
	ColDstPayload
	ColSrcRetrans
	ColDstRetrans
	ColSrcRetransOctets
	ColDstRetransOctets
	ColSrcOutOfOrder
	ColDstOutOfOrder
	ColSrcZeroWindows
	ColDstZeroWindows
	ColSrcRTTMin
	ColDstRTTMin
	ColSrcRTTMean
	ColDstRTTMean
	ColReplyInterface
	NumColumns // the number of columns
)

// rowsOnly is the first of the columns that a block stores in its rows only: they are queried so rarely,
// or are so wide, that a copy for filters is not worth its size.
const rowsOnly = ColSrcIPID

// The bits of ColSeen.
const (
	SeenSrcISN = 1 << iota
	SeenDstISN
	SeenSrcIPID
	SeenDstIPID
	SeenError  // an ICMP error quoted the flow
	SeenCounts // payload, retransmissions, segments out of order and zero windows were counted; else unknown

	// The rest is redundant: with it, filters read only the rows of the few flows that have any.
	SeenRetrans    // retransmissions of either side
	SeenOutOfOrder // segments out of order of either side
	SeenZeroWindow // zero windows of either side

	// SeenHealth are the bits for columns that only rows have, from ColSrcPayload to ColDstZeroWindows.
	SeenHealth = SeenCounts | SeenRetrans | SeenOutOfOrder | SeenZeroWindow
)

// addressColumns are the columns of Tuple.Addrs, in the same order.
var addressColumns = [...]Column{ColSrc, ColDst, ColErrorFrom}

// IsAddress reports whether a column holds addresses.
func (c Column) IsAddress() bool { return c == ColSrc || c == ColDst || c == ColErrorFrom }
