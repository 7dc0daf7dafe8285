package settings

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestWritesWhatATentacleWrites reads every configuration file that a Tentacle wrote and writes it again.
func TestWritesWhatATentacleWrites(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../testdata/config/[0-9]*.config")
	if err != nil || len(files) < 20 {
		t.Fatalf("found %d files, %v", len(files), err)
	}
	for _, path := range files {
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		f, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		servers, err := f.TrustedServers()
		if err != nil {
			t.Fatal(err)
		}
		if _, has := f.Get(KeyTrustedServers); has {
			if err := f.SetTrustedServers(servers); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(string(want), string(f.Bytes())); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
}

func TestSaveKeepsUnknownKeysAndMode(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "new", "tentacle.config")
	f, created, err := Create(path)
	if err != nil || !created {
		t.Fatalf("created %v, %v", created, err)
	}
	f.Set("Later.Release.Key", "a <b> & \"c\"\r\nd")
	f.Set(KeyHome, "/home/é")
	if err := f.Save(); err != nil {
		t.Fatal(err)
	}
	again, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(f.values, again.values); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); len(left) != 0 {
		t.Errorf("temporary files stay: %q", left)
	}
}

func TestOpenErrors(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := Open(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
	for _, text := range []string{"{}", "<octopus-settings><set", "<other/>"} {
		path := filepath.Join(dir, "bad.config")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestTrustedServersReading(t *testing.T) {
	t.Parallel()
	address := "https://h:10943"
	tests := []struct {
		text  string
		polls []bool
	}{
		{``, nil},
		{`[]`, nil},
		{`[{"Thumbprint":"AB","CommunicationStyle":1,"Address":null}]`, []bool{false}},
		{`[{"Thumbprint":"AB","CommunicationStyle":2,"Address":"https://h:10943"}]`, []bool{true}},
		{`[{"Thumbprint":"AB","CommunicationStyle":"tentacleactive","Address":"https://h:10943"}]`, []bool{true}},
		{`[{"Thumbprint":"AB","CommunicationStyle":"TentacleActive","Address":null}]`, []bool{false}},
		{`[{"Thumbprint":"AB","CommunicationStyle":11,"Address":"https://h:10943","KubernetesTentacleCommunicationMode":1}]`, []bool{true}},
		{`[{"Thumbprint":"AB","CommunicationStyle":11,"Address":"https://h:10943","KubernetesTentacleCommunicationMode":0}]`, []bool{false}},
	}
	for _, tt := range tests {
		f := &File{values: map[string]string{KeyTrustedServers: tt.text}}
		list, err := f.TrustedServers()
		if err != nil {
			t.Errorf("%s: %v", tt.text, err)
		}
		var polls []bool
		for _, s := range list {
			polls = append(polls, s.Polls())
		}
		if diff := cmp.Diff(tt.polls, polls); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.text, diff)
		}
	}
	bad := &File{values: map[string]string{KeyTrustedServers: `{"x"`}}
	if _, err := bad.TrustedServers(); err == nil {
		t.Error("a damaged list was accepted")
	}
	slash := "HTTPS://H:10943/"
	if !SameAddress(&address, &slash) || SameAddress(&address, nil) || !SameAddress(nil, nil) {
		t.Error("SameAddress")
	}
}

func TestPort(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"": 10933, " 10940 ": 10940, "0": 0, "99999": 0, "x": 0} {
		f := &File{values: map[string]string{KeyPort: text}}
		got, err := f.Port()
		if got != want || (err == nil) != (want != 0) {
			t.Errorf("port %q: %d, %v", text, got, err)
		}
	}
}
