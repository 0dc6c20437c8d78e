// Weir watches, searches and exports the flow logs of a network in a terminal:
// who talked to whom, when, how much and with which TCP flags.
//
// The command line is package cli; docs/ARCHITECTURE.md is the map of the others.
package main

import (
	"os"

	"weir/cli"
)

func main() { os.Exit(cli.Main()) }
