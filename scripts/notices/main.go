// Command notices keeps THIRD_PARTY: the modules that the programs contain, on any platform, with their licences.
// Without -write it checks that the file is right. The same source always gives the same file.
package main

import (
	"bytes"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

const file = "THIRD_PARTY"

// goLicence is a copy, because distributions ship Go without it, and because the file must be the same whichever Go
// builds it.
//
//go:embed go-license.txt
var goLicence string

func main() {
	write := flag.Bool("write", false, "write the file")
	flag.Parse()
	if err := run(*write); err != nil {
		fmt.Fprintln(os.Stderr, "notices:", err)
		os.Exit(1)
	}
}

func run(write bool) error {
	modules, err := linked([]string{"linux/amd64", "linux/arm64", "windows/amd64", "darwin/arm64"})
	if err != nil {
		return err
	}
	want, err := render(modules)
	if err != nil {
		return err
	}
	if write {
		return os.WriteFile(file, want, 0o644)
	}
	have, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if !bytes.Equal(have, want) {
		return fmt.Errorf("%s does not fit the modules that the programs contain; run: make notices", file)
	}
	return nil
}

// module is a module and the directory of its source.
type module struct{ path, version, dir string }

// linked returns the modules whose packages are in some program on some platform, sorted by path.
func linked(platforms []string) ([]module, error) {
	found := map[string]module{}
	for _, platform := range platforms {
		system, processor, _ := strings.Cut(platform, "/")
		list := exec.Command("go", "list", "-deps", "-f", `{{with .Module}}{{if not .Main}}{{.Path}}|{{.Version}}|{{.Dir}}{{end}}{{end}}`, "./cmd/...")
		list.Env = append(os.Environ(), "GOOS="+system, "GOARCH="+processor, "CGO_ENABLED=0")
		list.Stderr = os.Stderr
		out, err := list.Output()
		if err != nil {
			return nil, fmt.Errorf("go list for %s: %w", platform, err)
		}
		for l := range strings.Lines(string(out)) {
			if parts := strings.Split(strings.TrimSpace(l), "|"); len(parts) == 3 {
				found[parts[0]] = module{path: parts[0], version: parts[1], dir: parts[2]}
			}
		}
	}
	return slices.SortedFunc(maps.Values(found), func(a, b module) int { return strings.Compare(a.path, b.path) }), nil
}

func render(modules []module) ([]byte, error) {
	var list, texts bytes.Buffer
	add := func(title string, files []text) {
		fmt.Fprintf(&list, "%-60s %s\n", title, kind(files[0].text))
		for _, f := range files {
			fmt.Fprintf(&texts, "\n%s\n%s: %s\n%[1]s\n\n%[4]s\n", strings.Repeat("=", 80), title, f.name, f.text)
		}
	}
	add("Go's standard library", []text{{name: "LICENSE", text: strings.TrimSpace(goLicence)}})
	for _, m := range modules {
		files, err := licences(m.dir)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.path, err)
		}
		add(m.path+" "+m.version, files)
	}
	out := bytes.NewBufferString("The modules that Mantle's programs contain. Written by `make notices`; do not edit.\n\n")
	out.Write(list.Bytes())
	out.Write(texts.Bytes())
	return out.Bytes(), nil
}

type text struct{ name, text string }

// licences returns the licence files of a directory, the main one first, and its notices.
func licences(dir string) ([]text, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	name := regexp.MustCompile(`(?i)^(un)?(licen[cs]e|copying|notice|patents)([-._].*)?$`)
	var found []text
	for _, e := range entries {
		if e.IsDir() || !name.MatchString(e.Name()) || strings.HasSuffix(e.Name(), ".go") {
			continue
		}
		content, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		clean := strings.TrimSpace(strings.ReplaceAll(string(content), "\r\n", "\n"))
		found = append(found, text{name: e.Name(), text: clean})
	}
	main := slices.IndexFunc(found, func(t text) bool { return kind(t.text) != unknown })
	if main < 0 {
		return nil, errors.New("no licence that is known; look at it, and teach scripts/notices its kind")
	}
	found[0], found[main] = found[main], found[0]
	return found, nil
}

const unknown = "unknown"

// kind names a licence by the words that only it has.
func kind(licence string) string {
	words := strings.ToLower(strings.Join(strings.Fields(licence), " "))
	kinds := []struct{ spdx, words string }{
		{"Apache-2.0", "apache license version 2.0"},
		{"MPL-2.0", "mozilla public license version 2.0"},
		{"MPL-2.0", "mozilla public license, version 2.0"},
		{"BSD-3-Clause", "neither the name of"},
		{"BSD-3-Clause", "the name of the author may not be used to endorse"},
		{"BSD-2-Clause", "redistribution and use in source and binary forms"},
		{"ISC", "permission to use, copy, modify, and/or distribute this software"},
		{"ISC", "permission to use, copy, modify, and distribute this software"},
		{"MIT", "permission is hereby granted, free of charge"},
		{"Unlicense", "this is free and unencumbered software"},
	}
	for _, k := range kinds {
		if strings.Contains(words, k.words) {
			return k.spdx
		}
	}
	return unknown
}
