package cli

import (
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"weir/csvexport"
	"weir/db"
	"weir/internal/texttable"
	"weir/search"
)

// topLines is how many lines --by prints if no limit is given: what fits a terminal.
const topLines = 20

// topRequest returns what --by and --order ask for.
func (o *queryOptions) topRequest(q search.Query) (search.TopRequest, error) {
	top := search.TopRequest{Request: search.Request{Query: q}, N: topLines}
	var err error
	if top.By, err = search.ParseGrouping(o.by); err != nil {
		return top, usagef("--by: %w", err)
	}
	if o.given("limit") {
		top.N = o.limit
	}
	if !o.given("order") {
		return top, nil
	}
	if by, err := search.ParseGrouping(o.order); err == nil && slices.Equal(by, top.By) { // the head of the key
		top.Order = search.SumKey
		return top, nil
	}
	if top.Order, err = search.ParseSumColumn(o.order); err != nil {
		return top, usagef("--order with --by: %w", err)
	}
	return top, nil
}

// printTop prints the groups of matching flows with their sums, the most bytes
// first if no other order is given.
func (o *queryOptions) printTop(ctx context.Context, store *db.Reader, q search.Query, stdout io.Writer) error {
	request, err := o.topRequest(q)
	if err != nil {
		return err
	}
	top, incomplete := store.Top(ctx, request)
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
	return errors.Join(write(stdout, &top, request.By), incomplete)
}

// keyName is the head of the column of keys: the name of the only field.
func keyName(by search.Grouping) string {
	if len(by) == 1 {
		return by.String()
	}
	return "key"
}

// topValues returns the sums of a group after bytes and packets, as numbers.
func topValues(s, all *search.Sums) []string {
	rate := ""
	if n := s.Rate(); n > 0 {
		rate = decimal(n)
	}
	return []string{decimal(s.Sent), decimal(s.Recv), strconv.FormatFloat(100*s.Share(all), 'f', 2, 64), rate, decimal(s.Peers), decimal(s.Ports)}
}

// moreSums are the names of the columns of topValues.
var moreSums = []string{"sent", "recv", "share", "rate", "peers", "ports"}

func topCSV(w io.Writer, top *search.Talkers, by search.Grouping) error {
	out := csv.NewWriter(w)
	head := append([]string{keyName(by), "flows", "bytes", "packets"}, moreSums...)
	if len(by) > 1 {
		for _, b := range by {
			head = append(head, b.String())
		}
	}
	_ = out.Write(head) // Error has it
	for i := range top.Rows {
		t := &top.Rows[i]
		row := append([]string{csvexport.EscapeFormula(t.Key(by)), decimal(t.Flows), decimal(t.Octets), decimal(t.Packets)}, topValues(&t.Sums, &top.Total)...)
		if len(by) > 1 {
			for k, b := range by {
				row = append(row, csvexport.EscapeFormula(string(b.AppendValue(nil, t.Values[k]))))
			}
		}
		_ = out.Write(row)
	}
	out.Flush()
	return out.Error()
}

// topLine is a line of JSON.
type topLine struct {
	Key     csvexport.JSONText `json:"key"`
	Flows   int64              `json:"flows"`
	Bytes   uint64             `json:"bytes"`
	Packets uint64             `json:"packets"`
	Sent    uint64             `json:"sent"`
	Recv    uint64             `json:"recv"`
	Share   json.Number        `json:"share"` // percent
	Rate    uint64             `json:"rate,omitempty"`
	Peers   int64              `json:"peers"`
	Ports   int64              `json:"ports"`
}

func topJSON(w io.Writer, top *search.Talkers, by search.Grouping) error {
	for i := range top.Rows {
		t := &top.Rows[i]
		more := topValues(&t.Sums, &top.Total)
		line, err := json.Marshal(topLine{csvexport.JSONText(t.Key(by)), t.Flows, t.Octets, t.Packets, t.Sent, t.Recv, json.Number(more[2]), t.Rate(), t.Peers, t.Ports})
		if err != nil {
			return fmt.Errorf("write sums: %w", err)
		}
		if len(by) > 1 {
			for k, b := range by { // the keys of fields, in their order
				line = appendJSONValue(line[:len(line)-1], b, t.Values[k])
			}
		}
		if _, err := w.Write(append(line, '\n')); err != nil {
			return fmt.Errorf("write sums: %w", err)
		}
	}
	return nil
}

// appendJSONValue appends the value of a field, if there is one, and the end of the object.
func appendJSONValue(line []byte, b search.By, v search.Value) []byte {
	text := b.AppendValue(nil, v)
	if len(text) == 0 {
		return append(line, '}')
	}
	line = append(line, `,"`+b.String()+`":`...)
	if kind := b.Field().Info().Kind; b.Field() == search.FieldNone || kind != search.KindPort && (kind != search.KindNumber || b == search.ByVLAN) {
		text, _ = csvexport.JSONText(text).MarshalJSON() // has no error
	}
	return append(append(line, text...), '}')
}

// topTable writes numbers to the right, the name last: it may be of any length. The last line is the
// total of all groups.
func topTable(w io.Writer, top *search.Talkers, by search.Grouping) error {
	number := texttable.Column{Right: true}
	columns := []texttable.Column{number, number, number, number, number, number, number, number, number, {}}
	heads := []any{"FLOWS", "BYTES", "PACKETS", "SENT", "RECV", "SHARE", "RATE", "PEERS", "PORTS"}
	if len(by) == 1 {
		heads = append(heads, strings.ToUpper(by.String()))
	}
	for i, b := range by {
		if len(by) > 1 {
			heads = append(heads, strings.ToUpper(b.String()))
		}
		if i > 0 {
			columns = append(columns, texttable.Column{})
		}
	}
	out := texttable.New(columns...)
	out.Row(heads...)
	for i := range top.Rows {
		t := &top.Rows[i]
		cells := sumCells(&t.Sums, &top.Total)
		for k, b := range by {
			cells = append(cells, cmp.Or(string(b.AppendValue(nil, t.Values[k])), "-"))
		}
		out.Row(cells...)
	}
	if len(top.Rows) > 0 {
		cells := sumCells(&top.Total, &top.Total)
		cells[7], cells[8] = "-", "-"
		cells = append(cells, "TOTAL of "+decimal(top.Groups))
		out.Row(cells...)
	}
	return out.Print(w)
}

func sumCells(s, all *search.Sums) []any {
	cells := []any{s.Flows, s.Octets, s.Packets}
	for i, v := range topValues(s, all) {
		if moreSums[i] == "share" {
			v += "%"
		}
		cells = append(cells, cmp.Or(v, "-"))
	}
	return cells
}

func decimal[T int64 | uint64](n T) string {
	if n < 0 {
		return strconv.FormatInt(int64(n), 10)
	}
	return strconv.FormatUint(uint64(n), 10)
}
