// Package dialog is the windows over a screen: [Nodes], [Flags], [Range],
// [Columns], [Export], [Conversation], [Yank] (what to copy), [Palette] and
// [Help]. Package form has the advanced search, the largest of them.
//
// Each is a [ui.Window]. It is made with all it needs (NewNodes, NewFlags, …),
// gets keys and news as messages, and answers with what the reader chose as a
// message of its own ([NodesChosenMsg], [TermChosenMsg], …) or with
// [ui.ClosedMsg]. Some take news besides: Nodes what nodes have reported since
// ([NodesCountedMsg]), Palette the saved searches ([SearchesReadMsg]), Export
// how its file is coming along ([ExportBegunMsg], [ExportFinishedMsg]).
//
// What two of them show is data first, for a screen that is read and not drawn:
// [Inventory] lists nodes and groups, [Trail] says how a conversation went.
//
// No window does IO, knows the screen below it, or does what was chosen in it.
package dialog
