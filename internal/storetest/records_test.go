package storetest

import (
	"math/rand/v2"
	"reflect"
	"strconv"
	"testing"

	"weir/flow"
)

// leaves calls fn with the name and value of each number, string, time and address
// of a record.
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
	default: // including time.Time and netip.Addr
		fn(name, v)
	}
}

// TestRecordSetsEveryField detects fields of flow.Record that are zero in all random
// records: the suite would pass on a store that loses them.
func TestRecordSetsEveryField(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	set, names := map[string]bool{}, []string(nil)
	for id := range int64(500) {
		r := Record(rng, 1+id)
		names = names[:0]
		leaves("Record", reflect.ValueOf(r), func(name string, v reflect.Value) {
			names = append(names, name)
			set[name] = set[name] || !v.IsZero()
		})
	}
	for _, name := range names {
		if !set[name] {
			t.Errorf("%s is zero in 500 random records: set it in the function Record, after Enums.Record", name)
		}
	}
	if len(names) < 40 {
		t.Errorf("only %d fields are checked", len(names))
	}
}
