package archtest

import (
	"fmt"
	"slices"
	"strings"
)

// place is where a package stands: the number of its floor, and of its entry in the floor's list.
type place struct {
	floor, entry int
	name         string // of the entry
}

// placeOf finds the longest entry that a directory lies in.
func placeOf(dir string) (place, bool) {
	best, found := place{}, false
	for i, f := range floors() {
		for j, name := range f.packages {
			if under(dir, name) && len(name) >= len(best.name) {
				best, found = place{floor: i, entry: j, name: name}, true
			}
		}
	}
	return best, found
}

// checkFloors reports imports that go up, or sideways against the order.
func checkFloors(t *tree) (problems []string) {
	names := floors()
	for _, p := range t.sorted() {
		from, found := placeOf(p.dir)
		if !found {
			problems = append(problems, fmt.Sprintf("%s has no floor: add it to internal/archtest/floors.go, after every package that it imports, and to ARCHITECTURE.md", p.dir))
			continue
		}
		if p.forTests() {
			continue
		}
		for _, path := range p.imports() {
			dir, is := local(path)
			if !is {
				continue
			}
			to, found := placeOf(dir)
			switch {
			case !found || to.name == from.name:
			case names[to.floor].name == "outside" || names[to.floor].name == "programs":
				problems = append(problems, fmt.Sprintf("%s imports %s: nobody imports what is in the floor %q", p.dir, dir, names[to.floor].name))
			case to.floor > from.floor:
				problems = append(problems, fmt.Sprintf("%s (floor %q) imports %s (floor %q, above it): move the type down, pass an ID, or declare a small interface in %s",
					p.dir, names[from.floor].name, dir, names[to.floor].name, p.dir))
			case to.floor == from.floor && to.entry > from.entry:
				problems = append(problems, fmt.Sprintf("%s imports %s, which comes after it in the floor %q (%s): a needed back-edge says that a noun lives too high; move the type down or pass an ID",
					p.dir, dir, names[from.floor].name, strings.Join(names[from.floor].packages, ", ")))
			}
		}
	}
	return problems
}

// checkTestPackages reports packages for tests that get into a program.
func checkTestPackages(t *tree) (problems []string) {
	for _, p := range t.sorted() {
		if p.forTests() {
			continue
		}
		for _, path := range append(p.imports(), p.ownName()) {
			if dir, is := local(path); is && t.packages[dir] != nil && dir != p.dir && t.packages[dir].forTests() {
				problems = append(problems, fmt.Sprintf("%s imports %s: a package for tests is imported by tests alone", p.dir, dir))
			}
			if path == "testing" {
				problems = append(problems, fmt.Sprintf("%s imports testing outside its tests: give what tests share a package whose name ends with test", p.dir))
			}
		}
	}
	return problems
}

func (p *pkg) ownName() string { return Module + "/" + p.dir }

// checkBars reports what a package reaches against the bars, with the way to it.
func checkBars(t *tree) (problems []string) {
	for _, bar := range bars() {
		for _, p := range t.sorted() {
			if !underAny(p.dir, bar.packages) || p.forTests() {
				continue
			}
			if way := t.way(p.dir, bar.reach, map[string]bool{}); way != nil {
				problems = append(problems, fmt.Sprintf("%s reaches %s (%s): %s", p.dir, way[len(way)-1], strings.Join(way, " → "), bar.reason))
			}
		}
	}
	return problems
}

// way returns the imports that lead from a directory to one of the targets, or nil.
func (t *tree) way(dir string, targets []string, seen map[string]bool) []string {
	p := t.packages[dir]
	if p == nil || seen[dir] {
		return nil
	}
	seen[dir] = true
	for _, path := range p.imports() {
		if underAny(path, targets) {
			return []string{dir, path}
		}
		if next, is := local(path); is {
			if rest := t.way(next, targets, seen); rest != nil {
				return append([]string{dir}, rest...)
			}
		}
	}
	return nil
}

// checkOwners reports imports that belong to others.
func checkOwners(t *tree) (problems []string) {
	for _, p := range t.sorted() {
		rules := owners()
		if at, found := placeOf(p.dir); found && floors()[at.floor].name == "product" {
			rules = append(rules, productHTTP())
		}
		for _, rule := range rules {
			if underAny(p.dir, rule.owners) {
				continue
			}
			for _, f := range p.files {
				if i := slices.IndexFunc(f.imports(), func(path string) bool { return underAny(path, rule.imports) }); i >= 0 {
					problems = append(problems, fmt.Sprintf("%s imports %s: %s", f.name, f.imports()[i], rule.reason))
				}
			}
		}
	}
	return problems
}
