package search

import (
	"math"
	"net/netip"

	"weir/flow"
)

// Expr is a condition on a record: And, Or, Not, Addrs, Numbers, Names or
// FlagTest. String returns the canonical text, which [Parse] accepts.
type Expr interface {
	String() string
	isExpr()
}

// And is true if all of its terms are. It has at least two terms.
type And []Expr

// Or is true if any of its terms is. It has at least two terms.
type Or []Expr

// Not is true if X is false.
type Not struct{ X Expr }

// Addrs is true if an address of the field is in any of the ranges. Field is one
// of kind KindAddr.
type Addrs struct {
	Field  Field
	Ranges []AddrRange
}

// AddrRange is an inclusive range of addresses of one family. A single address
// has Lo == Hi; a CIDR has its first and last address.
type AddrRange struct{ Lo, Hi netip.Addr }

// Numbers is true if a number of the field is in any of the ranges. It has at
// least one range. Durations are in nanoseconds, times in nanoseconds since 1970,
// enumerations are their code, and FieldOpen is 0 or 1.
type Numbers struct {
	Field  Field
	Ranges []Interval
}

// Interval is an inclusive range of numbers. Lo = 0 and Hi = MaxNumber mean
// unbounded.
type Interval struct{ Lo, Hi int64 }

// MaxNumber is the upper bound of an unbounded interval.
const MaxNumber = math.MaxInt64

// Names is true if a name of the field matches any of the patterns, in which '*'
// matches any sequence of characters. Names are case-insensitive. The empty
// pattern matches the empty name.
type Names struct {
	Field    Field
	Patterns []string
}

// FlagTest is true for TCP flows whose flags include all of All, none of None and
// at least one of Any, unless Any is empty. If Exact, the flags equal All, and
// None and Any are empty. Field is FieldFlags (both directions), FieldSrcFlags or
// FieldDstFlags.
type FlagTest struct {
	Field          Field
	All, None, Any flow.Flags
	Exact          bool
}

func (And) isExpr()      {}
func (Or) isExpr()       {}
func (Not) isExpr()      {}
func (Addrs) isExpr()    {}
func (Numbers) isExpr()  {}
func (Names) isExpr()    {}
func (FlagTest) isExpr() {}

// Conjuncts returns the terms of an And, x itself for any other expression, and
// no terms for nil.
func Conjuncts(x Expr) []Expr {
	switch x := x.(type) {
	case nil:
		return nil
	case And:
		return x
	}
	return []Expr{x}
}

// Join returns the conjunction of terms: nil for none, the term itself for one.
func Join(terms []Expr) Expr {
	switch len(terms) {
	case 0:
		return nil
	case 1:
		return terms[0]
	}
	return And(terms)
}
