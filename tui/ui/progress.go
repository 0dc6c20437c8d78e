package ui

import (
	"charm.land/bubbles/v2/progress"
)

// Progress returns a bar of w columns for work that is percent done. The caller
// writes the number next to it.
func Progress(th *Theme, percent, w int) string {
	full, empty := '━', '─'
	if th.ASCII {
		full, empty = '=', '-'
	}
	bar := progress.New(progress.WithoutPercentage(), progress.WithWidth(max(w, 0)), progress.WithFillCharacters(full, empty),
		progress.WithColors(th.Style(Accent).GetForeground()))
	bar.EmptyColor = th.Style(Dim).GetForeground()
	return bar.ViewAs(float64(percent) / 100)
}
