// Package export writes flows of the screen to files, in the background.
//
// An [Exporter] writes what a view shows ("e"), or what the export window asks for,
// and keeps the program from ending before a file is complete.
package export
