// Command golden runs every recorded row of the module's golden files, as the tests do, and prints how many agree.
//
// A test whose name starts with TestGolden, or whose text has the words, logs a line for each file of rows:
//
//	golden: area=octodiff file=delta.jsonl rows=56 agree=56 differ=0
//
// Rows that cannot be held against this implementation are not among the rows: leftout=8 counts them, and why=… says
// what they need (culture, surrogates, windows; windows where it is missing). Without arguments all packages with such
// tests are run; arguments name packages instead.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

func main() {
	if err := run(os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "golden:", err)
		os.Exit(1)
	}
}

func run(w io.Writer, packages []string) error {
	found, tests, err := withRows(".")
	if err != nil {
		return err
	}
	if len(packages) == 0 {
		packages = found
	}
	if len(packages) == 0 {
		return errors.New("no package has a test whose name starts with TestGolden")
	}
	args := append([]string{"test", "-count=1", "-v", "-run", "^(" + strings.Join(tests, "|") + ")$"}, packages...)
	c := exec.Command("go", args...)
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, os.Stderr
	failed := c.Run()
	files, err := parse(out.String())
	if err != nil {
		return err
	}
	if err := render(w, files); err != nil {
		return err
	}
	if failed != nil {
		fmt.Fprint(w, "\n", failures(out.String()))
		return fmt.Errorf("go %s: %w", strings.Join(args, " "), failed)
	}
	return nil
}

// withRows finds the packages that have such tests, and the tests.
func withRows(root string) (packages, tests []string, err error) {
	found, named := map[string]bool{}, map[string]bool{}
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := d.Name(); d.IsDir() && path != root && (strings.HasPrefix(name, ".") || name == "node_modules" || name == "testdata") {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		for _, test := range testsWithRows(string(text)) {
			named[test] = true
			found["./"+filepath.ToSlash(filepath.Dir(path))] = true
		}
		return err
	})
	return slices.Sorted(maps.Keys(found)), slices.Sorted(maps.Keys(named)), err
}

// testsWithRows gives the names of such tests in a file.
func testsWithRows(text string) (names []string) {
	for _, part := range strings.Split(text, "\nfunc ")[1:] {
		body, _, _ := strings.Cut(part, "\n}\n")
		name, _, isFunction := strings.Cut(body, "(")
		if isFunction && strings.HasPrefix(name, "Test") && (strings.HasPrefix(name, "TestGolden") || strings.Contains(body, "\"golden: area=")) {
			names = append(names, name)
		}
	}
	return names
}

var failed = regexp.MustCompile(`(?m)^\s*(--- FAIL|FAIL|panic:).*(\n {4,}.*)*`) //nolint:gochecknoglobals // a compiled constant

// failures cuts what the failing tests said out of the output.
func failures(out string) string {
	return strings.Join(failed.FindAllString(out, -1), "\n") + "\n"
}
