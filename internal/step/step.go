// Package step is what happens on a target, whatever carried the tool there: `mantle-agent step <command>` runs a
// script, deploys a package, looks for packages and clears old ones away.
//
// It speaks to the server by what it prints (step/message) and by its exit code, and gets everything it needs by its
// arguments, its variables files and the agent's environment. It never imports the store, the API, tasks or what runs
// on a server. cmd/mantle-agent runs Main; the server imports step/message, step/bootstrap, step/variables and
// step/cache for their texts and names.
package step

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/mantledeploy/mantle/internal/buildinfo"
	"github.com/mantledeploy/mantle/internal/clock"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/step/bootstrap"
	"github.com/mantledeploy/mantle/internal/step/deploy"
	"github.com/mantledeploy/mantle/internal/step/journal"
	"github.com/mantledeploy/mantle/internal/step/message"
	"github.com/mantledeploy/mantle/internal/step/shell"
	"github.com/mantledeploy/mantle/internal/step/variables"
	"github.com/mantledeploy/mantle/octodiff"
)

// Exit codes of the tool itself. A script's own exit code passes through.
const (
	exitError = 1
	exitUsage = 2
)

// deltaTool is the subcommand that takes the command lines of the original's delta program.
const deltaTool = "octodiff"

// command is one subcommand.
type command struct {
	name    string
	summary string
	options []option
	run     func(ctx context.Context, t *tool, o given) error
}

// tool is one run of the program.
type tool struct {
	log            *message.Log
	clock          clock.Clock
	environ        []string
	stdin          io.Reader
	stdout, stderr io.Writer
	dir            string
}

// exitWith is an error that carries a script's exit code; the script has said itself what is wrong.
type exitWith int

func (e exitWith) Error() string {
	return fmt.Sprintf("the script ended with the exit code %d", int(e))
}

// Main runs the subcommand that args name, and returns the exit code. The step stops when the context ends.
func Main(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	if len(args) == 0 || isHelp(args[0]) {
		writeHelp(stdout)
		return 0
	}
	if args[0] == deltaTool {
		return octodiff.Command("", args[1:], stdout)
	}
	for _, c := range commands() {
		if c.name != args[0] {
			continue
		}
		if len(args) > 1 && isHelp(args[1]) {
			writeCommandHelp(stdout, c)
			return 0
		}
		o, err := parse(c, args[1:])
		if err != nil {
			fmt.Fprintf(stderr, "%v\nSee: mantle-agent step %s --help\n", err, c.name)
			return exitUsage
		}
		return start(ctx, c, o, stdin, stdout, stderr)
	}
	fmt.Fprintf(stderr, "There is no command %q.\nSee: mantle-agent step --help\n", args[0])
	return exitUsage
}

func start(ctx context.Context, c command, o given, stdin io.Reader, stdout, stderr io.Writer) int {
	dir, err := os.Getwd()
	if err != nil {
		fmt.Fprintf(stderr, "The working directory cannot be found: %v\n", err)
		return exitError
	}
	t := &tool{
		log: message.NewLog(stdout, stderr), environ: publicEnvironment(os.Environ()),
		stdin: stdin, stdout: stdout, stderr: stderr, dir: dir,
	}
	err = c.run(ctx, t, o)
	var script exitWith
	var failed *deploy.ScriptFailed
	switch {
	case err == nil:
		return 0
	case errors.As(err, &script):
		return int(script)
	case errors.Is(err, context.Canceled):
		t.log.Errorf("The step was stopped before it ended.")
	default:
		t.log.Errorf("%s", sentence(err))
	}
	if errors.As(err, &failed) {
		return failed.Exit
	}
	return exitError
}

// sentence makes an error's text one for people.
func sentence(err error) string {
	text := err.Error()
	if text == "" {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// publicEnvironment is the environment without what scripts must not see.
func publicEnvironment(environ []string) []string {
	var public []string
	for _, pair := range environ {
		if !strings.HasPrefix(pair, bootstrap.PasswordVariable+"=") {
			public = append(public, pair)
		}
	}
	return public
}

// variables reads the variables files that the options name.
func (t *tool) variables(o given) (*variables.Set, error) {
	var files []variables.File
	password := o.first("variablesPassword")
	if password == "" {
		password = os.Getenv(bootstrap.PasswordVariable)
	}
	for _, path := range o["variables"] {
		files = append(files, variables.File{Path: t.path(path), Password: password})
	}
	for _, path := range o["sensitiveVariables"] {
		files = append(files, variables.File{Path: t.path(path), Password: o.first("sensitiveVariablesPassword"), Legacy: true})
	}
	return variables.Load(files, t.environ)
}

func (t *tool) scripts(set *variables.Set) *shell.Runner {
	return &shell.Runner{Set: set, Environ: t.environ, Stdin: t.stdin, Stdout: t.stdout, Stderr: t.stderr}
}

// path makes an argument's path absolute.
func (t *tool) path(p string) string {
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(t.dir, p)
}

func (t *tool) getenv(name string) string {
	for _, pair := range t.environ {
		if n, value, ok := strings.Cut(pair, "="); ok && n == name {
			return value
		}
	}
	return ""
}

// home is the agent's home, or .mantle in the user's where there is no agent.
func (t *tool) home() (string, error) {
	if home := t.getenv("TentacleHome"); home != "" {
		return home, nil
	}
	user, err := os.UserHomeDir()
	if err != nil {
		return "", fault.Invalid("neither TentacleHome nor the user's home directory is set, so there is no place for packages and the deployment journal: set HOME for the account that runs the step").Because(err)
	}
	return filepath.Join(user, ".mantle"), nil
}

func (t *tool) journal() (journal.Journal, error) {
	if path := t.getenv("TentacleJournal"); path != "" {
		return journal.Journal{Path: path}, nil
	}
	home, err := t.home()
	return journal.Journal{Path: filepath.Join(home, "DeploymentJournal.xml")}, err
}

func (t *tool) applications() string {
	if dir := t.getenv("TentacleApplications"); dir != "" {
		return dir
	}
	if user, err := os.UserHomeDir(); err == nil {
		return filepath.Join(user, "Applications")
	}
	return ""
}

func runVersion(_ context.Context, t *tool, _ given) error {
	_, err := fmt.Fprintln(t.stdout, buildinfo.Version())
	return err
}
