package cli

import (
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"weir/csvexport"
	"weir/db"
	"weir/internal/texttable"
	"weir/search"
)

// topLines is how many lines --by prints if no limit is given: what fits a terminal.
const topLines = 20

// printTop prints the groups of matching flows with their sums, the most bytes
// first.
func (o *queryOptions) printTop(ctx context.Context, store *db.Reader, q search.Query, stdout io.Writer) error {
	by, err := search.ParseBy(o.by)
	if err != nil {
		return usagef("--by: %w", err)
	}
	lines := topLines
	if o.given("limit") {
		lines = o.limit
	}
	top, incomplete := store.Top(ctx, search.Request{Query: q}, by, lines)
	if !search.Answered(incomplete) {
		return incomplete
	}
	write := topTable
	switch {
	case o.csv:
		write = topCSV
	case o.json:
		write = topJSON
	}
	return errors.Join(write(stdout, top, by), incomplete)
}

func topCSV(w io.Writer, top []search.Talker, by search.By) error {
	out := csv.NewWriter(w)
	_ = out.Write([]string{by.String(), "flows", "bytes", "packets"}) // Error has it
	for i := range top {
		t := &top[i]
		_ = out.Write([]string{csvexport.EscapeFormula(t.Key(by)), decimal(t.Flows), decimal(t.Octets), decimal(t.Packets)})
	}
	out.Flush()
	return out.Error()
}

func topJSON(w io.Writer, top []search.Talker, by search.By) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	for i := range top {
		t := &top[i]
		line := struct {
			Key     csvexport.JSONText `json:"key"`
			Flows   int64              `json:"flows"`
			Bytes   uint64             `json:"bytes"`
			Packets uint64             `json:"packets"`
		}{csvexport.JSONText(t.Key(by)), t.Flows, t.Octets, t.Packets}
		if err := out.Encode(line); err != nil {
			return fmt.Errorf("write sums: %w", err)
		}
	}
	return nil
}

// topTable writes numbers to the right, the name last: it may be of any length.
func topTable(w io.Writer, top []search.Talker, by search.By) error {
	number := texttable.Column{Right: true}
	out := texttable.New(number, number, number, texttable.Column{})
	out.Row("FLOWS", "BYTES", "PACKETS", strings.ToUpper(by.String()))
	for i := range top {
		t := &top[i]
		out.Row(t.Flows, t.Octets, t.Packets, cmp.Or(t.Key(by), "-"))
	}
	return out.Print(w)
}

func decimal[T int64 | uint64](n T) string {
	if n < 0 {
		return strconv.FormatInt(int64(n), 10)
	}
	return strconv.FormatUint(uint64(n), 10)
}
