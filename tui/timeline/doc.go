// Package timeline is the screen with flows and bytes over the range of the query.
//
// [Sums] asks the store for them, [Screen] draws them and makes a span that is
// picked the range.
package timeline
