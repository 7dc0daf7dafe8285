package versioning

import (
	"bytes"
	"slices"
	"testing"
)

// TestSortKeyOrder holds the keys against the recorded matrices. Of Maven's versions those are left
// out that make its order cyclic.
func TestSortKeyOrder(t *testing.T) {
	t.Parallel()
	checked := 0
	for _, r := range goldenRows(t) {
		list := keyedVersions(t, r)
		for i, a := range list {
			for j, b := range list {
				if cyclic(a) || cyclic(b) {
					continue
				}
				checked++
				want := r.Output.([]any)[i].(string)[j]
				if got := "-0+"[1+bytes.Compare(a.SortKey(), b.SortKey())]; got != want {
					t.Errorf("%s: key of %q against key of %q: %c, recorded %c", r.ID, a, b, got, want)
				}
			}
		}
	}
	if checked < 50000 {
		t.Errorf("only %d pairs were compared", checked)
	}
}

// TestSortKeyCycles holds what the key promises instead for Maven's cyclic versions: a place that
// sorting cannot move.
func TestSortKeyCycles(t *testing.T) {
	t.Parallel()
	for _, r := range goldenRows(t) {
		if r.ID != "maven-compare-0001" {
			continue
		}
		list := keyedVersions(t, r)
		sorted := func(l []Version) []Version {
			return slices.SortedStableFunc(slices.Values(l), func(a, b Version) int { return bytes.Compare(a.SortKey(), b.SortKey()) })
		}
		once := sorted(list)
		slices.Reverse(list)
		for i, v := range sorted(list) {
			if !bytes.Equal(v.SortKey(), once[i].SortKey()) {
				t.Errorf("place %d: %q and %q", i, v, once[i])
			}
		}
		return
	}
	t.Error("row maven-compare-0001 is missing")
}

// keyedVersions gives the versions of a row that is a matrix of Compare.
func keyedVersions(t *testing.T, r row) []Version {
	t.Helper()
	parse := map[string]func(string) (Version, error){
		"version.matrix": func(s string) (Version, error) {
			f, err := ParseFormat(r.Format)
			if err != nil {
				return nil, err
			}
			return Parse(f, s)
		},
		"semver.matrix": func(s string) (Version, error) { return boxed(ParseSemVer(s)) },
		"nuget.matrix":  func(s string) (Version, error) { return boxed(ParseNuGet(s)) },
	}[r.API]
	if parse == nil || r.Mode != "" && r.Mode != "Default" {
		return nil
	}
	list, err := parseAll(texts(r.List), parse)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// cyclic tells of a Maven version whether something that equals nothing stands inside it.
func cyclic(v Version) bool {
	m, ok := v.(Maven)
	return ok && cyclicList(m.items)
}

func cyclicList(l mavenList) bool {
	for i, it := range l {
		last := i == len(l)-1
		if it.null() && (last || it.kind != mavenNumber || l[i+1].kind != mavenNumber) {
			return true
		}
		if it.kind == mavenSublist && (it.list[0].compareToNothing() <= 0 || cyclicList(it.list)) {
			return true
		}
	}
	return false
}
