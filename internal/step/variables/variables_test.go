package variables

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/fault"
)

func TestEncodeIsReadBack(t *testing.T) {
	t.Parallel()
	want := []Variable{New("A", "<b> & 'c' \u2028"), {Name: "None"}, {Name: "S", Value: New("", "x").Value, Sensitive: true}}
	text, err := Encode(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode(text)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
}

func TestErrorsNameTheFileAndTheWayOut(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "Variables.json")
	secret, err := Encrypt([]byte("[]"), "right")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, secret, 0o600); err != nil {
		t.Fatal(err)
	}
	for password, want := range map[string]string{"": "give its password", "wrong": "password does not open"} {
		_, err := Load([]File{{Path: path, Password: password}}, nil)
		if !fault.Is(err, fault.KindInvalid) || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), want) {
			t.Errorf("password %q: %v", password, err)
		}
	}
}

func TestEnvironmentIsVariables(t *testing.T) {
	t.Parallel()
	s, err := Load(nil, []string{"TentacleInstanceName=Blue", "=C:=x", "EMPTY="})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.Text("Octopus.Tentacle.Agent.InstanceName"); got != "Blue" || err != nil {
		t.Errorf("instance %q (%v)", got, err)
	}
	if !s.Has("env:EMPTY") || s.Len() != 3 {
		t.Errorf("variables: %q", s.Names())
	}
}

func TestEvaluatedSurvivesSelfReference(t *testing.T) {
	t.Parallel()
	s := NewSet()
	s.Add(New("Loop", "#{Loop}"), New("Good", "#{Part}!"), New("Part", "a"), Variable{Name: "None"})
	all, failed := s.Evaluated()
	if len(failed) != 1 || !strings.HasPrefix(failed[0], "Loop: ") {
		t.Errorf("failed: %q", failed)
	}
	want := []Variable{New("Loop", "#{Loop}"), New("Good", "a!"), New("Part", "a"), {Name: "None"}}
	if diff := cmp.Diff(want, all); diff != "" {
		t.Errorf("evaluated (-want +got):\n%s", diff)
	}
	if _, err := s.Text("Loop"); !fault.Is(err, fault.KindInvalid) || !strings.Contains(err.Error(), `"Loop"`) {
		t.Errorf("asked for by name: %v", err)
	}
}

func TestAdditionalVariables(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	more, main := filepath.Join(dir, "more.json"), filepath.Join(dir, "main.json")
	if err := os.WriteFile(more, []byte(`{"A": "of this machine", "B": 2}`), 0o600); err != nil {
		t.Fatal(err)
	}
	text, err := Encode([]Variable{New("A", "of the server"), New("AdditionalVariablesPath", "#{Dir}/more.json"), New("Dir", dir)})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(main, text, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Load([]File{{Path: main}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	a, errA := s.Text("A")
	b, errB := s.Text("B")
	if a != "of this machine" || b != "2" || errA != nil || errB != nil {
		t.Errorf("A is %q (%v), B is %q (%v)", a, errA, b, errB)
	}
	if err := os.Remove(more); err != nil {
		t.Fatal(err)
	}
	if _, err := Load([]File{{Path: main}}, nil); !fault.Is(err, fault.KindInvalid) || !strings.Contains(err.Error(), more) {
		t.Errorf("without the file: %v", err)
	}
}
