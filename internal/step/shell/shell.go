// Package shell runs a user's script on a target: Bash, Python or PowerShell, with the functions that it may call and
// the variables that it may read, and takes the output variables from what it prints.
//
// Variables go to Bash and Python through a pipe, so that they are never on the target's disk. It runs one script; in
// which order a deployment runs its scripts is decided above. Only internal/step imports it.
package shell

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/step/bootstrap"
	"github.com/mantledeploy/mantle/internal/step/message"
	"github.com/mantledeploy/mantle/internal/step/variables"
)

// defaultGrace is how long a process that the script left behind may keep the script's output open.
const defaultGrace = 10 * time.Second

// Script is one script file.
type Script struct {
	// Path is absolute. The script runs in its directory, unless Dir is set.
	Path string
	Dir  string
	// Parameters are in the quoting of the script's language.
	Parameters string
}

// Runner runs scripts with one set of variables, which grows by what the scripts set.
type Runner struct {
	Set            *variables.Set
	Environ        []string
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// Grace is how long a process that the script left behind may keep its output open; 0 is ten seconds.
	Grace time.Duration
}

// Extensions returns the endings of script files, the preferred first.
func Extensions(goos string) []string {
	if goos == "windows" {
		return []string{".ps1", ".sh", ".py"}
	}
	return []string{".sh", ".py", ".ps1"}
}

// Extension returns the ending of a language's files.
func Extension(l bootstrap.Language) string {
	switch l {
	case bootstrap.LanguagePython:
		return ".py"
	case bootstrap.LanguagePowerShell:
		return ".ps1"
	}
	return ".sh"
}

// LanguageOf tells a script's language from its file name.
func LanguageOf(path string) (bootstrap.Language, error) {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".sh":
		return bootstrap.LanguageBash, nil
	case ".py":
		return bootstrap.LanguagePython, nil
	case ".ps1":
		return bootstrap.LanguagePowerShell, nil
	}
	return "", fault.Unsupported("the script %s is not run: its name must end in .sh (Bash), .py (Python) or .ps1 (PowerShell)", path)
}

// Run runs the script and returns its exit code. An error means that it could not be run.
func (r *Runner) Run(ctx context.Context, s Script) (int, error) {
	language, err := LanguageOf(s.Path)
	if err != nil {
		return 0, err
	}
	if s.Dir == "" {
		s.Dir = filepath.Dir(s.Path)
	}
	modules, err := r.writeModules(s.Dir)
	defer removeAll(modules)
	if err != nil {
		return 0, err
	}
	launch, err := r.prepare(language, s)
	if err != nil {
		return 0, err
	}
	defer removeAll(launch.files)
	return r.start(ctx, s, launch)
}

func removeAll(files []string) {
	for _, f := range files {
		_ = os.Remove(f)
	}
}

// launch is how a script is started.
type launch struct {
	program string
	args    []string
	// input goes to the process's file descriptor 3, if it is not "".
	input string
	// files are removed afterwards.
	files []string
}

func (r *Runner) start(ctx context.Context, s Script, l launch) (int, error) {
	cmd := exec.CommandContext(ctx, l.program, l.args...)
	cmd.Dir, cmd.Env, cmd.Stdin, cmd.Stderr = s.Dir, r.Environ, r.Stdin, r.Stderr
	cmd.WaitDelay = r.Grace
	if cmd.WaitDelay == 0 {
		cmd.WaitDelay = defaultGrace
	}
	watch := &outputWatch{set: r.Set}
	cmd.Stdout = io.MultiWriter(r.Stdout, watch)
	feed, err := attach(cmd, l.input)
	if err != nil {
		return 0, fmt.Errorf("start %s: %w", s.Path, err)
	}
	if err := cmd.Start(); err != nil {
		feed.cancel()
		return 0, fault.Unavailable("%s cannot be started for the script %s: %v", l.program, s.Path, err).Because(err)
	}
	feed.begin()
	err = cmd.Wait()
	if errors.Is(err, exec.ErrWaitDelay) {
		fmt.Fprintf(r.Stderr, "The script %s ended, but a process that it started kept its output open for %v more; what that process writes is not read any longer.\n", filepath.Base(s.Path), cmd.WaitDelay)
		err = nil
	}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return 0, fmt.Errorf("run %s: %w", s.Path, err)
	}
	if err := watch.finish(); err != nil {
		return 0, err
	}
	return exitCode(cmd.ProcessState), ctx.Err()
}

// outputWatch takes output variables from what a script prints.
type outputWatch struct {
	set     *variables.Set
	parser  message.Parser
	partial []byte
	err     error
}

// Write never fails, as the script's own output must not depend on it.
func (w *outputWatch) Write(p []byte) (int, error) {
	w.partial = append(w.partial, p...)
	for {
		end := bytes.IndexAny(w.partial, "\r\n")
		if end < 0 {
			break
		}
		w.line(string(w.partial[:end]))
		w.partial = w.partial[end+1:]
	}
	if len(w.partial) > message.MaxMessage {
		w.partial = nil
	}
	return len(p), nil
}

func (w *outputWatch) line(text string) {
	m, ok := w.parser.Line(text)
	if !ok || m.Name != message.SetVariable {
		return
	}
	if err := w.set.SetOutput(m.Value("name"), m.Value("value")); err != nil && w.err == nil {
		w.err = err
	}
}

func (w *outputWatch) finish() error {
	w.line(string(w.partial))
	return w.err
}
