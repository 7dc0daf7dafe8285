package orchestrator_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/executor"
	"github.com/mantledeploy/mantle/internal/process"
	"github.com/mantledeploy/mantle/internal/step/journal"
	"github.com/mantledeploy/mantle/internal/store/storetest"
	"github.com/mantledeploy/mantle/internal/task"
	"github.com/mantledeploy/mantle/versioning"
)

// zipped has every version of every package, with one file.
type zipped struct{}

func (zipped) Open(_ context.Context, w executor.Wish) (executor.Package, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	f, err := z.Create("hello.txt")
	if err == nil {
		_, err = io.WriteString(f, w.PackageID+" "+w.Version)
	}
	if err == nil {
		err = z.Close()
	}
	sum := sha1.Sum(b.Bytes())
	return executor.Package{
		ID: w.PackageID, Version: w.Version, Extension: ".zip", SHA1: hex.EncodeToString(sum[:]), Format: versioning.FormatSemver, Size: int64(b.Len()),
		Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b.Bytes())), nil },
	}, err
}

func installing(number int, name, version string) process.PlannedStep {
	s := on(bash(number, name, ""), "Machines-1")
	s.Actions[0].Type = process.PackageAction
	s.Actions[0].Packages = []process.PlannedPackage{{PackageID: name, Version: version, FeedID: "feeds-builtin", AcquisitionLocation: "Server"}}
	return s
}

// A deployment that succeeds removes what its target keeps no longer, with the journal's entries; one that fails removes nothing. Real scripts, a real journal.
func TestTargetsAreCleaned(t *testing.T) {
	t.Parallel()
	plan := &process.Plan{
		Run: process.RunOf{EnvironmentID: "Environments-1", ProjectID: "Projects-1"}, Cleaning: &process.Cleaning{Releases: 1},
		Machines: map[string]process.PlannedMachine{"Machines-1": {Name: "web01"}}, System: map[string]string{"Octopus.Environment.Name": "Dev"},
	}
	h := newHouse(t, storetest.SQLite(t), plan)
	h.packages = zipped{}
	h.start(t)
	home := filepath.Join(h.home, "Machines-1")
	plan.System["Octopus.Tentacle.Agent.ApplicationDirectoryPath"] = filepath.Join(home, "Applications")
	for _, row := range []struct {
		version, then string
		want          task.State
		left          string
	}{
		{"1.0.0", "", task.Success, "1.0.0"},
		{"2.0.0", "", task.Success, "1.0.0 2.0.0"},
		{"3.0.0", "exit 1", task.Failed, "1.0.0 2.0.0 3.0.0"},
		{"4.0.0", "", task.Success, "3.0.0 4.0.0"},
	} {
		plan.Steps = []process.PlannedStep{installing(1, "Web", row.version), installing(2, "Api", row.version), bash(3, "Then", "echo then; "+row.then)}
		id := h.enqueue(t)
		h.await(t, id, row.want)
		for _, name := range []string{"Web", "Api"} {
			dirs, err := filepath.Glob(filepath.Join(home, "Applications", "*", name, "*"))
			if err != nil {
				t.Fatal(err)
			}
			for i, d := range dirs {
				dirs[i] = filepath.Base(d)
				if _, err := os.Stat(filepath.Join(d, "hello.txt")); err != nil {
					t.Error(err)
				}
			}
			var entries []string
			all, err := journal.Journal{Path: filepath.Join(home, "DeploymentJournal.xml")}.Entries()
			for _, e := range all {
				if e.RetentionSet == "Environments-1/Projects-1/Step-"+name+"/<default>" {
					entries = append(entries, e.Packages[0].Version)
				}
			}
			if diff := cmp.Diff([]string{row.left, row.left}, []string{strings.Join(dirs, " "), strings.Join(entries, " ")}); err != nil || diff != "" {
				t.Errorf("%s after %s: directories and journal (-want +got):\n%s%v\n%s", name, row.version, diff, err, h.raw(t, id))
			}
		}
		want := map[task.State]string{task.Success: "Success", task.Failed: "Skipped"}[row.want]
		if got := h.statuses(t, id)["Step 4: Apply the retention policy on targets"]; got != want {
			t.Errorf("after %s the cleaning ended as %q, want %q", row.version, got, want)
		}
	}
}
