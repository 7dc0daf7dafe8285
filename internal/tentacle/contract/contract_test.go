package contract

import (
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRecordedTypes compares with the names and the order of fields that real peers wrote.
func TestRecordedTypes(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/types.json")
	if err != nil {
		t.Fatal(err)
	}
	var recorded map[string][]string
	if err := json.Unmarshal(raw, &recorded); err != nil {
		t.Fatal(err)
	}
	// These two stand inside others only, without a type's name.
	inner := map[string]any{"ProcessOutput": ProcessOutput{}, "ScriptFile": ScriptFile{}}
	for name, want := range recorded {
		value, ok := inner[name]
		for _, known := range types() {
			if known.Name == name || slices.Contains(known.Aliases, name) {
				value, ok = known.Value, true
			}
		}
		if !ok {
			t.Errorf("%s is not known", name)
			continue
		}
		if diff := cmp.Diff(want, fieldNames(value)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if len(recorded) < 15 {
		t.Errorf("only %d types are recorded", len(recorded))
	}
}

func fieldNames(value any) []string {
	var names []string
	for f := range reflect.TypeOf(value).NumField() {
		names = append(names, reflect.TypeOf(value).Field(f).Name)
	}
	return names
}

func TestRegistryIsWhole(t *testing.T) {
	t.Parallel()
	if _, err := Registry(); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, known := range types() {
		for _, name := range append([]string{known.Name}, known.Aliases...) {
			if seen[name] {
				t.Errorf("%s is there twice", name)
			}
			seen[name] = true
		}
	}
}

func TestEnumsHaveNames(t *testing.T) {
	t.Parallel()
	var state ProcessState
	var level IsolationLevel
	var kind ScriptType
	var source OutputSource
	for text, set := range map[string]func([]byte) error{"complete": state.UnmarshalText, "FullIsolation": level.UnmarshalText, "Bash": kind.UnmarshalText, "STDERR": source.UnmarshalText} {
		if err := set([]byte(text)); err != nil {
			t.Error(err)
		}
		if err := set([]byte("none of them")); err == nil {
			t.Errorf("a wrong name was taken for %s", text)
		}
	}
	if state != Complete || level != FullIsolation || kind != Bash || source != StdErr {
		t.Errorf("got %v %v %v %v", state, level, kind, source)
	}
	for kind, want := range map[ScriptType]string{Bash: "Bash", PowerShell: "PowerShell"} {
		if got, err := kind.MarshalText(); err != nil || string(got) != want {
			t.Errorf("%d is %q %v", kind, got, err)
		}
	}
}

func TestExitCodes(t *testing.T) {
	t.Parallel()
	recorded := map[string]int{"RunningExitCode": 0, "FatalExitCode": -41, "PowershellInvocationErrorExitCode": -42, "CanceledExitCode": -43, "TimeoutExitCode": -44,
		"UnknownScriptExitCode": -45, "UnknownResultExitCode": -46, "PowerShellNeverStartedExitCode": -47, "KubernetesScriptPodNotFound": -81}
	ours := map[string]int{"RunningExitCode": ExitRunning, "FatalExitCode": ExitFatal, "PowershellInvocationErrorExitCode": ExitNoShell, "CanceledExitCode": ExitCancelled, "TimeoutExitCode": ExitTimeout,
		"UnknownScriptExitCode": ExitUnknownScript, "UnknownResultExitCode": ExitUnknownResult, "PowerShellNeverStartedExitCode": ExitPowerShellNeverStarted, "KubernetesScriptPodNotFound": ExitPodNotFound}
	if diff := cmp.Diff(recorded, ours); diff != "" {
		t.Error(diff)
	}
}
