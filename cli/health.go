package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"weir/flow"
)

// problemInterval is how often a running capture looks for problems to report.
const problemInterval = time.Second

// reportProblems says on stderr when a source ends, when the store stops or goes
// on writing, and when something was lost, each once. The function it returns
// ends it.
func reportProblems(p *pipeline, stderr io.Writer) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(problemInterval)
		defer tick.Stop()
		told := ""
		for {
			select {
			case <-done:
				return
			case <-tick.C:
			}
			if now := problems(p.health()); now != told {
				told = now
				if now == "" {
					now = "capturing again, nothing is being lost"
				}
				fmt.Fprintf(stderr, "weir: %s\n", now)
			}
		}
	}()
	return func() {
		close(done)
		<-ended
	}
}

// problems says in one line what keeps a capture from being complete; empty if
// nothing does.
func problems(h flow.Health) string {
	var parts []string
	for _, s := range h.Sources {
		switch {
		case s.Err == "":
		case s.Done:
			parts = append(parts, s.Name+": no longer capturing: "+s.Err)
		default:
			parts = append(parts, s.Name+": waiting: "+s.Err)
		}
	}
	if h.StoreErr != "" {
		parts = append(parts, "not storing: "+h.StoreErr)
	}
	if lost(h) != "" { // the number grows; the end says it
		parts = append(parts, "packets or flows are being lost")
	}
	return strings.Join(parts, "; ")
}

// tellLost says what a finished pipeline could not keep, if anything.
func tellLost(stderr io.Writer, h flow.Health) {
	if words := lost(h); words != "" {
		fmt.Fprintf(stderr, "weir: lost: %s\n", words)
	}
}

// lost says what a pipeline could not keep so far; empty if it kept everything.
func lost(h flow.Health) string {
	var parts []string
	var kernel uint64
	for _, s := range h.Sources {
		kernel += s.KernelDrops
	}
	if kernel > 0 {
		parts = append(parts, fmt.Sprintf("%d packets dropped by the kernel", kernel))
	}
	if h.Unstored > 0 {
		parts = append(parts, fmt.Sprintf("%d flows not stored", h.Unstored))
	}
	if h.Evicted > 0 {
		parts = append(parts, fmt.Sprintf("%d flows cut short, the flow table was full", h.Evicted))
	}
	return strings.Join(parts, ", ")
}
