package search

import "testing"

func TestUnknownGroupIsAnErrorWithAColumn(t *testing.T) {
	for text, want := range map[string]string{
		"group:europe":                 "",
		"tcp group:EUROPE or group:*":  "",
		`group:"" group:eu*`:           "",
		"node:nowhere":                 "", // nodes may appear later
		"group:eurpe":                  `unknown group "eurpe" at column 7: did you mean europe?`,
		"tcp !(udp or group:asia) 443": `unknown group "asia" at column 20: expected europe, dc`,
		"ü group:dc,Asia":              `unknown group "Asia" at column 12: expected europe, dc`,
	} {
		x, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if err := CheckGroups(text, x, []string{"europe", "dc"}); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
	x := Names{FieldGroup, []string{"dc"}}
	if err := CheckGroups("group:dc", x, nil); err == nil || err.Error() != `unknown group "dc" at column 7: no groups are defined: weir nodes group add creates one` {
		t.Errorf("without groups: %v", err)
	}
}
