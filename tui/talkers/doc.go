// Package talkers is the screen with the sums of flows by source, destination, pair,
// port or node.
//
// [Sums] requests them from the store. [Screen] shows them and narrows the filter to
// the one under the cursor.
package talkers
