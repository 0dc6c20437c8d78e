package block

import (
	"net/netip"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"weir/flow"
)

// setEach calls fn once for each field of v, including the fields of structs and the elements of
// arrays in it, with that field set and all others zero.
func setEach(name string, v reflect.Value, fn func(name string)) {
	set := func(x any) {
		v.Set(reflect.ValueOf(x).Convert(v.Type()))
		fn(name)
		v.SetZero()
	}
	switch v.Interface().(type) {
	case time.Time:
		set(time.Unix(0, 1).UTC())
		return
	case netip.Addr:
		set(netip.AddrFrom4([4]byte{192, 0, 2, 1}))
		return
	case flow.Seq32: // a value without Seen has no meaning
		set(flow.Seq32{Value: 1, Seen: true})
		return
	}
	if strings.HasSuffix(name, ".RTTMin") || strings.HasSuffix(name, ".RTTMean") {
		set(time.Microsecond) // their unit in the store
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			setEach(name+"."+v.Type().Field(i).Name, v.Field(i), fn)
		}
	case reflect.Array:
		for i := range v.Len() {
			setEach(name+"["+strconv.Itoa(i)+"]", v.Index(i), fn)
		}
	case reflect.String:
		set("x")
	case reflect.Bool:
		set(true)
	default:
		set(1)
	}
}

// TestSplitAndJoinKeepEveryField fails when a field is added to flow.Record that is not stored.
func TestSplitAndJoinKeepEveryField(t *testing.T) {
	id := func(name string) int64 { return int64(len(name)) }
	text := func(id int64) string { return map[int64]string{1: "x"}[id] }
	var r flow.Record
	fields := 0
	setEach("Record", reflect.ValueOf(&r).Elem(), func(name string) {
		fields++
		var tuple Tuple
		tuple.Split(&r, NameIDs{Node: id(r.Node), Interface: id(r.Interface), ReplyInterface: id(r.ReplyInterface), Src: id(r.Src.Node), Dst: id(r.Dst.Node)})
		var got flow.Record
		ids := tuple.NameIDs()
		tuple.Join(&got, RecordNames{Node: text(ids.Node), Interface: text(ids.Interface), ReplyInterface: text(ids.ReplyInterface), Src: text(ids.Src), Dst: text(ids.Dst)})
		if got != r {
			t.Errorf("%s is lost: %+v, want %+v", name, got, r)
		}
	})
	if fields < 55 {
		t.Errorf("only %d fields are set", fields)
	}
}

// A measured round trip never reads as not measured.
func TestRoundTripsOfTheWholeFlowAreRoundedUp(t *testing.T) {
	for d, want := range map[time.Duration]time.Duration{
		0: 0, 1: time.Microsecond, 999: time.Microsecond, 1000: time.Microsecond, 1001: 2 * time.Microsecond, time.Hour - 1: time.Hour,
	} {
		r, got := flow.Record{SrcSide: flow.Side{RTTMin: d}, DstSide: flow.Side{RTTMean: d}}, flow.Record{}
		var tuple Tuple
		tuple.Split(&r, NameIDs{})
		tuple.Join(&got, RecordNames{})
		if got.SrcSide.RTTMin != want || got.DstSide.RTTMean != want {
			t.Errorf("%v is stored as %v and %v, want %v", d, got.SrcSide.RTTMin, got.DstSide.RTTMean, want)
		}
	}
}
