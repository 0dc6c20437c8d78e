// Package talkers is the screen with sums of flows that have something in common:
// source, destination, pair, port or node.
//
// [Sums] asks the store for them, [Screen] shows them and makes a term of the
// filter of the one under the cursor.
package talkers
