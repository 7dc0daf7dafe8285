package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTable(t *testing.T) {
	t.Parallel()
	files, err := parse(`=== RUN   TestGolden
    golden_test.go:9: golden: area=b file=x.jsonl rows=3 agree=2 differ=1
    golden_test.go:9: golden: area=a file=culture.jsonl rows=0 agree=0 differ=0 leftout=145 why=culture
    golden_test.go:9: golden: area=b file=x.jsonl rows=1 agree=1 differ=0 leftout=4
--- PASS: TestGolden (0.00s)
`)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := render(&b, files); err != nil {
		t.Fatal(err)
	}
	want := []string{"area file rows agree differ", "a culture.jsonl 0 0 0", "b x.jsonl 4 3 1", "all 2 files 4 3 1",
		"", "149 more rows are left out: 145 of cultures, 0 with lone surrogates, 4 that need Windows."}
	var got []string
	for line := range strings.SplitSeq(strings.TrimSuffix(b.String(), "\n"), "\n") {
		got = append(got, strings.Join(strings.Fields(line), " "))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
	for _, wrong := range []string{"area=a rows=1 agree=1 differ=0", "area=a file=f rows=2 agree=1 differ=0", "area=a file=f rows=x", "area=a file=f size=1"} {
		if _, err := parse("x_test.go:1: golden: " + wrong + "\n"); err == nil {
			t.Errorf("%s was read", wrong)
		}
	}
}

func TestFailuresAreShown(t *testing.T) {
	t.Parallel()
	got := failures("=== RUN   TestGolden\n--- FAIL: TestGolden (0.00s)\n    x_test.go:1: row-1 differs\n=== RUN   TestGoldenOther\n--- PASS: TestGoldenOther (0.00s)\nFAIL\n")
	if want := "--- FAIL: TestGolden (0.00s)\n    x_test.go:1: row-1 differs\nFAIL\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestPackagesAreFound(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for name, text := range map[string]string{
		"a/a_test.go": "package a\n\nfunc TestGoldenRows(t *testing.T) {}\n", "b/b_test.go": "package b\n\nfunc TestOther(t *testing.T) {}\n",
		"e/e_test.go":      "package e\n\nfunc TestOther(t *testing.T) {\n}\n\nfunc TestRecorded(t *testing.T) {\n\tt.Logf(\"golden: area=a\")\n}\n",
		".tools/c_test.go": "package c\n\nfunc TestGolden(t *testing.T) {}\n", "a/testdata/d_test.go": "package d\n\nfunc TestGolden(t *testing.T) {}\n",
	} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, tests, err := withRows(root)
	if err != nil || len(got) != 2 || !strings.HasSuffix(got[0], "/a") || !strings.HasSuffix(got[1], "/e") {
		t.Errorf("found %q, %v", got, err)
	}
	if diff := cmp.Diff([]string{"TestGoldenRows", "TestRecorded"}, tests); diff != "" {
		t.Errorf("tests (-want +got):\n%s", diff)
	}
}
