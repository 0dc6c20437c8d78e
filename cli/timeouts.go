package cli

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"weir/internal/config"
	"weir/meter"
	"weir/search"
)

// timeouts holds durations by the names of idleTimeouts and activeTimeout. A name
// that is missing has its default; an active timeout of 0 is off.
type timeouts map[string]time.Duration

// idleTimeouts are the names that --timeout and the configuration's [timeouts] take.
var idleTimeouts = []struct {
	name, of string
	field    func(*meter.Timeouts) *time.Duration
}{
	{"tcp-half-open", "TCP, handshake incomplete", func(t *meter.Timeouts) *time.Duration { return &t.HalfOpen }},
	{"tcp-established", "TCP, until the first FIN", func(t *meter.Timeouts) *time.Duration { return &t.Established }},
	{"tcp-closing", "TCP, after a FIN", func(t *meter.Timeouts) *time.Duration { return &t.Closing }},
	{"tcp-linger", "TCP, closed, for late packets", func(t *meter.Timeouts) *time.Duration { return &t.Linger }},
	{"udp", "UDP and UDP-Lite", func(t *meter.Timeouts) *time.Duration { return &t.UDP }},
	{"icmp", "ICMP and ICMPv6", func(t *meter.Timeouts) *time.Duration { return &t.ICMP }},
	{"other", "other protocols", func(t *meter.Timeouts) *time.Duration { return &t.Other }},
}

// activeTimeout is the name of the active timeout in [timeouts].
const activeTimeout = "active"

// idleNames lists the names of idleTimeouts.
func idleNames() (names []string) {
	for _, i := range idleTimeouts {
		names = append(names, i.name)
	}
	return names
}

// registerTimeouts adds the options of commands that read packets.
func (o *sourceOptions) registerTimeouts(cmd *cobra.Command) {
	o.timeouts = timeouts{}
	cmd.Flags().Func("timeout", "idle timeouts by `name=duration`, such as tcp-established=2h,udp=30s; names: weir capture --help", o.timeouts.setIdle)
	cmd.Flags().Func("active-timeout", "split flows that last longer than `duration`, such as 5m, into several records; off: never (default off)", o.timeouts.setActive)
	err := errors.Join(
		cmd.RegisterFlagCompletionFunc("timeout", completeTimeouts),
		cmd.RegisterFlagCompletionFunc("active-timeout", cobra.FixedCompletions([]string{"off", "1m", "5m", "30m"}, cobra.ShellCompDirectiveNoFileComp)),
	)
	if err != nil {
		panic(err) // a flag does not exist: a mistake in this function
	}
}

// completeTimeouts completes the last name of a list; durations are not completed.
func completeTimeouts(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	before := typed[:strings.LastIndexByte(typed, ',')+1]
	var all []string
	for _, i := range idleTimeouts {
		all = append(all, before+i.name+"=\t"+i.of)
	}
	return all, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// timeoutsHelp lists the idle timeouts and their defaults.
func timeoutsHelp() string {
	var b strings.Builder
	defaults := meter.DefaultTimeouts()
	for _, i := range idleTimeouts {
		fmt.Fprintf(&b, "  %-16s %3s  %s\n", i.name, search.DurationText(*i.field(&defaults)), i.of)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// setIdle adds the timeouts of one --timeout.
func (t timeouts) setIdle(text string) error {
	for part := range strings.SplitSeq(text, ",") {
		name, duration, ok := strings.Cut(part, "=")
		name = strings.TrimSpace(name)
		switch {
		case !ok:
			return fmt.Errorf("no = in %q: expected a name and a duration, such as udp=30s", part)
		case name == activeTimeout:
			return fmt.Errorf("unknown timeout %q: did you mean --active-timeout?", name)
		case !slices.Contains(idleNames(), name):
			return fmt.Errorf("unknown timeout %q: expected %s", name, strings.Join(idleNames(), ", "))
		}
		d, err := parseTimeout(name, strings.TrimSpace(duration))
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		t[name] = d
	}
	return nil
}

// setActive sets --active-timeout.
func (t timeouts) setActive(text string) error {
	d, err := parseTimeout(activeTimeout, text)
	if err == nil {
		t[activeTimeout] = d
	}
	return err
}

// parseTimeout reads 30s, 2h or, for the active timeout, off.
func parseTimeout(name, text string) (time.Duration, error) {
	most, off := search.DurationText(meter.MaxTimeout), ""
	if name == activeTimeout {
		off = ", or off"
		if text == "off" {
			return 0, nil
		}
	}
	d, err := search.ParseDuration(text)
	switch {
	case err != nil:
		return 0, fmt.Errorf("invalid duration %q: expected one such as 30s or 2h, up to %s%s", text, most, off)
	case d == 0 && off == "":
		return 0, fmt.Errorf("invalid duration %q: expected more than 0, up to %s", text, most)
	case d > meter.MaxTimeout:
		return 0, fmt.Errorf("invalid duration %q: expected up to %s%s", text, most, off)
	}
	return d, nil
}

// forMeter returns the timeouts as a meter takes them.
func (t timeouts) forMeter() meter.Timeouts {
	m := meter.Timeouts{Active: t[activeTimeout]}
	for _, i := range idleTimeouts {
		*i.field(&m) = t[i.name]
	}
	return m
}

// fileTimeouts returns the valid timeouts of a configuration file except those that
// are given, and the errors in them.
func fileTimeouts(f *config.File, given timeouts) (timeouts, error) {
	t := timeouts{}
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(f.Timeouts)) {
		fail := func(format string, a ...any) {
			errs = append(errs, &config.Error{Path: f.Path(), Line: f.Line("timeouts", name), Msg: fmt.Sprintf(format, a...)})
		}
		if names := append(idleNames(), activeTimeout); !slices.Contains(names, name) {
			fail("unknown timeout %q: expected %s", name, strings.Join(names, ", "))
			continue
		}
		if _, ok := given[name]; ok {
			continue
		}
		d, err := parseTimeout(name, f.Timeouts[name])
		if err != nil {
			fail("timeouts.%s: %v", name, err)
			continue
		}
		t[name] = d
	}
	return t, errors.Join(errs...)
}

// meterTimeouts returns the timeouts of the command line and, where it has none, of
// the configuration file. Errors in that file don't stop a capture: the defaults
// apply, and warning says so in one line.
func (o *sourceOptions) meterTimeouts() (m meter.Timeouts, warning string) {
	path, err := configPath()
	if err != nil {
		return o.timeouts.forMeter(), "" // no home, no configuration
	}
	f, err := config.Load(path)
	t, wrong := fileTimeouts(&f, o.timeouts)
	if f.Timeouts == nil && wrong == nil {
		wrong = err // it may be why there are none
	}
	if wrong != nil {
		warning = "configuration error: " + oneLine(wrong) + ": default timeouts are used; correct the file and start weir again, or give --timeout and --active-timeout"
	}
	maps.Copy(t, o.timeouts)
	return t.forMeter(), warning
}
