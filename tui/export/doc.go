// Package export writes flows of the screen to files, in the background.
//
// An [Exporter] writes the flows of a [View], or those of a [Plan] that the export
// window makes, and keeps the program from exiting before a file is complete.
package export
