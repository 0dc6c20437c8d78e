package tui

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"weir/tui/dialog"
	"weir/tui/export"
	"weir/tui/tuitest"
)

// exporting returns a screen with an open export window.
func exporting(t *testing.T, flows int) (st *screenTest, dir string) {
	t.Helper()
	store := &tuitest.Store{}
	store.Add(manyFlows(flows)...)
	dir = t.TempDir()
	st = newScreen(t, store, 120, 40, func(c *Config) { c.ExportDir = dir })
	st.press("E")
	if _, ok := st.m.window.(*dialog.Export); !ok {
		t.Fatalf("E opened %T", st.m.window)
	}
	return st, dir
}

// onlyFile returns the name and the text of the only file in dir.
func onlyFile(t *testing.T, dir string) (name, text string) {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	data, err := os.ReadFile(filepath.Join(dir, files[0].Name()))
	if err != nil {
		t.Fatal(err)
	}
	if info, _ := files[0].Info(); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	return files[0].Name(), string(data)
}

func TestTheExportDialogWritesTheViewUnlessToldOtherwise(t *testing.T) {
	st, dir := exporting(t, 2_500)
	st.press("enter")
	name, text := onlyFile(t, dir)
	if text != st.inView() || !strings.HasSuffix(name, ".csv") {
		t.Errorf("%s is not the view", name)
	}
	st.wantIn(st.footer(), "1,000 flows written to "+dir)
	if st.m.window != nil {
		t.Error("the dialog stays")
	}
}

func TestAllThatMatchGoBeyondWhatOneSearchShows(t *testing.T) {
	st, dir := exporting(t, 23_456)
	st.press("tab", "right", "enter")
	if _, text := onlyFile(t, dir); strings.Count(text, "\n") != 23_457 {
		t.Errorf("%d lines", strings.Count(text, "\n"))
	}
	st.wantIn(st.footer(), "23,456 flows written to")
}

func TestJSONIsOneValueWithTheColumnsThatWereAskedFor(t *testing.T) {
	st, dir := exporting(t, 50)
	st.press("right", "right", "tab", "tab")
	st.write("node, destPort,verdict")
	st.press("enter")
	name, text := onlyFile(t, dir)
	var all []map[string]any
	if err := json.Unmarshal([]byte(text), &all); err != nil || len(all) != 50 || len(all[0]) > 3 || !strings.HasSuffix(name, ".json") {
		t.Errorf("%s: %d values, %v", name, len(all), err)
	}
}

func TestACanceledExportLeavesNothingBehind(t *testing.T) {
	st, dir := exporting(t, 5_000)
	st.press("tab", "right")
	st.hold = true
	st.press("enter")
	st.m.View()
	st.wantIn(st.screen(), "writing: 0 of 5,000 flows, 0 %")
	st.press("esc")
	st.release()
	if files, _ := os.ReadDir(dir); len(files) != 0 {
		t.Errorf("%s is left", files[0].Name())
	}
	st.wantIn(st.footer(), "export canceled, nothing was written")
}

func TestAnExportCanceledHalfwayLeavesNothingBehind(t *testing.T) {
	st, dir := exporting(t, 5_000)
	st.store.Gate = make(chan struct{}) // the store returns when the request is cancelled, not before
	st.press("tab", "right")
	st.hold = true
	st.press("enter")
	done := make(chan tea.Msg)
	go func() { done <- st.held[0]() }()
	st.m.Update(keyPress("esc"))
	st.hold = false
	ended := (<-done).(export.EndedMsg)
	st.send(ended)
	if files, _ := os.ReadDir(dir); len(files) != 0 || ended.Job.Rows.Load() != 0 {
		t.Errorf("%d files, %d rows", len(files), ended.Job.Rows.Load())
	}
	st.wantIn(st.footer(), "export canceled")
}

func TestAnExportNeverReplacesAFileAndAsksForAnotherName(t *testing.T) {
	st, dir := exporting(t, 10)
	taken := filepath.Join(dir, "taken.csv")
	if err := os.WriteFile(taken, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	st.press("tab", "tab", "tab", "ctrl+u")
	st.write("taken.csv")
	st.press("enter")
	st.wantIn(st.screen(), "an export never replaces a file")
	if _, text := onlyFile(t, dir); text != "mine" {
		t.Errorf("it has %q now", text)
	}
	st.press("backspace", "backspace", "backspace", "backspace")
	st.write("2.csv")
	st.press("enter")
	if _, err := os.Stat(filepath.Join(dir, "taken2.csv")); err != nil {
		t.Error(err)
	}
}

func TestWrongColumnsAndNoNameSayWhy(t *testing.T) {
	st, dir := exporting(t, 10)
	st.press("tab", "tab")
	st.write("nodez")
	st.press("enter")
	st.wantIn(st.screen(), `Unknown column "nodez": expected startTime`)
	st.press("ctrl+u", "tab", "ctrl+u", "enter")
	st.wantIn(st.screen(), "Missing file name")
	if files, _ := os.ReadDir(dir); len(files) != 0 {
		t.Error("a file was made")
	}
}

func TestQuittingFinishesAnExportOfTheDialog(t *testing.T) {
	st, dir := exporting(t, 5_000)
	st.press("tab", "right")
	st.hold = true
	st.press("enter", "ctrl+c")
	st.wantIn(st.footer(), "finishing the export")
	if st.release(); !st.quit {
		t.Error("it goes on")
	}
	if _, text := onlyFile(t, dir); strings.Count(text, "\n") != 5_001 {
		t.Errorf("%d lines", strings.Count(text, "\n"))
	}
}

func TestQuittingDuringAnExportOfTheDialogThatFailsStays(t *testing.T) {
	st, dir := exporting(t, 50)
	st.press("tab", "tab", "tab", "ctrl+u")
	st.write("no/such/dir/x.csv")
	st.hold = true
	st.press("enter", "ctrl+c")
	st.wantIn(st.footer(), "finishing the export")
	st.release()
	if st.quit || strings.Contains(st.footer(), "finishing") {
		t.Errorf("quit %v, footer %q", st.quit, st.footer())
	}
	st.wantIn(st.screen(), "No such directory")
	if files, _ := os.ReadDir(dir); len(files) != 0 {
		t.Errorf("%s was made", files[0].Name())
	}
}

func TestTheCursorMovesInTheNameThatIsProposed(t *testing.T) {
	st, _ := exporting(t, 5)
	st.press("tab", "tab", "tab", "left", "left", "left", "left")
	st.write("X")
	st.wantIn(ansi.Strip(st.screen()), "X.csv")
}
