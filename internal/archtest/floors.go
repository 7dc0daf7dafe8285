// Package archtest holds the rules that keep the house in order, and the test that enforces them: who may import whom,
// what a package says about itself, how long files and functions may be, what is not done here at all.
//
// The floors are data (this file); ARCHITECTURE.md draws them. A new package goes into its floor here, after every
// package that it imports. Only `go test` runs this package, and nobody imports it.
package archtest

// Module is the module's path.
const Module = "github.com/mantledeploy/mantle"

// floor is a storey: its packages may import those of the floors below it, and those before them in their own list.
// A package stands for its sub-packages too, unless they have a place of their own.
type floor struct {
	name     string
	packages []string
}

// floors lists the house from the bottom up.
func floors() []floor {
	return []floor{
		{"libraries", []string{"versioning", "octostache", "octodiff", "ocl", "halibut"}},
		{"ground", []string{
			"internal/buildinfo", "internal/metrics", "internal/faultpoint", "internal/fault", "internal/clock", "internal/backoff", "internal/secret", "internal/config",
			"internal/blob", "internal/store", "internal/premises",
		}},
		{"product", []string{
			"internal/access", "internal/space", "internal/environment", "internal/infrastructure", "internal/account", "internal/feed",
			"internal/tenant", "internal/variable", "internal/project", "internal/process", "internal/release", "internal/deployment",
			"internal/runbook", "internal/artifact", "internal/audit", "internal/dashboard",
		}},
		{"running", []string{
			"internal/step", "internal/tentacle/contract", "internal/agent", "internal/cluster", "internal/task", "internal/tentacle",
			"internal/executor", "internal/orchestrator", "internal/retention",
		}},
		{"faces", []string{"internal/api", "internal/portal", "internal/admin"}},
		{"assembly", []string{"internal/server"}},
		{"programs", []string{"cmd"}},
		// Nobody imports these: they look at the house from outside.
		{"outside", []string{"internal/archtest", "scripts", "test"}},
	}
}

// barred lists what a package must not reach, not even through others, and why.
type barred struct {
	packages []string // of this module, with their sub-packages
	reach    []string // import paths, with everything below them
	reason   string
}

func bars() []barred {
	driver := []string{"database/sql", "github.com/jackc/pgx", "modernc.org/sqlite", "github.com/pressly/goose"}
	server := []string{
		"internal/store", "internal/blob", "internal/config", "internal/cluster", "internal/task", "internal/executor",
		"internal/orchestrator", "internal/api", "internal/portal", "internal/admin", "internal/server",
	}
	return []barred{
		{
			packages: []string{"cmd/mantle-agent", "internal/agent", "internal/step", "internal/tentacle/contract"},
			reach:    append(append(within(server...), driver...), "github.com/go-chi/chi", "gocloud.dev"),
			reason:   "the agent stays small: it never links the store, the API or a cloud SDK",
		},
		{
			packages: []string{"versioning", "octostache", "octodiff", "ocl", "halibut"},
			reach:    within("internal", "cmd"),
			reason:   "a library is usable by other programs, so it needs nothing of this one",
		},
	}
}

func within(dirs ...string) []string {
	var paths []string
	for _, d := range dirs {
		paths = append(paths, Module+"/"+d)
	}
	return paths
}

// owned lists imports that only some packages may have directly, and why. Tests are held to it too.
type owned struct {
	imports []string
	owners  []string
	reason  string
}

func owners() []owned {
	return []owned{
		{
			imports: []string{"database/sql", "github.com/jackc/pgx", "modernc.org/sqlite", "github.com/pressly/goose"},
			owners:  []string{"internal/store"},
			reason:  "SQL has one owner: one place classifies errors, starts transactions and knows both dialects",
		},
		{
			imports: []string{"github.com/alecthomas/kong"},
			owners:  []string{"cmd"},
			reason:  "flags and subcommands belong to the programs, and nothing else does",
		},
		{
			imports: []string{"gocloud.dev"},
			owners:  []string{"internal/blob/cloud"},
			reason:  "one place knows the object stores' errors and traps",
		},
		{
			imports: within("internal/blob/cloud"),
			owners:  []string{"cmd/mantle", "internal/blob/cloud"},
			reason:  "the SDKs of object stores are large: only the program that needs them links them",
		},
		{
			imports: []string{"github.com/stretchr/testify", "github.com/golang/mock", "go.uber.org/mock"},
			reason:  "tests use the standard library and go-cmp, and no mocks",
		},
	}
}

// productHTTP is what the product floor does without.
func productHTTP() owned {
	return owned{
		imports: []string{"net/http", "github.com/go-chi/chi"},
		reason:  "the product floor has types and rules; HTTP is a face's",
	}
}

// forbiddenNames say nothing about what is inside.
func forbiddenNames() []string {
	return []string{"util", "utils", "common", "helper", "helpers", "base", "core", "types", "models", "model", "misc", "shared", "manager", "service", "services", "lib", "pkg"}
}

// stateful lists the files that may keep state in their package, and why.
func stateful() map[string]string {
	return map[string]string{
		"internal/faultpoint/on.go": "it counts for the whole process, and only builds for tests contain it",
	}
}

const (
	maxFileLines     = 800
	maxFunctionLines = 100
)
