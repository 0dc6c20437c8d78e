// Command measure runs a program and prints what it took: wall time and CPU
// time (user and system) in seconds, its peak resident memory in MB, and how it
// ended if that was in an error.
//
//	measure LIMIT LOG PROGRAM [ARGUMENT...]
//
// LIMIT is a duration, after which the program is killed. What the program
// prints goes to the file LOG. It exists because the shell's time knows no
// memory and GNU time counts in hundredths of a second.
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
	defer log.Close()
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
	ended := ""
	switch {
	case ctx.Err() != nil:
		ended = "killed after " + limit.String()
	case !state.Success():
		ended = state.String()
	}
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return errors.New("this system does not tell what a process used")
	}
	const kB = 1024 // the unit of Maxrss on Linux
	cpu := state.UserTime() + state.SystemTime()
	_, err = fmt.Fprintf(out, "%.4f %.4f %.1f %s\n", wall.Seconds(), cpu.Seconds(), float64(usage.Maxrss)*kB/1e6, ended)
	return err
}
