package search

import (
	"math"
	"net/netip"

	"weir/flow"
)

// Expr is a condition on a record: And, Or, Not, Addrs, Numbers, Names or
// FlagTest. Its String is the canonical text, which [Parse] reads back.
type Expr interface {
	String() string
	isExpr()
}

// And holds if all of its terms hold. It has at least two.
type And []Expr

// Or holds if any of its terms holds. It has at least two.
type Or []Expr

// Not holds if X does not.
type Not struct{ X Expr }

// Addrs holds if an address of the field is in any of the ranges. Field is
// FieldSrc, FieldDst or FieldIP (either side).
type Addrs struct {
	Field  Field
	Ranges []AddrRange
}

// AddrRange is the addresses from Lo to Hi, both included and of one family. A
// single address has Lo == Hi, a CIDR its first and last address.
type AddrRange struct{ Lo, Hi netip.Addr }

// Numbers holds if a number of the field is in any of the ranges, of which it
// has at least one. Durations
// count nanoseconds, times nanoseconds since 1970, enumerations their code, and
// FieldOpen 0 or 1.
type Numbers struct {
	Field  Field
	Ranges []Interval
}

// Interval is the numbers from Lo to Hi, both included. Lo = 0 and Hi = MaxNumber mean no bound.
type Interval struct{ Lo, Hi int64 }

// MaxNumber is the upper bound of an interval that has none.
const MaxNumber = math.MaxInt64

// Names holds if a name of the field matches any of the patterns, in which '*'
// stands for any run of characters. Names compare without regard to case. The
// empty pattern matches the empty name.
type Names struct {
	Field    Field
	Patterns []string
}

// FlagTest holds for TCP flows whose flags have all of All, none of None, at
// least one of Any (unless Any is empty) and, if Exact, no other than those of
// All; None and Any are empty then. Field is FieldFlags (both directions), FieldSrcFlags or FieldDstFlags.
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

// Conjuncts returns the terms that x joins with and: those of an And, else x
// alone, and none for nil.
func Conjuncts(x Expr) []Expr {
	switch x := x.(type) {
	case nil:
		return nil
	case And:
		return x
	}
	return []Expr{x}
}

// Join joins terms with and: nil for none, the term itself for one.
func Join(terms []Expr) Expr {
	switch len(terms) {
	case 0:
		return nil
	case 1:
		return terms[0]
	}
	return And(terms)
}
