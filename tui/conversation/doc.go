// Package conversation says what records of several nodes tell of one
// conversation: whether it got through, where it stopped, what a NAT changed.
//
// [Term] finds the records, a [Trail] has them in their order on the way and gives
// the [Answer]s. It asks no store and draws nothing: package flows looks records up
// (flows.Lookup), package dialog draws a trail.
package conversation
