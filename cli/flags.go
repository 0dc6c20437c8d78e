package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"weir/flow"
	"weir/internal/texttable"
)

func flagsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "flags FLAGS",
		Short: "Decode TCP flags: hex, binary, decimal, names or tcpdump letters",
		Example: `  weir flags 0x1b
  weir flags 0b11010110
  weir flags SYN ACK
  weir flags '[S.]'`,
		Args: atLeast(1, "flags such as 0x1b, 0b00011011, 27, SYN,ACK or S."),
		RunE: func(cmd *cobra.Command, args []string) error {
			f, err := flow.ParseFlags(strings.Join(args, " "))
			if err != nil {
				return usageError{err}
			}
			return printFlags(cmd.OutOrStdout(), f)
		},
	}
}

// printFlags prints one set of flags in every notation and bit by bit, in the
// order of the reference's table.
func printFlags(w io.Writer, f flow.Flags) error {
	if _, err := fmt.Fprintf(w, "%s  %s  %d  %s  %s\n%s\n\n", f.Hex(), f.Binary(), uint8(f), f, f.Letters(), f.Meaning()); err != nil {
		return err
	}
	bits := texttable.Left(4)
	for _, info := range flow.FlagTable {
		mark := " "
		if f.Has(info.Flag) {
			mark = "*"
		}
		bits.Row(mark+" "+info.Flag.Hex(), fmt.Sprintf("%08b", uint8(info.Flag)), info.Name, info.Description)
	}
	if err := bits.Print(w); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%s\n", flow.UnionNote)
	return err
}
