package versioning

import (
	"bufio"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// row is one recorded call of another implementation.
type row struct {
	ID           string   `json:"id"`
	API          string   `json:"api"`
	Input        string   `json:"input"`
	Format       string   `json:"format"`
	Mode         string   `json:"mode"`
	List         []any    `json:"list"`
	Ranges       []string `json:"ranges"`
	Versions     []any    `json:"versions"`
	Version      string   `json:"version"`
	Mask         string   `json:"mask"`
	Masks        []string `json:"masks"`
	Current      *string  `json:"current"`
	Currents     []any    `json:"currents"`
	A, B         string
	Numbers      []int    `json:"numbers"`
	Label        *string  `json:"label"`
	Labels       []string `json:"labels"`
	Metadata     *string  `json:"metadata"`
	Preserve     bool     `json:"preserve"`
	OctopusInput bool     `json:"octopusInput"`
	AllowZeros   bool     `json:"allowLeadingZeros"`
	AllowFloat   *bool    `json:"allowFloating"`
	Fails        bool     `json:"fails"`
	Output       any      `json:"output"`
}

// TestGolden compares every recorded row. What differs on purpose is named in deviations_test.go with the reason; an
// entry there for a row that agrees is an error.
func TestGolden(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	files := goldenFiles(t)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		agree, differ := 0, 0
		for _, r := range files[name] {
			seen[r.ID] = true
			if runRow(t, r) {
				agree++
			} else {
				differ++
			}
		}
		t.Logf("golden: area=versioning file=%s rows=%d agree=%d differ=%d", name, agree+differ, agree, differ)
	}
	for id := range deviations() {
		if !seen[id] {
			t.Errorf("deviation %s names no row", id)
		}
	}
}

func runRow(t *testing.T, r row) (agrees bool) {
	t.Helper()
	_, expected := deviations()[r.ID]
	check, ok := goldenChecks()[r.API]
	if !ok {
		if !expected {
			t.Errorf("%s: no check for %s", r.ID, r.API)
		}
		return false
	}
	got, err := check(r)
	diff := compareRow(r, got, err)
	switch {
	case expected && diff == "":
		t.Errorf("%s agrees; remove it from the deviations", r.ID)
	case !expected && diff != "":
		t.Errorf("%s %s %q %s: %s", r.ID, r.API, r.Input, r.Mask, diff)
	}
	return diff == ""
}

// compareRow compares those columns that the check gives.
func compareRow(r row, got any, err error) string {
	if r.Output == nil && !r.Fails && (got == nil || err != nil) {
		return "" // recorded as null: not valid, or nothing found
	}
	if err != nil || r.Fails {
		if (err != nil) != r.Fails {
			return "got error " + errText(err) + ", recorded " + string(mustJSON(r.Output))
		}
		return ""
	}
	got, want := plainJSON(got), r.Output
	if columns, ok := got.(map[string]any); ok {
		recorded, _ := want.(map[string]any)
		some := map[string]any{}
		for name := range columns {
			some[name] = recorded[name]
			if some[name] == nil && columns[name] == "" {
				some[name] = ""
			}
		}
		want = some
	}
	return cmp.Diff(want, got)
}

func errText(err error) string {
	if err == nil {
		return "none"
	}
	return err.Error()
}

func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

func plainJSON(v any) (out any) {
	if err := json.Unmarshal(mustJSON(v), &out); err != nil {
		panic(err)
	}
	return out
}

// goldenRows gives the rows of all files.
func goldenRows(t *testing.T) (rows []row) {
	t.Helper()
	files := goldenFiles(t)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		rows = append(rows, files[name]...)
	}
	return rows
}

func goldenFiles(t *testing.T) map[string][]row {
	t.Helper()
	names, err := filepath.Glob("testdata/golden/*.jsonl")
	if err != nil || len(names) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	files := map[string][]row{}
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 1<<22)
		for lines.Scan() {
			var r row
			if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			files[filepath.Base(name)] = append(files[filepath.Base(name)], r)
		}
		if err := lines.Err(); err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
	return files
}

// describe gives the columns of a parsed version.
func describe(v Version) map[string]any {
	p := v.Parts()
	out := map[string]any{
		"major": p.Major, "minor": p.Minor, "patch": p.Patch, "revision": p.Revision,
		"release": p.Release, "metadata": p.Metadata, "isPrerelease": v.IsPrerelease(),
		"toString": v.String(), "format": v.Format().String(),
	}
	switch v := v.(type) {
	case SemVer:
		out["releaseLabels"] = append([]string{}, p.Labels...)
		out["normalized"], out["isLegacy"], out["isSemVer2"] = v.Normalized(), v.IsLegacy(), v.IsSemVer2()
	case NuGet:
		delete(out, "format")
		out["releaseLabels"] = append([]string{}, p.Labels...)
		out["normalized"], out["isLegacy"], out["isSemVer2"] = v.Normalized(), v.IsLegacy(), v.IsSemVer2()
		out["full"], out["original"] = v.Full(), v.String()
		delete(out, "toString")
	case Maven:
		out["releaseLabels"] = append([]string{}, p.Labels...)
	case Octopus, Docker:
		out["prefix"], out["releasePrefix"], out["releaseCounter"] = p.Prefix, p.ReleasePrefix, p.ReleaseCounter
	}
	return out
}

func described[V Version](v V, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return describe(v), nil
}

func matrix(n int, sign func(i, j int) int) []string {
	out := make([]string, n)
	for i := range n {
		var b strings.Builder
		for j := range n {
			b.WriteByte("-0+"[1+max(-1, min(1, sign(i, j)))])
		}
		out[i] = b.String()
	}
	return out
}

func bits(rows, columns int, is func(i, j int) bool) []string {
	out := make([]string, rows)
	for i := range rows {
		for j := range columns {
			out[i] += map[bool]string{true: "1", false: "0"}[is(i, j)]
		}
	}
	return out
}

func texts(list []any) []string {
	out := make([]string, len(list))
	for i, x := range list {
		out[i], _ = x.(string)
	}
	return out
}

func parseAll[V any](list []string, parse func(string) (V, error)) ([]V, error) {
	out := make([]V, len(list))
	for i, text := range list {
		v, err := parse(text)
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}
