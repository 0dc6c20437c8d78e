// Package timeline is the screen with flows and bytes over the time range of the query.
//
// [Sums] requests them from the store. [Screen] draws them and makes a selected span
// the time range.
package timeline
