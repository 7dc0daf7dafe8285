package bootstrap

import (
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/mantledeploy/mantle/internal/step/variables"
)

// Script is a user's script that is sent as it is, without the tool.
type Script struct {
	Language Language
	Body     string
	// Parameters are put after the script's name, in the script's own quoting.
	Parameters string
	// Variables have evaluated values.
	Variables []variables.Variable
}

// Plain returns one body, for Wrap, with the functions, the variables and the script in it. The variables are then in
// the script's text: where the tool can be brought to the target, Tool keeps them off its disk.
func Plain(sh Shell, s Script) (string, error) {
	functions, err := Functions(s.Language, s.Variables)
	if err != nil {
		return "", err
	}
	switch {
	case sh == Bash && s.Language == LanguageBash:
		return functions + "set -- " + parametersOf(s) + "\n" + unixLines(s.Body) + "\n", nil
	case sh == Bash && s.Language == LanguagePython:
		return withFiles(functions+"\n\n_run(_sys.argv[1], _sys.argv[2:])\n", s, ".py", "python3"), nil
	case sh == Bash && s.Language == LanguagePowerShell:
		return withFiles(functions+invokePowerShell("$args[0]", s.Parameters), s, ".ps1", "pwsh"), nil
	case sh == PowerShell && s.Language == LanguagePowerShell:
		return functions + powerShellFile(s.Body, ".ps1") + invokePowerShell("$mantleScript", s.Parameters), nil
	case sh == PowerShell && s.Language == LanguagePython:
		return powerShellPython(functions, s), nil
	}
	return "", fmt.Errorf("a %s script cannot be run by %s without the tool", s.Language, sh)
}

func parametersOf(s Script) string {
	return strings.Join(strings.FieldsFunc(s.Parameters, func(r rune) bool { return r == '\n' || r == '\r' }), " ")
}

// invokePowerShell ends with the exit code of the last program that the script ran, as agents do.
func invokePowerShell(script, parameters string) string {
	return "\n. " + script + " " + strings.NewReplacer("\r", " ", "\n", " ").Replace(parameters) +
		"\nif (Test-Path variable:global:lastexitcode) { exit $LastExitCode }\n"
}

// interpreters are how a program is called to run a file.
var interpreters = map[string]string{
	"python3": "python3",
	"pwsh":    "pwsh -NoProfile -NoLogo -NonInteractive -ExecutionPolicy Unrestricted -File",
}

// withFiles writes the functions and the script into a directory of their own, which is gone afterwards.
func withFiles(functions string, s Script, extension, program string) string {
	delimiter := "MANTLE_FILE"
	for strings.Contains(functions+s.Body, delimiter) {
		delimiter += "_"
	}
	parameters := parametersOf(s)
	if s.Language == LanguagePowerShell {
		parameters = ""
	}
	return strings.NewReplacer("@DELIMITER@", delimiter, "@FUNCTIONS@", functions, "@SCRIPT@", unixLines(s.Body), "@EXT@", extension,
		"@PROGRAM@", program, "@RUN@", interpreters[program], "@PARAMETERS@", parameters, "@LANGUAGE@", string(s.Language)).Replace(mustRead("plain.sh"))
}

func powerShellFile(body, extension string) string {
	return "\n$mantleScript = [IO.Path]::Combine([IO.Path]::GetTempPath(), [Guid]::NewGuid().ToString() + '" + extension + "')\n" +
		"[IO.File]::WriteAllText($mantleScript, [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('" +
		base64.StdEncoding.EncodeToString([]byte(strings.TrimPrefix(body, "\ufeff"))) + "')), (New-Object Text.UTF8Encoding $" +
		fmt.Sprint(extension == ".ps1") + "))\n"
}

func powerShellPython(functions string, s Script) string {
	return powerShellFile(functions+"\n\n_run(_sys.argv[1], _sys.argv[2:])\n", ".py") + "$mantleRun = $mantleScript" +
		powerShellFile(s.Body, ".py") + `
$mantlePython = Get-Command python3, python -ErrorAction SilentlyContinue | Select-Object -First 1
if (-not $mantlePython) { [Console]::Error.WriteLine('This step is a Python script, and python is not installed on this machine or not on the PATH: install Python 3.'); exit 1 }
try { & $mantlePython.Source $mantleRun $mantleScript ` + parametersOf(s) + ` } finally { [IO.File]::Delete($mantleRun); [IO.File]::Delete($mantleScript) }
exit $LastExitCode
`
}
