// Package cli is the command line of weir: flags, wiring, signals and exit codes.
//
// [Main] runs one command line. Each command is in the file of its name, with its
// flags and help; weir without a command is in screen.go. Commands that read
// packets open their sources (sources.go) and connect sources, meters and store in
// a pipeline (pipeline.go). Results are shown on the screen or printed from the
// store: queryprint.go prints flows, querytop.go sums, queryfollow.go new flows.
//
// Results go to stdout, everything else to stderr, and nothing that is printed can
// drive the terminal (streams.go). Mistakes on the command line are usageErrors
// and exit with 2, other errors with 1.
//
// What flows, filters and records mean is decided in the packages below.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"weir/internal/timezone"
)

// Exit codes: a contract with scripts.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// heapBallast is the size of an allocation that is never written to, so that it
// takes address space and no memory. The garbage collector, which runs when the
// heap has doubled, runs later for it: to read a capture of 60 MB it ran five
// times for 5 MB of live memory each.
const heapBallast = 32 << 20

// sameSignal is how long after the first signal others belong to it: timeout(1)
// sends one to the program and one to all of its process group, and the end of a
// session sends SIGHUP and SIGTERM.
const sameSignal = time.Second

// Main runs the command line of the process, os.Args, and returns its exit code.
// SIGINT, SIGTERM and SIGHUP end a command in order; a second one, a second later
// or more, ends the process at once.
func Main() int {
	// A reader that has had enough (`weir query … | head`) is an error of a
	// write then, not the end of the process, so that temporary stores go.
	signal.Ignore(syscall.SIGPIPE)
	// The signals stay caught until the process ends: one that comes after run
	// has returned would change the exit code.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	context.AfterFunc(ctx, func() { time.AfterFunc(sameSignal, stop) }) // the first signal ends in order, a second one at once
	setTimeZone(os.Getenv("TZ"), os.Stderr)
	ballast := make([]byte, heapBallast)
	defer runtime.KeepAlive(ballast)
	return run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
}

// setTimeZone makes the zone that TZ names that of all times. Package time, which has read TZ, knows no POSIX
// texts, and needs the host's database for names.
func setTimeZone(tz string, stderr io.Writer) {
	if tz == "" {
		return
	}
	loc, err := timezone.Load(tz)
	if err != nil {
		fmt.Fprintf(stderr, "weir: TZ: %v; times are in UTC\n", err)
		return
	}
	time.Local = loc
}

// run executes one command line and returns its exit code. Results go to
// stdout, everything else to stderr. Canceling ctx ends it as Ctrl-C does.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	stdout, stderr = safeStreams(stdout, stderr)
	root := rootCommand()
	root.SetArgs(spreadFiles(args))
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	cmd, err := root.ExecuteContextC(ctx)
	switch {
	case err == nil, errors.Is(err, syscall.EPIPE):
		return exitOK // the reader of the output has closed it
	case errors.As(err, new(*quitError)):
		fmt.Fprintf(raw(stderr), "weir: %s\n", err) // stacks of our own, with tabs
		return exitFailed
	case errors.As(err, new(usageError)):
		fmt.Fprintf(stderr, "weir: %s\nsee: %s --help\n", errorText(err, args), cmd.CommandPath())
		return exitUsage
	}
	for _, err := range joinedErrors(err) {
		fmt.Fprintf(stderr, "weir: %s\n", errorText(err, args))
	}
	return exitFailed
}

// usageError is a command line that asks for something weir doesn't have.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usagef(format string, a ...any) error { return usageError{fmt.Errorf(format, a...)} }

func rootCommand() *cobra.Command {
	var o sourceOptions
	var plain bool
	cmd := &cobra.Command{
		Use:   "weir",
		Short: "Watch, search and export the flow logs of a network",
		Long: `Weir watches, searches and exports flow logs: who talked to whom, when, how much
and with which TCP flags. It never stores payload.

Without a command it opens the screen over the flow store and captures on every
interface that is up, except loopback, if it has permission. A store that --db
names and that exists is only read, unless -i or -r says what to write into it.`,
		Example: `  weir                          watch this host
  weir -i eth0,eth1             watch two interfaces
  weir -r a.pcap b.pcapng.gz    show capture files
  weir -r /var/captures         follow a folder of rotated captures
  ssh gw tcpdump -U -w - | weir -r -
  weir --demo                   watch a simulated network
  weir query dport:443 --since 2h --csv`,
		Args:          noArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runScreen(cmd.Context(), o, plain, cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	o.register(cmd.Flags())
	cmd.Flags().BoolVar(&o.readOnly, "read-only", false, "only read the flow store, as without -i and -r a --db file that exists")
	cmd.Flags().BoolVar(&plain, "plain", false, "lines of text instead of a screen, for screen readers (type help)")
	cmd.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		if f := cmd.Flags().Lookup("db"); f != nil && f.Changed && f.Value.String() == "" {
			return usagef(`invalid --db "": expected a path; omit --db for the default store`)
		}
		return nil
	}
	cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return usageError{flagError(cmd, err)} })
	cmd.AddCommand(captureCommand(), queryCommand(), nodesCommand(), dbCommand(), flagsCommand(), configCommand(), versionCommand(), completionCommand(), filterTopic())
	cmd.CompletionOptions.DisableDefaultCmd = true // ours answers wrong usage as the others do
	return cmd
}
