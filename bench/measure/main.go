// Command measure runs a program and prints its resource usage: wall time and CPU
// time (user and system) in seconds, peak resident memory in MB, and the error if
// it failed.
//
//	measure LIMIT LOG PROGRAM [ARGUMENT...]
//
// LIMIT is a duration after which the program is killed. The output of the
// program goes to the file LOG. Neither the shell's time, which does not report
// memory, nor GNU time, which has a resolution of 10 ms, is sufficient.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	if len(args) < 3 {
		return errors.New("want LIMIT LOG PROGRAM [ARGUMENT...]")
	}
	limit, err := time.ParseDuration(args[0])
	if err != nil {
		return err
	}
	log, err := os.Create(args[1])
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }() // only the program writes to it
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()

	cmd := exec.CommandContext(ctx, args[2], args[3:]...)
	cmd.Stdout, cmd.Stderr = log, log
	begin := time.Now()
	err = cmd.Run()
	wall := time.Since(begin)
	state := cmd.ProcessState
	if state == nil {
		return err // it did not start
	}
	failure := ""
	switch {
	case ctx.Err() != nil:
		failure = "killed after " + limit.String()
	case !state.Success():
		failure = state.String()
	}
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return errors.New("this system does not tell what a process used")
	}
	const kB = 1024 // the unit of Maxrss on Linux
	cpu := state.UserTime() + state.SystemTime()
	_, err = fmt.Fprintf(out, "%.4f %.4f %.1f %s\n", wall.Seconds(), cpu.Seconds(), float64(usage.Maxrss)*kB/1e6, failure)
	return err
}
