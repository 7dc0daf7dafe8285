package step

import (
	"archive/zip"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/mantledeploy/mantle/internal/buildinfo"
	"github.com/mantledeploy/mantle/internal/step/bootstrap"
	"github.com/mantledeploy/mantle/internal/step/variables"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"step": func() { os.Exit(Main(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
	})
}

func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("TentacleHome", filepath.Join(e.WorkDir, "home"))
			e.Setenv("TentacleJournal", filepath.Join(e.WorkDir, "home", "DeploymentJournal.xml"))
			e.Setenv("TentacleApplications", filepath.Join(e.WorkDir, "apps"))
			e.Setenv("LC_ALL", "C.UTF-8")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"makezip": makeZip, "encrypt": encrypt, "bootstrap": writeBootstrap,
		},
	})
}

// makeZip FILE DIR makes an archive of a directory.
func makeZip(ts *testscript.TestScript, _ bool, args []string) {
	file := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(filepath.Dir(file), 0o755))
	f, err := os.Create(file)
	ts.Check(err)
	w := zip.NewWriter(f)
	ts.Check(w.AddFS(os.DirFS(ts.MkAbs(args[1]))))
	ts.Check(w.Close())
	ts.Check(f.Close())
}

// encrypt FROM TO PASSWORD encrypts a variables file; "name=value" lines become JSON, with "\n" in values read as a line
// feed.
func encrypt(ts *testscript.TestScript, _ bool, args []string) {
	var vs []variables.Variable
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
			value = strings.ReplaceAll(value, `\n`, "\n")
			value = strings.ReplaceAll(value, "$WORK", ts.Getenv("WORK"))
			vs = append(vs, variables.New(name, value))
		}
	}
	text, err := variables.Encode(vs)
	ts.Check(err)
	secret, err := variables.Encrypt(text, args[2])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), secret, 0o600))
}

// writeBootstrap writes what a server sends:
//
//	bootstrap probe FILE
//	bootstrap install FILE UPLOADED SHA256
//	bootstrap tool FILE TICKET PASSWORD PATH ARGS...
//	bootstrap plain FILE TICKET LANGUAGE SCRIPT PARAMETERS NAME=VALUE...
func writeBootstrap(ts *testscript.TestScript, _ bool, args []string) {
	const nonce = "0123456789abcdef"
	version := buildinfo.Version()
	var text, body string
	var err error
	switch args[0] {
	case "probe":
		text, err = bootstrap.ProbeTool(bootstrap.Bash, nonce, version)
	case "install":
		text, err = bootstrap.InstallTool(bootstrap.Bash, nonce, bootstrap.Install{Version: version, Uploaded: ts.MkAbs(args[2]), SHA256: args[3]})
	case "tool":
		body, err = bootstrap.Tool(bootstrap.Bash, bootstrap.Invocation{Password: args[3], Path: args[4], Args: args[5:]})
	case "plain":
		s := bootstrap.Script{Language: bootstrap.Language(args[3]), Body: ts.ReadFile(args[4]), Parameters: args[5]}
		for _, pair := range args[6:] {
			name, value, _ := strings.Cut(pair, "=")
			s.Variables = append(s.Variables, variables.New(name, value))
		}
		body, err = bootstrap.Plain(bootstrap.Bash, s)
	}
	ts.Check(err)
	if body != "" {
		text, err = bootstrap.Wrap(bootstrap.Bash, bootstrap.Run{Ticket: args[2], Nonce: nonce}, body)
		ts.Check(err)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o600))
}
