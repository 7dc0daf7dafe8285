package xdt

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/step/steptest"
)

// patternRow is a recorded search: which transforms would be done, by their files.
type patternRow struct {
	ID    string            `json:"id"`
	Note  string            `json:"note"`
	Files []json.RawMessage `json:"files"`
	Vars  [][2]*string      `json:"vars"`
	Pairs [][2]string       `json:"pairs"`
	Error *struct{}         `json:"error"`
	Log   [][2]string       `json:"log"`
}

func (r patternRow) differ(t *testing.T) string {
	dir := t.TempDir()
	for _, raw := range r.Files {
		var name string
		if err := json.Unmarshal(raw, &name); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("<a/>"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pairs, idle, err := Find(filepath.Join(dir, "app"), setOf(r.Vars, dir))
	if (err != nil) != (r.Error != nil) {
		return "an error: " + cmp.Diff(r.Error != nil, err != nil)
	}
	if err != nil {
		return ""
	}
	got := [][2]string{}
	for _, p := range pairs {
		got = append(got, [2]string{strings.TrimPrefix(p.Transform, dir+"/"), strings.TrimPrefix(p.Config, dir+"/")})
	}
	// Within one wildcard, the order is not said; the rows have it as it happened to be.
	byTarget := func(a, b [2]string) int { return strings.Compare(a[1], b[1]) }
	slices.SortStableFunc(got, byTarget)
	want := slices.Clone(r.Pairs)
	slices.SortStableFunc(want, byTarget)
	if diff := cmp.Diff(want, got); diff != "" && !(wildcard(r) && cmp.Equal(sorted(want), sorted(got))) {
		return "pairs (-want +got):\n" + diff
	}
	for _, u := range idle {
		if !slices.ContainsFunc(r.Log, func(l [2]string) bool {
			return strings.Contains(l[1], `"`+strings.ReplaceAll(u.text, dir, "<dir>")+`"`)
		}) {
			return "not done, but not recorded as such: " + u.text
		}
	}
	return ""
}

func wildcard(r patternRow) bool {
	for _, v := range r.Vars {
		if *v[0] == Additional && v[1] != nil && strings.Contains(strings.Split(*v[1], "=>")[0], "*") {
			return true
		}
	}
	return false
}

func sorted(pairs [][2]string) []string {
	var all []string
	for _, p := range pairs {
		all = append(all, p[1]+"\x00"+p[0])
	}
	slices.Sort(all)
	return all
}

func TestGoldenPatterns(t *testing.T) {
	t.Parallel()
	const file = "testdata/transform-patterns.jsonl"
	tally := steptest.NewTally(t, "configuration", file, nil)
	for _, r := range steptest.Rows[patternRow](t, file) {
		tally.Row(t, r.ID, r.differ(t))
	}
}
