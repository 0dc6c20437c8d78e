package flows

import (
	"testing"
	"time"
	_ "time/tzdata" // time zones on systems without a database

	"weir/flow"
	"weir/tui/column"
)

func TestRowsOfAClockChangeHaveTheirOffsets(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	lord, err := time.LoadLocation("Australia/Lord_Howe") // half an hour
	if err != nil {
		t.Fatal(err)
	}
	at := func(s string) flow.Record {
		at, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return flow.Record{Start: at}
	}
	now := at("2026-12-01T12:00:00Z").Start
	for _, c := range []struct {
		loc                 *time.Location
		recs                []flow.Record
		offsets, years, row string // of the first flow
		dates               bool
	}{
		{berlin, nil, "UTC+01:00", "", "", false},
		{berlin, []flow.Record{at("2026-12-01T11:00:00Z")}, "UTC+01:00", "", "12:00:00.000", false},
		{berlin, []flow.Record{at("2026-10-25T00:30:00Z"), at("2026-10-25T01:30:00Z")}, "UTC+01:00/+02:00", "", "10-25 02:30:00.000+02", true},
		{berlin, []flow.Record{at("2026-10-25T01:30:00Z"), at("2026-10-25T00:30:00Z")}, "UTC+01:00/+02:00", "", "10-25 02:30:00.000+01", true},
		{berlin, []flow.Record{at("2026-07-01T00:30:00Z")}, "UTC+02:00", "", "07-01 02:30:00.000", true}, // not that of now
		{berlin, []flow.Record{at("2026-12-01T11:00:00Z"), at("2026-11-29T11:00:00Z"), at("2026-12-01T11:30:00Z")}, "UTC+01:00", "", "12-01 12:00:00.000", true},
		{berlin, []flow.Record{at("2026-12-01T11:00:00Z"), at("2025-12-01T11:00:00Z")}, "UTC+01:00", "2025-26", "12-01 12:00:00.000", true},
		{lord, []flow.Record{at("2026-04-04T14:45:00Z"), at("2026-04-04T15:15:00Z")}, "UTC+10:30/+11:00", "", "04-05 01:45:00.000+11:00", true},
	} {
		got := timesOf(c.recs, now.In(c.loc), c.loc)
		if got.offsetText(now.In(c.loc)) != c.offsets || got.years(now) != c.years || got.dates != c.dates {
			t.Errorf("%v in %s: offsets %s, years %q, dates %t; want %s, %q, %t", c.recs, c.loc, got.offsetText(now.In(c.loc)), got.years(now), got.dates, c.offsets, c.years, c.dates)
		}
		if len(c.recs) == 0 {
			continue
		}
		style := column.Style{Loc: c.loc, Dates: got.dates, Offset: got.rowOffset()}
		if row, _ := style.Append(nil, column.Start, &c.recs[0]); string(row) != c.row {
			t.Errorf("the first row is %s, want %s", row, c.row)
		}
	}
}
