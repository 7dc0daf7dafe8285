//go:build !linux

package script

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// limitCommands need Linux; scripts ask for it with [linux].
func limitCommands() map[string]func(*testscript.TestScript, bool, []string) { return nil }

func mayMount(*testing.T) bool { return false }
