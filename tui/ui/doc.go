// Package ui has the building blocks of the views: text roles and themes, a pen,
// boxes, lines of keys, numbers and times in few columns.
//
// A view says which [Role] a text has, never which colour; a [Theme] says what a
// role looks like on a [Terminal], as a lipgloss style. [Pen] writes a frame into one
// buffer that the next frame uses again. [Box] draws a window, [Overlay] lays it over a
// frame. [KeyHints], [KeyLine] and [KeyTable] explain keys, [Progress] is a bar for
// long work; bubbles draws both.
//
// A [Window] lies over a screen and answers with messages. [List] is the cursor
// of everything that is listed, [Scroll] the view of texts without one.
//
// The package knows no flows and no store. What it draws must be safe for a
// terminal already: see [Safe].
package ui
