// Package flow is the vocabulary of weir: what a flow is, how it is named and
// what is kept of it. Everything else is built on these words.
//
// A flow is one conversation between two endpoints as one node observed it
// (RFC 7011, section 2): both directions together, from the first packet to
// the last. [Record] is what the store keeps and the screen shows. [Key] is
// what makes two packets part of the same flow; the metering process hashes
// it, so it is flat and free of pointers.
//
// Every enumeration here ([Flags], [Proto], [EndReason], [Verdict],
// [Direction], [TunnelKind]) is a small integer whose zero value means "not
// known", with a String method and a Parse function that undo each other.
//
// The package uses the standard library only, does no input or output, holds
// no state, and never sees a byte of payload.
package flow
