package search_test

import (
	"errors"
	"fmt"
	"time"

	"weir/search"
)

// A filter prints in canonical form, whatever notation it was written in.
func ExampleParse() {
	for _, text := range []string{
		"TCP 443",
		"src host 10.0.0.1 and not dst port ssh", // tcpdump syntax
		"bytes>1mb or verdict:no-answer,refused",
		"flags:S,!A 10.1.2.3/8",
	} {
		x, err := search.Parse(text)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(search.Text(x))
	}
	// Output:
	// proto:tcp port:443
	// src:10.0.0.1 !dport:22
	// bytes:>1M or verdict:no-answer,refused
	// flags:syn,!ack ip:10.0.0.0/8
}

// An error has the column of the mistake and a hint.
func ExampleError() {
	const text = "proto:tcp dprt:443"
	_, err := search.Parse(text)
	fmt.Println(err)
	if e := new(search.Error); errors.As(err, &e) {
		fmt.Println(e.Col)
		fmt.Println(e.Caret(text))
	}
	// Output:
	// unknown field "dprt" at column 11: did you mean dport?
	// 11
	// proto:tcp dprt:443
	//           ^
}

// A query has a time range, nodes, order and limit in addition to its filter.
func ExampleParseQuery() {
	now := time.Date(2026, 11, 23, 14, 12, 7, 0, time.UTC)
	q, err := search.ParseQuery("tcp since:2h node:edge-1 limit:50", now, time.UTC)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(q.Range, q.Nodes, q.Order, q.Rows(), q.Filter)
	fmt.Println(q.Text())
	fmt.Println(q.Command("--csv"))
	// Output:
	// last 2h [edge-1] newest 50 proto:tcp
	// since:2h node:edge-1 limit:50 proto:tcp
	// weir query --since 2h --node edge-1 --limit 50 --csv proto:tcp
}

// Completions replace the word before the cursor.
func ExampleComplete() {
	const text = "proto:tcp dp"
	for _, c := range search.Complete(text, len(text), search.Env{}) {
		done, _ := c.Apply(text)
		fmt.Println(done)
	}
	// Output:
	// proto:tcp dport:
}
