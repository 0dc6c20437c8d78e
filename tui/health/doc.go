// Package health is the screen with what was counted between wire and store: the
// sources of packets, flows, records, and frames that made no flow.
package health
