// Package keys is the keys of the screen and what they mean.
//
// A key stands for a [Command]; the name of a command is what configuration files,
// the palette and the line mode use. A [Map] has the keys of every command, also
// those of the reader's own ([Map.Rebind]). Help, README and the collision test are
// made of it. What a command does is the screen's business, and each screen says
// in its [Help] what a command does there.
package keys
