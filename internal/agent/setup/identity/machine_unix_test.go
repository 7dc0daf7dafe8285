//go:build unix

package identity

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestKeyBesideMovesWithTheConfiguration(t *testing.T) {
	t.Parallel()
	first, second := t.TempDir(), t.TempDir()
	config := filepath.Join(first, "home", "tentacle.config")
	if err := KeyBeside(config); err != nil {
		t.Fatal(err)
	}
	key, err := Machine(filepath.Join(first, "etc"), config)
	if err != nil {
		t.Fatal(err)
	}
	text, err := key.Protect([]byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(first, "home"), filepath.Join(second, "home")); err != nil {
		t.Fatal(err)
	}
	moved, err := Machine(filepath.Join(second, "etc"), filepath.Join(second, "home", "tentacle.config"))
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := moved.Unprotect(text); err != nil || string(plain) != "secret" {
		t.Errorf("after the move: %q, %v", plain, err)
	}
}

// TestKeyBesideLeavesATentaclesConfigurationAlone: its secrets are encrypted with the machine's own key.
func TestKeyBesideLeavesATentaclesConfigurationAlone(t *testing.T) {
	t.Parallel()
	config := filepath.Join(t.TempDir(), "tentacle.config")
	if err := os.WriteFile(config, []byte("<octopus-settings/>"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := KeyBeside(config); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(keyFileBeside(config)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a key file was made: %v", err)
	}
}
