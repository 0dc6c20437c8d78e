// Package health is the screen with the counters of the metering process: sources of
// packets, flows, records, and frames that were not counted as flows.
package health
