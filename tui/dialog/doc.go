// Package dialog is the windows over a screen: [Nodes], [Flags], [Range],
// [Columns], [Export], [Conversation], [Yank] (what to copy), [Palette] and
// [Help]. Package form has the advanced search, the largest of them.
//
// Each is a [ui.Window]. It is made with all it needs (NewNodes, NewFlags, …),
// gets keys and updates as messages, and answers with the choice as a message
// ([NodesChosenMsg], [TermChosenMsg], …) or with [ui.ClosedMsg]. Some take updates:
// Nodes the current sums of the nodes ([NodesCountedMsg]) and the time, Palette the
// saved searches ([session.SearchesReadMsg]), Export the progress of its file
// ([export.BegunMsg], [export.FinishedMsg]).
//
// Nodes lists a [node.Inventory] and Conversation draws a [conversation.Trail];
// the line mode tells the same data in sentences.
//
// No window does IO, knows the screen below it, or does what was chosen in it.
package dialog
