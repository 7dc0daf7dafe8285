package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLicences(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, content := range map[string]string{
		"LICENSE.txt": "Permission is hereby granted,\n free of charge, to any person", "NOTICE": "Copyright someone", "license.go": "package license", "README": "MIT",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	found, err := licences(dir)
	if err != nil || len(found) != 2 || found[0].name != "LICENSE.txt" || found[1].name != "NOTICE" {
		t.Errorf("found %+v, %v", found, err)
	}
	if _, err := render([]module{{path: "example.org/none", version: "v1.0.0", dir: t.TempDir()}}); err == nil || !strings.Contains(err.Error(), "example.org/none") {
		t.Errorf("a module without a licence: %v", err)
	}
	out, err := render([]module{{path: "example.org/m", version: "v1.0.0", dir: dir}})
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"example.org/m v1.0.0", " MIT\n", "Copyright someone", "The Go Authors"} {
		if !strings.Contains(string(out), part) {
			t.Errorf("%q is missing in\n%s", part, out)
		}
	}
}
