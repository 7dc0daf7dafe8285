package journal

import (
	"errors"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/step/steptest"
)

type retentionRow struct {
	ID          string    `json:"id"`
	Journal     *string   `json:"journal"`
	Days        *int      `json:"days"`
	Releases    *int      `json:"releases"`
	Set         string    `json:"set"`
	Dirs        []string  `json:"dirs"`
	Now         string    `json:"now"`
	DirsLeft    []string  `json:"dirs_left"`
	EntriesLeft []*string `json:"entries_left"`
	Error       *struct{} `json:"error"`
}

// different are the rows in which ours keeps more, or tidies better, than the original.
var different = map[string]struct {
	why           string
	dirs, entries []string
}{
	"ret-054": {"a directory that an entry of another set has stays", []string{"x", "y", "z"}, []string{"o", "b", "c"}},
	"ret-077": {"an entry without an ID goes with its directory", []string{"b", "c"}, []string{"b", "c"}},
	"ret-078": {"of two entries with one ID only the expired one goes", []string{"b", "c"}, []string{"a", "c"}},
}

func number(n *int) int {
	if n == nil {
		return 0
	}
	return *n
}

func TestGoldenRetention(t *testing.T) {
	t.Parallel()
	const file = "testdata/retention.jsonl.gz"
	reasons := map[string]string{}
	for id, d := range different {
		reasons[id] = d.why
	}
	tally := steptest.NewTally(t, "calamari", file, reasons)
	for _, row := range steptest.Rows[retentionRow](t, file) {
		t.Run(row.ID, func(t *testing.T) {
			t.Parallel()
			row.check(t, tally)
		})
	}
}

func (row retentionRow) check(t *testing.T, tally *steptest.Tally) {
	dir := t.TempDir()
	for _, d := range row.Dirs {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	store := t.TempDir()
	j := Journal{filepath.Join(store, "DeploymentJournal.xml")}
	if row.Journal != nil {
		if err := os.WriteFile(j.Path, []byte(strings.ReplaceAll(*row.Journal, "<dir>", dir)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	now, err := time.Parse("2006-01-02 15:04:05", row.Now)
	if err != nil {
		t.Fatal(err)
	}
	err = j.Apply(t.Context(), Policy{Set: row.Set, Days: number(row.Days), Releases: number(row.Releases)}, now, t.Logf)
	wantDirs, wantEntries := row.DirsLeft, []string{}
	for _, id := range row.EntriesLeft {
		if id == nil {
			id = new("")
		}
		wantEntries = append(wantEntries, *id)
	}
	dirs, ids := []string{}, []string{}
	for _, d := range row.Dirs {
		if _, err := os.Stat(filepath.Join(dir, d)); err == nil {
			dirs = append(dirs, d)
		}
	}
	sort.Strings(dirs)
	if err != nil || row.Error != nil {
		tally.Row(t, row.ID, cmp.Diff(row.Error != nil, err != nil)+cmp.Diff(wantDirs, dirs))
		return
	}
	entries, err := j.Entries()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		ids = append(ids, e.ID)
	}
	tally.Row(t, row.ID, cmp.Diff(wantDirs, dirs)+cmp.Diff(wantEntries, ids))
	if d, ok := different[row.ID]; ok {
		if diff := cmp.Diff(d.dirs, dirs) + cmp.Diff(d.entries, ids); diff != "" {
			t.Errorf("left (-want +got):\n%s", diff)
		}
	}
}

func TestJournalKeepsWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	j := Journal{filepath.Join(t.TempDir(), "j.xml")}
	old := `<?xml version="1.0" encoding="utf-8"?><Deployments><Other a="1"/><Deployment Id="x" New="yes"><Package PackageId="P" PackageVersion="1"/><Extra>é &amp; ü</Extra></Deployment></Deployments>`
	if err := os.WriteFile(j.Path, []byte(old), 0o600); err != nil {
		t.Fatal(err)
	}
	want := Entry{
		Environment: "Environments-1", InstalledOn: "2024-01-02 03:04:05", RetentionSet: `a/<b> & "c"`, ExtractedTo: "/x/y", Successful: "True",
		Packages: []Package{{"Acme.Web", "1.0.0", "/files/p.zip"}},
	}
	if err := j.Add(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(j.Path)
	if err != nil {
		t.Fatal(err)
	}
	for _, kept := range []string{`<Other a="1"/>`, `New="yes"`, `<Extra>é &amp; ü</Extra>`} {
		if !strings.Contains(string(text), kept) {
			t.Errorf("%s is gone from %s", kept, text)
		}
	}
	got, found, err := j.Latest(want.RetentionSet, func(e Entry) bool { return e.Packages[0].Version == "1.0.0" })
	if err != nil || !found || got.ID == "" {
		t.Fatalf("found %t, ID %q, %v", found, got.ID, err)
	}
	got.ID, got.raw = "", nil
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(Entry{})); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
}

func TestConcurrentAddsAreAllKept(t *testing.T) {
	t.Parallel()
	j := Journal{filepath.Join(t.TempDir(), "new", "j.xml")}
	const n = 20
	errs := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { errs[i] = j.Add(t.Context(), Entry{RetentionSet: "s"}) })
	}
	all.Wait()
	entries, err := j.Entries()
	if err := errors.Join(append(errs, err)...); err != nil || len(entries) != n {
		t.Errorf("%d of %d entries, %v", len(entries), n, err)
	}
}

func TestRetentionKeepsNestedDirectories(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	inner := filepath.Join(dir, "a", "b")
	if err := os.MkdirAll(inner, 0o755); err != nil {
		t.Fatal(err)
	}
	j := Journal{filepath.Join(t.TempDir(), "j.xml")}
	for _, e := range []Entry{
		{InstalledOn: "2024-01-01 00:00:00", ExtractedTo: filepath.Dir(inner)}, {InstalledOn: "2024-01-02 00:00:00", ExtractedTo: inner},
		{InstalledOn: "2024-01-03 00:00:00"}, {InstalledOn: "2023-01-01 00:00:00", ExtractedTo: "/"},
	} {
		e.RetentionSet = "s"
		if err := j.Add(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Apply(t.Context(), Policy{Set: "s", Releases: 1}, time.Now(), t.Logf); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(inner); err != nil {
		t.Errorf("the directory of a kept deployment is gone: %v", err)
	}
}

func TestLockGivesUp(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	unlock, err := lock(t.Context(), path, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lock(t.Context(), path, 60*time.Millisecond); !fault.Is(err, fault.KindUnavailable) || !strings.Contains(err.Error(), path) {
		t.Errorf("a second lock: %v", err)
	}
	unlock()
	if _, err := lock(t.Context(), path, time.Second); err != nil {
		t.Errorf("after the first is gone: %v", err)
	}
}

// What is installed now, and what was before it, stay however old they are, where that is asked for.
func TestOldOnesThatStay(t *testing.T) {
	t.Parallel()
	var entries []Entry
	for i, successful := range []string{"True", "True", "False", "True", "False"} {
		installed := time.Date(2020, 1, i+1, 0, 0, 0, 0, time.UTC).Format("2006-01-02 15:04:05")
		e := Entry{ID: string(rune('a' + i)), RetentionSet: "s", InstalledOn: installed, Successful: successful}
		e.raw = []byte(e.ID)
		entries = append(entries, e)
	}
	for atLeast, want := range map[int]string{0: "edcba", 1: "ecba", 2: "eca", 3: "ec"} {
		got := ""
		expired, err := Policy{Set: "s", Days: 3, AtLeast: atLeast}.Expired(entries, time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC))
		for _, e := range expired {
			got += e.ID
		}
		if err != nil || got != want {
			t.Errorf("at least %d: %q expired, want %q (%v)", atLeast, got, want, err)
		}
	}
}
