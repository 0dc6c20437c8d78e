// Package flow defines the data model of weir: flow keys, flow records and the
// enumerations they use. Every other package builds on it.
//
// A flow is one bidirectional conversation between two endpoints, as observed
// by one node (RFC 7011, section 2; RFC 5103), from its first packet to its
// last. [Record] is what the store keeps and the screen shows. [Key] decides
// which packets belong to the same flow; the metering process hashes it, so it
// is flat and free of pointers.
//
// Every enumeration ([Flags], [Proto], [EndReason], [Verdict], [Direction],
// [TunnelKind]) is a small integer whose String method and Parse function are
// inverses. Except for Proto, the zero value means "unknown" or "none".
//
// The package imports only the standard library, performs no I/O, holds no
// mutable state, and never sees payload.
package flow
