package db

import (
	"encoding/json"
	"fmt"
	"strings"

	"weir/flow"
	"weir/search"
)

// condition is a part of a WHERE clause with the values of its parameters.
// The empty condition holds always.
type condition struct {
	sql  string
	args []any
}

func cond(sql string, args ...any) condition { return condition{sql, args} }

// The conditions that hold for no row and for every row. They are no
// parameters, so that SQLite sees that there is nothing to read.
var (
	never  = condition{sql: "FALSE"}
	always = condition{sql: "TRUE"}
)

// join combines terms with an operator as a balanced tree. A plain chain is as
// deep as it is long, and SQLite refuses depths over 1,000.
func join(op string, terms []condition) condition {
	if len(terms) == 1 {
		return terms[0]
	}
	half := len(terms) / 2
	left, right := join(op, terms[:half]), join(op, terms[half:])
	args := append(left.args[:len(left.args):len(left.args)], right.args...)
	return condition{"(" + left.sql + " " + op + " " + right.sql + ")", args}
}

func allOf(terms ...condition) condition {
	if len(terms) == 0 {
		return always
	}
	return join("AND", terms)
}

func anyOf(terms ...condition) condition {
	if len(terms) == 0 {
		return never
	}
	return join("OR", terms)
}

// translate turns a filter into a condition on flows. Names are resolved to
// their ids first; everything else that the user wrote becomes a parameter.
func translate(x search.Expr, names *dictionary) (condition, error) {
	c, err := (&translator{names}).expr(x)
	if err == nil && len(c.args) > maxParams {
		err = fmt.Errorf("the filter lists %d values: at most %d can be searched for at once", len(c.args), maxParams)
	}
	return c, err
}

type translator struct{ names *dictionary }

func (t *translator) expr(x search.Expr) (condition, error) {
	switch x := x.(type) {
	case search.And:
		terms, err := t.all(x)
		return allOf(terms...), err
	case search.Or:
		terms, err := t.all(x)
		return anyOf(terms...), err
	case search.Not:
		c, err := t.expr(x.X)
		return condition{"(NOT " + c.sql + ")", c.args}, err
	case search.Addrs:
		return addrs(x)
	case search.Numbers:
		return numbers(x)
	case search.Names:
		return t.nameTerm(x)
	case search.FlagTest:
		return flagTest(x)
	}
	return never, fmt.Errorf("the store cannot search for %T", x)
}

func (t *translator) all(xs []search.Expr) ([]condition, error) {
	terms := make([]condition, 0, len(xs))
	for _, x := range xs {
		c, err := t.expr(x)
		if err != nil {
			return nil, err
		}
		terms = append(terms, c)
	}
	return terms, nil
}

// fieldError says that a tree is wrong: no text parses to it.
func fieldError(f search.Field, what string) error {
	return fmt.Errorf("field %s does not hold %s", f, what)
}

// addrs translates ranges of addresses. A stored address has 4 or 16 bytes;
// blobs of the same length sort as their addresses do.
func addrs(x search.Addrs) (condition, error) {
	columns, ok := addrFields[x.Field]
	if !ok {
		return never, fieldError(x.Field, "addresses")
	}
	var terms []condition
	for _, column := range columns {
		for _, r := range x.Ranges {
			lo, hi := addrBlob(r.Lo), addrBlob(r.Hi)
			switch {
			case len(lo) == 0 || len(lo) != len(hi):
				return never, fmt.Errorf("addresses %s to %s are no range: both ends must be IPv4 or both IPv6", r.Lo, r.Hi)
			case r.Lo == r.Hi:
				terms = append(terms, cond(column+" = ?", lo))
			default:
				terms = append(terms, cond(fmt.Sprintf("(%s BETWEEN ? AND ? AND length(%s) = %d)", column, column, len(lo)), lo, hi))
			}
		}
	}
	return anyOf(terms...), nil
}

// numbers translates intervals. Single numbers are collected in one IN list.
func numbers(x search.Numbers) (condition, error) {
	field, ok := numberFields[x.Field]
	if !ok {
		return never, fieldError(x.Field, "numbers")
	}
	var terms []condition
	for _, value := range field.values {
		var singles []any
		for _, r := range x.Ranges {
			switch {
			case r.Lo == 0 && r.Hi == search.MaxNumber:
				terms = append(terms, always)
			case r.Lo == 0:
				terms = append(terms, cond(value+" <= ?", r.Hi))
			case r.Hi == search.MaxNumber:
				terms = append(terms, cond(value+" >= ?", r.Lo))
			case r.Lo == r.Hi:
				singles = append(singles, r.Lo)
			default:
				terms = append(terms, cond("("+value+" BETWEEN ? AND ?)", r.Lo, r.Hi))
			}
		}
		if len(singles) > 0 {
			terms = append(terms, cond("("+value+" IN (?"+strings.Repeat(", ?", len(singles)-1)+"))", singles...))
		}
	}
	c := anyOf(terms...)
	if field.guard != "" {
		c = allOf(cond("("+field.guard+")"), c)
	}
	return c, nil
}

func (t *translator) nameTerm(x search.Names) (condition, error) {
	columns, ok := nameFields[x.Field]
	if !ok {
		return never, fieldError(x.Field, "names")
	}
	ids := t.names.match(x.Patterns)
	var terms []condition
	for _, column := range columns {
		terms = append(terms, idIn(column, ids))
	}
	return anyOf(terms...), nil
}

// idIn is the condition that a column holds one of ids.
func idIn(column string, ids []int64) condition {
	switch {
	case len(ids) == 0:
		return never
	case len(ids) == 1:
		return cond(column+" = ?", ids[0])
	case len(ids) > inlineNames:
		list, err := json.Marshal(ids)
		if err != nil { // integers have a JSON form
			return never
		}
		return cond(column+" IN (SELECT value FROM json_each(?))", string(list))
	}
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	return cond(column+" IN (?"+strings.Repeat(", ?", len(ids)-1)+")", args...)
}

// flagTest translates a test of flags, which no flow but a TCP one passes.
func flagTest(x search.FlagTest) (condition, error) {
	flags, ok := flagFields[x.Field]
	if !ok {
		return never, fieldError(x.Field, "TCP flags")
	}
	terms := []condition{cond("proto = ?", int64(flow.TCP))}
	if x.All != 0 {
		terms = append(terms, cond("("+flags+" & ?) = ?", int64(x.All), int64(x.All)))
	}
	if x.None != 0 {
		terms = append(terms, cond("("+flags+" & ?) = 0", int64(x.None)))
	}
	if x.Any != 0 {
		terms = append(terms, cond("("+flags+" & ?) <> 0", int64(x.Any)))
	}
	if x.Exact {
		terms = append(terms, cond("("+flags+" & ?) = 0", int64(^x.All)))
	}
	return allOf(terms...), nil
}
