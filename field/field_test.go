package field

import (
	"strings"
	"testing"
	"time"

	"weir/flow"
	"weir/search"
)

func TestEverySearchFieldIsAColumn(t *testing.T) {
	for _, info := range search.Fields() {
		for _, name := range append(info.Aliases, info.Word, strings.ToUpper(info.Word)) {
			found, err := Find(name)
			if info.Field == search.FieldGroup {
				if err == nil {
					t.Errorf("%s is a column", name)
				}
				continue
			}
			if err != nil || len(found) == 0 || len(found) == 1 && found[0].Name != info.Word {
				t.Errorf("%s: %v, %v", name, found, err)
			}
		}
	}
	if _, err := Find("colour"); err == nil {
		t.Error("an unknown column is found")
	}
}

func TestKeysAreTheNamesOfTheSearchLanguageOrOlder(t *testing.T) {
	older := "startTime endTime protocol sourceNode sourceIP sourcePort destNode destIP destPort recvBytes sentBytes tcpFlags endReason sourceFlags destFlags sourceISN destISN "
	names := map[string]bool{}
	for _, f := range All() {
		if key := strings.TrimSuffix(f.Key, "NS"); !strings.EqualFold(key, f.Name) && !strings.Contains(older, f.Key+" ") {
			t.Errorf("%s has the key %s", f.Name, f.Key)
		}
		if wide := len(f.Title); wide > 8 || wide == 0 || f.Help() == "" || names[f.Name] {
			t.Errorf("%s: title %q, help %q, or twice", f.Name, f.Title, f.Help())
		}
		names[f.Name] = true
		if strings.HasSuffix(f.Key, "NS") != (f.Kind() == search.KindDuration) {
			t.Errorf("%s does not say its unit", f.Key)
		}
	}
}

func TestPresetsHaveTheFieldsTheyName(t *testing.T) {
	for _, p := range presets {
		if got := Preset(p.name); len(got) != strings.Count(p.fields, ",")+1 {
			t.Errorf("%s has %d columns", p.name, len(got))
		}
	}
	if len(Preset("default")) != Usual || len(Preset("wide")) != Count || Preset("colour") != nil {
		t.Error("other presets")
	}
}

func TestValuesOfFieldsThatARecordLacksAreUnknown(t *testing.T) {
	r := flow.Record{Proto: flow.UDP, Uncounted: true}
	want := "end src dst flags payload retrans outoforder zerowindow rttmin rttmean rtt serverrtt clientrtt sflags dflags synretries tunnelid icmptype icmpcode icmpid errorip errortype errorcode " +
		"sentpayload recvpayload sentretrans recvretrans retransbytes sttl dttl sisn disn sipid dipid communityid start"
	for _, f := range All() {
		if known := f.Of(&r).Known; known == strings.Contains(" "+want+" ", " "+f.Name+" ") {
			t.Errorf("%s is known: %t", f.Name, known)
		}
	}
	r = flow.Record{Start: time.Unix(1, 0), Last: time.Unix(3, 0), EndReason: flow.EndOfFlow}
	if f, _ := Find("duration"); f[0].Of(&r).Number != uint64(2*time.Second) {
		t.Errorf("duration %v", f[0].Of(&r))
	}
}
