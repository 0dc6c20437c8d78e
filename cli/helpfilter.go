package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"weir/search"
)

// filterTopic is the help on filters: what docs/search.md says, for readers who
// have only the program.
func filterTopic() *cobra.Command {
	return &cobra.Command{Use: "filter", Short: "How to write a filter", Long: filterHelp()}
}

func filterHelp() string {
	var b strings.Builder
	b.WriteString(`A filter is a list of terms. A flow must match all of them:

  proto:tcp src:10.0.0.0/8 dport:443,8443 flags:syn,!ack

  dport:80,443,8000-8099       any of these values
  dport!=443   !dport:443      not this value
  dport>1024   rtt>=200ms      comparisons
  a or b   not a   (a or b) c  alternatives, negation, grouping
  10.0.0.1   443   tcp   edge  words without a field, recognized by form
  since:2h   until:23:00       flows that were active in that time
  start>=-2h   end:<14:00      by the time of the first or last packet
  order:bytes   limit:5000     the largest first, so many at most
  flags:any(fin,rst)           any of these; flags:=syn,ack exactly these
  vlan:none   isn:any          no value, any value

In a shell, put the filter in quotes: weir query 'dport>1024 !udp'.

Fields, each with an example:
`)
	for _, info := range search.Fields() {
		fmt.Fprintf(&b, "  %-28s %s\n", info.Example, info.Help)
	}
	return strings.TrimSuffix(b.String(), "\n")
}
