//go:build !linux

// Flood needs the packet sockets of Linux.
package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "flood: works on Linux only")
	os.Exit(1)
}
