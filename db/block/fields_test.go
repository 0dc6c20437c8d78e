package block

import (
	"strings"
	"testing"

	"weir/search"
)

func TestEveryFieldOfTheLanguageCanBeSearched(t *testing.T) {
	for f := search.FieldNone + 1; !strings.HasPrefix(f.String(), "field-"); f++ {
		if numberValues(f) == nil && addrColumns(f) == nil && nameColumns(f) == nil && flagColumns(f) == nil && f != search.FieldOpen && f != search.FieldVerdict {
			t.Errorf("the store does not know the field %s", f)
		}
	}
}
