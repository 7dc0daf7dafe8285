package setup

import (
	"archive/zip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func writeZip(t *testing.T, path, entry string) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	w := zip.NewWriter(file)
	e, err := w.Create(entry)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Write([]byte("text")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestExtract(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	good, evil := filepath.Join(m.root, "Acme.1.0.0.zip"), filepath.Join(m.root, "Evil.1.0.0.zip")
	writeZip(t, good, "dir/file.txt")
	writeZip(t, evil, "../outside.txt")
	to := filepath.Join(m.root, "to")
	m.mustRun("extract", "--package", good, "--destination", to)
	if data, err := os.ReadFile(filepath.Join(to, "dir", "file.txt")); err != nil || string(data) != "text" {
		t.Errorf("%q, %v", data, err)
	}
	if code := m.run("extract", "--package", evil, "--destination", filepath.Join(to, "in")); code == 0 {
		t.Error("a package that leaves its directory was extracted")
	}
	if _, err := os.Stat(filepath.Join(to, "outside.txt")); err == nil {
		t.Error("a file was written outside")
	}
	for _, args := range [][]string{{"extract"}, {"extract", "--package", good}, {"extract", "--package", "none.zip", "--destination", to}} {
		if code := m.run(args...); code != ExitForeseen || !strings.Contains(m.stderr.String(), "package") && !strings.Contains(m.stderr.String(), "destination") {
			t.Errorf("%q: %d %s", args, code, m.stderr.String())
		}
	}
}
