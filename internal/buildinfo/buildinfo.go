// Package buildinfo says which release of Mantle a program is. The build sets it; every package may ask.
package buildinfo

import "runtime"

// version is set by the linker (-X, see the Makefile) and never by code.
var version = "0.0.0-dev"

// Version returns the release, a semantic version: "0.0.0-dev" for a program that was built without the Makefile.
func Version() string { return version }

// Platform returns the system and the processor, such as "linux/amd64".
func Platform() string { return runtime.GOOS + "/" + runtime.GOARCH }
