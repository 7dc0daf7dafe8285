package archtest

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

type check struct {
	name  string
	check func(*tree) []string
}

func checks() []check {
	return []check{
		{"floors", checkFloors},
		{"test packages", checkTestPackages},
		{"bars", checkBars},
		{"owners", checkOwners},
		{"names", checkNames},
		{"package comments", checkPackageComments},
		{"sizes", checkSizes},
		{"sleeps", checkSleeps},
		{"state", checkState},
		{"again", checkAgain},
		{"settings", checkSettings},
	}
}

// TestHouse holds the whole module to the rules.
func TestHouse(t *testing.T) {
	t.Parallel()
	house, err := readTree(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	if len(house.packages) < 10 {
		t.Fatalf("only %d packages were found: the test looks at the wrong place", len(house.packages))
	}
	for _, c := range checks() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, problem := range c.check(house) {
				t.Error(problem)
			}
		})
	}
}

// TestRules breaks each rule in a small house, and asks for the reason.
func TestRules(t *testing.T) {
	t.Parallel()
	const mod = `"` + Module + `/`
	tests := []struct {
		rule string
		name string
		src  map[string]string
		want string // "": no problem
	}{
		{"floors", "down", map[string]string{"internal/api/a.go": "package api; import _ " + mod + `internal/store"`}, ""},
		{"floors", "up", map[string]string{"internal/store/a.go": "package store; import _ " + mod + `internal/api"`}, `internal/store (floor "ground") imports internal/api (floor "faces", above it)`},
		{"floors", "in order", map[string]string{"internal/project/a.go": "package project; import _ " + mod + `internal/space"`}, ""},
		{"floors", "against the order", map[string]string{"internal/space/a.go": "package space; import _ " + mod + `internal/project"`}, "comes after it"},
		{"floors", "an entry of its own", map[string]string{"internal/agent/a.go": "package agent; import _ " + mod + `internal/tentacle/contract"`}, ""},
		{"floors", "beside that entry", map[string]string{"internal/agent/a.go": "package agent; import _ " + mod + `internal/tentacle"`}, "comes after it"},
		{"floors", "within an entry", map[string]string{"internal/task/a.go": "package task; import _ " + mod + `internal/task/mask"`}, ""},
		{"floors", "a test upwards", map[string]string{"internal/store/a_test.go": "package store; import _ " + mod + `internal/api"`}, ""},
		{"floors", "nowhere", map[string]string{"internal/novelty/a.go": "package novelty"}, "internal/novelty has no floor"},
		{"floors", "a program", map[string]string{"internal/server/a.go": "package server; import _ " + mod + `cmd/mantle"`}, "nobody imports"},
		{"test packages", "in a program", map[string]string{"internal/api/a.go": "package api; import _ " + mod + `internal/store/storetest"`, "internal/store/storetest/a.go": "package storetest"}, "imported by tests alone"},
		{"test packages", "in a test", map[string]string{"internal/api/a_test.go": "package api; import _ " + mod + `internal/store/storetest"`, "internal/store/storetest/a.go": "package storetest"}, ""},
		{"test packages", "testing", map[string]string{"internal/api/a.go": `package api; import _ "testing"`}, "imports testing outside its tests"},
		{"bars", "through another", map[string]string{"internal/agent/a.go": "package agent; import _ " + mod + `internal/access"`, "internal/access/a.go": `package access; import _ "database/sql"`}, "internal/agent → internal/access → database/sql"},
		{"bars", "a library", map[string]string{"halibut/a.go": "package halibut; import _ " + mod + `internal/fault"`}, "usable by other programs"},
		{"bars", "the server", map[string]string{"internal/task/a.go": `package task; import _ "database/sql"`}, ""},
		{"owners", "SQL", map[string]string{"internal/task/a.go": `package task; import _ "database/sql"`}, "SQL has one owner"},
		{"owners", "SQL in a test", map[string]string{"internal/task/a_test.go": `package task; import _ "github.com/jackc/pgx/v5"`}, "SQL has one owner"},
		{"owners", "SQL at home", map[string]string{"internal/store/a.go": `package store; import _ "database/sql"`}, ""},
		{"owners", "HTTP in the product", map[string]string{"internal/release/a.go": `package release; import _ "net/http"`}, "HTTP is a face's"},
		{"owners", "HTTP above", map[string]string{"internal/api/a.go": `package api; import _ "net/http"`}, ""},
		{"names", "util", map[string]string{"internal/api/util/a.go": "package util"}, "does not say what is inside"},
		{"names", "below helpers", map[string]string{"internal/helpers/x/a.go": "package x"}, `"helpers" does not say`},
		{"names", "a word", map[string]string{"internal/release/a.go": "package release"}, ""},
		{"package comments", "none", map[string]string{"internal/release/a.go": "package release"}, "has no package comment"},
		{"package comments", "good", map[string]string{"internal/release/a.go": "// Package release is.\npackage release", "internal/release/b.go": "package release"}, ""},
		{"package comments", "two", map[string]string{"internal/release/a.go": "// Package release is.\npackage release", "internal/release/b.go": "// Package release is.\npackage release"}, "2 package comments"},
		{"package comments", "other", map[string]string{"internal/release/a.go": "// Releases.\npackage release"}, "begin with"},
		{"package comments", "command", map[string]string{"cmd/mantle/a.go": "// Command mantle is.\npackage main"}, ""},
		{"package comments", "tests alone", map[string]string{"test/script/a_test.go": "package script"}, ""},
		{"sizes", "a long file", map[string]string{"internal/api/a.go": "package api" + strings.Repeat("\n", 801)}, "has 801 lines"},
		{"sizes", "a file at the limit", map[string]string{"internal/api/a.go": "package api" + strings.Repeat("\n", 800)}, ""},
		{"sizes", "a long function", map[string]string{"internal/api/a.go": "package api\nfunc f() {" + strings.Repeat("\n", 100) + "}"}, "f has 101 lines"},
		{"sizes", "a function at the limit", map[string]string{"internal/api/a.go": "package api\nfunc f() {" + strings.Repeat("\n", 99) + "}"}, ""},
		{"sizes", "a long table in a test", map[string]string{"internal/api/a_test.go": "package api\nfunc f() { _ = []int{" + strings.Repeat("1,\n", 200) + "}\n}"}, ""},
		{"sizes", "a long table in code", map[string]string{"internal/api/a.go": "package api\nfunc f() { _ = []int{" + strings.Repeat("1,\n", 200) + "}\n}"}, "f has 202 lines"},
		{"sizes", "a table alone", map[string]string{"internal/api/a.go": "package api\nfunc f() []int { return []int{" + strings.Repeat("1,\n", 200) + "}\n}"}, ""},
		{"sizes", "a table of functions", map[string]string{"internal/api/a.go": "package api\nfunc f() []func() { return []func(){func() {}," + strings.Repeat("\n", 200) + "}\n}"}, "f has 202 lines"},
		{"sleeps", "in a test", map[string]string{"internal/api/a_test.go": "package api\nimport \"time\"\nfunc f() { time.Sleep(1) }"}, "a_test.go:3:12: a test sleeps"},
		{"sleeps", "in code", map[string]string{"internal/api/a.go": "package api\nimport \"time\"\nfunc f() { time.Sleep(1) }"}, ""},
		{"sleeps", "in a bubble", map[string]string{"internal/api/a_test.go": "package api\nimport (\"time\"; _ \"testing/synctest\")\nfunc f() { time.Sleep(1) }"}, ""},
		{"state", "init", map[string]string{"internal/api/a.go": "package api; func init() {}"}, "init() runs"},
		{"state", "a method init", map[string]string{"internal/api/a.go": "package api; type t int; func (t) init() {}"}, ""},
		{"state", "without a value", map[string]string{"internal/api/a.go": "package api; var n int"}, "the variable n is made to be changed"},
		{"state", "a map that is made", map[string]string{"internal/api/a.go": "package api; var m = make(map[string]int)"}, "the variable m"},
		{"state", "a lock", map[string]string{"internal/api/a.go": "package api; import \"sync\"; var mu = &sync.Mutex{}"}, "the variable mu"},
		{"state", "an atomic", map[string]string{"internal/api/a.go": "package api; import \"sync/atomic\"; var p atomic.Pointer[int]"}, "the variable p"},
		{"state", "assigned in another file", map[string]string{"internal/api/a.go": "package api; var n = 1", "internal/api/b.go": "package api; func f() { n = 2 }"}, "variable n is changed"},
		{"state", "counted", map[string]string{"internal/api/a.go": "package api; var n = 1; func f() { n++ }"}, "variable n is changed"},
		{"state", "an element", map[string]string{"internal/api/a.go": "package api; var m = map[int]int{}; func f() { m[1] = 2 }"}, "variable m is changed"},
		{"state", "deleted from", map[string]string{"internal/api/a.go": "package api; var m = map[int]int{}; func f() { delete(m, 1) }"}, "variable m is changed"},
		{"state", "a local of the same name", map[string]string{"internal/api/a.go": "package api; var n = 1; func f() { n := 2; n = 3; _ = n }"}, ""},
		{"state", "a parameter of the same name", map[string]string{"internal/api/a.go": "package api; var n = 1", "internal/api/b.go": "package api; func f(n int) { n = 3 }"}, ""},
		{"state", "a sentinel", map[string]string{"internal/api/a.go": "package api; import \"errors\"; var ErrX = errors.New(\"x\")"}, ""},
		{"state", "a table", map[string]string{"internal/api/a.go": "package api; var t = map[string]int{\"a\": 1}; func f() int { return t[\"a\"] }"}, ""},
		{"state", "an assertion", map[string]string{"internal/api/a.go": "package api; var _ error = nil"}, ""},
		{"state", "embedded", map[string]string{"internal/api/a.go": "package api\nimport \"embed\"\n\n//go:embed x\nvar files embed.FS"}, ""},
		{"again", "appends", map[string]string{"internal/api/a.go": "package api; func f(db *DB, all []int, m map[int]int, n struct{ a, b int }) { db.Read(func(tx *store.Tx) error { all = append(all, 1); return nil }) }"}, "a transaction's function adds to all"},
		{"again", "begins anew", map[string]string{"internal/api/a.go": "package api; func f(db *DB, all []int, m map[int]int, n struct{ a, b int }) { db.Read(func(tx *store.Tx) error { all = all[:0]; all = append(all, 1); return nil }) }"}, ""},
		{"again", "an element", map[string]string{"internal/api/a.go": "package api; func f(db *DB, all []int, m map[int]int, n struct{ a, b int }) { db.Read(func(tx *store.Tx) error { m[1] = 2; return nil }) }"}, "adds to m"},
		{"again", "cleared", map[string]string{"internal/api/a.go": "package api; func f(db *DB, all []int, m map[int]int, n struct{ a, b int }) { db.Read(func(tx *store.Tx) error { clear(m); m[1] = 2; return nil }) }"}, ""},
		{"again", "counts a member", map[string]string{"internal/api/a.go": "package api; func f(db *DB, all []int, m map[int]int, n struct{ a, b int }) { db.Read(func(tx *store.Tx) error { n.a++; return nil }) }"}, "adds to n.a"},
		{"again", "set whole", map[string]string{"internal/api/a.go": "package api; func f(db *DB, all []int, m map[int]int, n struct{ a, b int }) { db.Read(func(tx *store.Tx) error { n = struct{ a, b int }{}; n.a++; n.b += 2; return nil }) }"}, ""},
		{"again", "another member is set", map[string]string{"internal/api/a.go": "package api; func f(db *DB, all []int, m map[int]int, n struct{ a, b int }) { db.Read(func(tx *store.Tx) error { n.b = 1; n.a++; return nil }) }"}, "adds to n.a"},
		{"again", "its own", map[string]string{"internal/api/a.go": "package api; func f(db *DB, all []int, m map[int]int, n struct{ a, b int }) { db.Read(func(tx *store.Tx) error { var mine []int; mine = append(mine, 1); k := 0; k++; return nil }) }"}, ""},
		{"settings", "unwired", map[string]string{"internal/server/a.go": "package server; func f(c struct{}) {}"}, "TaskCap of config.Config is not used"},
		{"settings", "no server yet", map[string]string{"internal/api/a.go": "package api"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.rule+"/"+tt.name, func(t *testing.T) {
			t.Parallel()
			files := fstest.MapFS{}
			for name, src := range tt.src {
				files[name] = &fstest.MapFile{Data: []byte(src)}
			}
			house, err := readTree(files)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range checks() {
				if c.name != tt.rule {
					continue
				}
				got := strings.Join(c.check(house), "\n")
				if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
					t.Errorf("problems %q; want %q", got, tt.want)
				}
			}
		})
	}
}
