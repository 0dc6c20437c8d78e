package ui

// ClickMsg is a click of the left button on a view, in columns and lines from its
// upper left corner.
type ClickMsg struct{ X, Y int }

// DragMsg is the mouse moving with the left button held, to a column of the view.
type DragMsg struct{ X int }

// WheelMsg is the wheel turned: rows down, or up if negative.
type WheelMsg struct{ Rows int }

// WheelRows is how far one notch of the wheel goes.
const WheelRows = 3
