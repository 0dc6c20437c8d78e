// Package config reads the user's configuration file and saves choices made on
// the screen.
//
// Both are TOML files with the same settings, [File]. The configuration file is
// edited by the user and never written; [Load] reports errors with line numbers.
// [Save] writes choices made on the screen to a separate file in the state
// directory, and [File.Over] applies them on top of the configuration.
//
// The package does not interpret key bindings: the screen validates them and uses
// [File.Line] to report errors.
package config
