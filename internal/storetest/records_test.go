package storetest

import (
	"math/rand/v2"
	"reflect"
	"strconv"
	"testing"

	"weir/flow"
)

// leaves calls fn with every number, string, time and address of a record, and its name.
func leaves(name string, v reflect.Value, fn func(name string, v reflect.Value)) {
	switch {
	case v.Kind() == reflect.Array:
		for i := range v.Len() {
			leaves(name+"["+strconv.Itoa(i)+"]", v.Index(i), fn)
		}
	case v.Kind() == reflect.Struct && v.Type().PkgPath() == reflect.TypeFor[flow.Record]().PkgPath():
		for i := range v.NumField() {
			leaves(name+"."+v.Type().Field(i).Name, v.Field(i), fn)
		}
	default: // time.Time and netip.Addr included
		fn(name, v)
	}
}

// TestRecordDrawsEveryField finds a field that was added to flow.Record and is zero in all random records, so that the
// contract would not notice a store that loses it.
func TestRecordDrawsEveryField(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	drawn, names := map[string]bool{}, []string(nil)
	for id := range int64(500) {
		r := Record(rng, 1+id)
		names = names[:0]
		leaves("Record", reflect.ValueOf(r), func(name string, v reflect.Value) {
			names = append(names, name)
			drawn[name] = drawn[name] || !v.IsZero()
		})
	}
	for _, name := range names {
		if !drawn[name] {
			t.Errorf("%s is zero in 500 random records: draw it in the function Record, behind Vocabulary.Record", name)
		}
	}
	if len(names) < 40 {
		t.Errorf("only %d fields are looked at", len(names))
	}
}
