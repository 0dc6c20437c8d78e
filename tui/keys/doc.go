// Package keys is the commands of the screen and their key bindings.
//
// A key stands for a [Command], whose name is used by configuration files, the palette
// and the line mode. A [Map] has the keys of every command, including configured ones
// ([Map.Rebind]). Help, README and the collision test are generated from it. The
// screens implement the commands; the [Help] of a screen says what they do there.
package keys
