// Package config reads the reader's configuration file and keeps what was
// chosen on the screen.
//
// Both are TOML of one form, [File]. The configuration is written by hand and
// only ever read; [Load] says in which line it is wrong and what would be
// right. What is chosen on the screen goes to a file of its own in the state
// directory by [Save], and [File.Over] lays that over the configuration.
//
// What a key may be called is the screen's business: the package hands the
// table of keys on as it stands, and [File.Line] finds the line to blame.
package config
