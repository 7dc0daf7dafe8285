package bootstrap

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/mantledeploy/mantle/internal/step/variables"
)

// Language is the language of a user's script.
type Language string

// The languages, by the names of the variable Octopus.Action.Script.Syntax.
const (
	LanguageBash       Language = "Bash"
	LanguagePython     Language = "Python"
	LanguagePowerShell Language = "PowerShell"
)

// Functions returns the source, in the language, of the functions that scripts may call and of the variables that they
// read. Values are taken as they are: evaluate them before.
func Functions(language Language, vs []variables.Variable) (string, error) {
	switch language {
	case LanguageBash:
		return mustRead("functions.sh") + bashVariables(vs), nil
	case LanguagePython:
		text, err := pythonVariables(vs)
		return mustRead("functions.py") + text, err
	case LanguagePowerShell:
		return mustRead("functions.ps1") + powerShellVariables(vs), nil
	}
	return "", fmt.Errorf("no functions for scripts in %q: use %s, %s or %s", language, LanguageBash, LanguagePython, LanguagePowerShell)
}

func text(v variables.Variable) string {
	if v.Value == nil {
		return ""
	}
	return *v.Value
}

// quoteBash leaves out NULs, which no bash variable can hold.
func quoteBash(s string) string { return quoteSh(strings.ReplaceAll(s, "\x00", "")) }

func bashVariables(vs []variables.Variable) string {
	var b strings.Builder
	b.WriteString("get_octopusvariable() {\n  case \"${1-}\" in\n")
	for _, v := range vs {
		b.WriteString("    " + quoteBash(v.Name) + ") printf '%s' " + quoteBash(text(v)) + " ;;\n")
	}
	b.WriteString("  esac\n}\n")
	return b.String()
}

// BashArray returns the source of the associative array octopus_parameters, which bash has from version 4 on.
func BashArray(vs []variables.Variable) string {
	var b strings.Builder
	b.WriteString("if [ \"${BASH_VERSINFO[0]}\" -lt 4 ]; then\n  echo 'octopus_parameters needs bash 4 or later; use get_octopusvariable.' >&2\nelse\n  declare -A octopus_parameters\n")
	for _, v := range vs {
		if name := strings.ReplaceAll(v.Name, "\x00", ""); name != "" {
			b.WriteString("  octopus_parameters[" + quoteSh(name) + "]=" + quoteBash(text(v)) + "\n")
		}
	}
	b.WriteString("fi\n")
	return b.String()
}

func pythonVariables(vs []variables.Variable) (string, error) {
	values := make(map[string]string, len(vs))
	for _, v := range vs {
		values[v.Name] = text(v)
	}
	raw, err := json.Marshal(values)
	if err != nil {
		return "", fmt.Errorf("write variables for Python: %w", err)
	}
	return "\n\noctopusvariables = _Variables(_json.loads(_base64.b64decode(\"" +
		base64.StdEncoding.EncodeToString(raw) + "\").decode(\"utf-8\")))\n", nil
}

var notInName = regexp.MustCompile(`[^A-Za-z0-9_]`)

// powerShellVariables fills the dictionary, and makes a variable of each name that PowerShell has not got already.
func powerShellVariables(vs []variables.Variable) string {
	var b strings.Builder
	for _, v := range vs {
		b.WriteString("$OctopusParameters[" + quotePowerShell(v.Name) + "] = " + quotePowerShell(text(v)) + "\n")
	}
	seen := map[string]bool{}
	for _, v := range vs {
		name := notInName.ReplaceAllString(v.Name, "")
		if name == "" || seen[strings.ToLower(name)] || strings.HasPrefix(v.Name, "env:") {
			continue
		}
		seen[strings.ToLower(name)] = true
		b.WriteString("if (-not (Test-Path Variable:" + name + ")) { Set-Variable -Name " + name + " -Value $OctopusParameters[" + quotePowerShell(v.Name) + "] }\n")
	}
	return b.String()
}
