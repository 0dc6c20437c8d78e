package decode

import "testing"

func TestReasonNamesAreUnique(t *testing.T) {
	seen := map[string]Reason{}
	for _, r := range Reasons() {
		if other, ok := seen[r.String()]; ok {
			t.Errorf("%d and %d are both %q", other, r, r)
		}
		seen[r.String()] = r
	}
	if n := len(Reasons()); n != int(UnknownLink)+1+int(TooDeep-TruncatedLink)+1 {
		t.Errorf("%d reasons have names", n)
	}
	if got := Reason(200).String(); got != "reason-200" {
		t.Errorf("unknown reason is %q", got)
	}
}

func TestReasonDamaged(t *testing.T) {
	for r, want := range map[Reason]bool{OK: false, ARP: false, UnknownLink: false, TruncatedLink: true, BadTCP: true, TooDeep: true} {
		if r.Damaged() != want {
			t.Errorf("%q damaged: %v", r, r.Damaged())
		}
	}
}
