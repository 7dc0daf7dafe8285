package shell

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/step/bootstrap"
)

const (
	toggles       = "OctopusEnabledFeatureToggles"
	arrayToggle   = "BashParametersArrayFeatureToggle"
	quiet         = "Octopus.Action.Script.SuppressEnvironmentLogging"
	edition       = "Octopus.Action.PowerShell.Edition"
	bashLoader    = `eval "$(cat <&3)"`
	pythonLoader  = "import os\nwith os.fdopen(3, encoding='utf-8') as f: s = f.read()\nexec(compile(s, '<functions>', 'exec'))"
	pythonInvoke  = "\n\n_run(_sys.argv[1], _sys.argv[2:])\n"
	powerShellEnd = "\nif (Test-Path variable:global:lastexitcode) { exit $LastExitCode }\n"
)

func (r *Runner) prepare(language bootstrap.Language, s Script) (launch, error) {
	vs, failed := r.Set.Evaluated()
	for _, f := range failed {
		fmt.Fprintf(r.Stdout, "##octopus[stdout-verbose]\nThe variable %s; scripts get it as it is written.\n##octopus[stdout-default]\n", f)
	}
	functions, err := bootstrap.Functions(language, vs)
	if err != nil {
		return launch{}, err
	}
	switch language {
	case bootstrap.LanguagePython:
		return preparePython(functions, s)
	case bootstrap.LanguagePowerShell:
		return r.preparePowerShell(functions, s)
	}
	body, err := unixScript(s.Path)
	if err != nil {
		return launch{}, err
	}
	array, err := r.wantsArray(body)
	if err != nil {
		return launch{}, err
	}
	if array {
		functions += bootstrap.BashArray(vs)
	}
	return r.prepareBash(functions, s)
}

// unixScript gives a Bash script Unix line endings, as Bash stumbles over others, and returns its text.
func unixScript(path string) ([]byte, error) {
	body, err := os.ReadFile(path)
	if err != nil {
		return nil, fault.NotFound("the script %s cannot be read: %v", path, err).Because(err)
	}
	clean := bytes.ReplaceAll(bytes.TrimPrefix(body, []byte("\ufeff")), []byte("\r\n"), []byte("\n"))
	if bytes.Equal(clean, body) {
		return body, nil
	}
	if err := os.WriteFile(path, clean, 0o600); err != nil {
		return nil, fmt.Errorf("give %s Unix line endings: %w", path, err)
	}
	return clean, nil
}

// wantsArray: the array costs time, so it is made only where it is switched on and the script reads it.
func (r *Runner) wantsArray(body []byte) (bool, error) {
	if !bytes.Contains(body, []byte("octopus_parameters[")) {
		return false, nil
	}
	text, err := r.Set.Text(toggles)
	for toggle := range strings.FieldsFuncSeq(text, func(c rune) bool { return c == ',' || c == ';' || c == ' ' }) {
		if strings.EqualFold(toggle, arrayToggle) {
			return true, err
		}
	}
	return false, err
}

func (r *Runner) prepareBash(functions string, s Script) (launch, error) {
	program, err := find("Bash", "bash", "/bin/bash")
	if err != nil {
		return launch{}, err
	}
	if runtime.GOOS == "windows" {
		return launch{}, fault.Unsupported("Bash scripts are not run on Windows: write the step in PowerShell or Python")
	}
	suppressed, err := r.Set.Flag(quiet, false)
	if err != nil {
		return launch{}, err
	}
	source := "exec 3<&-\n" + functions
	if !suppressed {
		source += "log_environment_information\n"
	}
	source += "source " + quote(s.Path) + " " + oneLine(s.Parameters) + "\n"
	return launch{program: program, args: []string{"-c", bashLoader, s.Path}, input: source}, nil
}

func preparePython(functions string, s Script) (launch, error) {
	program, err := find("Python", "python3", "python")
	if err != nil {
		return launch{}, err
	}
	args, err := splitWords(s.Parameters)
	if err != nil {
		return launch{}, fault.Invalid("the parameters %q of the script %s cannot be split into words: %v", s.Parameters, s.Path, err)
	}
	l := launch{program: program, input: functions + pythonInvoke}
	if runtime.GOOS == "windows" {
		file, err := privateFile(s.Dir, "Configure.*.py", l.input)
		if err != nil {
			return launch{}, err
		}
		l.input, l.files, l.args = "", []string{file}, []string{"-u", file, s.Path}
	} else {
		l.args = []string{"-u", "-c", pythonLoader, s.Path}
	}
	l.args = append(l.args, args...)
	return l, nil
}

func (r *Runner) preparePowerShell(functions string, s Script) (launch, error) {
	wanted, err := r.Set.Text(edition)
	if err != nil {
		return launch{}, err
	}
	names := []string{"pwsh"}
	if runtime.GOOS == "windows" && !strings.EqualFold(wanted, "Core") {
		names = []string{"powershell.exe", "pwsh.exe"}
	}
	program, err := find("PowerShell", names...)
	if err != nil {
		return launch{}, err
	}
	source := "\ufeff" + functions + "\n. '" + strings.ReplaceAll(s.Path, "'", "''") + "' " + oneLine(s.Parameters) + powerShellEnd
	file, err := privateFile(s.Dir, "Bootstrap.*.ps1", source)
	if err != nil {
		return launch{}, err
	}
	args := []string{"-NoProfile", "-NoLogo", "-NonInteractive", "-ExecutionPolicy", "Unrestricted", "-File", file}
	return launch{program: program, args: args, files: []string{file}}, nil
}

// find looks for the first program of the names that is installed.
func find(language string, names ...string) (string, error) {
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return filepath.Abs(path)
		}
	}
	return "", fault.Unavailable("this step is a %s script, and %s is not installed on this machine, or not on the PATH of the account that runs scripts: install it there, or write the script in another language",
		language, names[0])
}

// privateFile writes what holds values of variables, readable by this account alone.
func privateFile(dir, pattern, content string) (string, error) {
	f, err := os.CreateTemp(dir, pattern)
	if err != nil {
		return "", fmt.Errorf("write the script's functions into %s: %w", dir, err)
	}
	_, err = f.WriteString(content)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return "", fmt.Errorf("write the script's functions into %s: %w", dir, err)
	}
	return f.Name(), nil
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

func oneLine(s string) string { return strings.NewReplacer("\r", " ", "\n", " ").Replace(s) }
