package bootstrap

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"
)

// PasswordVariable is the environment variable by which Tool hands the password of the variables file to the tool. A
// command line is read by every account of a machine, an environment only by its own.
const PasswordVariable = "MANTLE_VARIABLES_PASSWORD"

// Invocation is one run of the tool on a target.
type Invocation struct {
	// Path is the tool's absolute path there, as the probe says.
	Path string
	// Args begin with the subcommand of step.
	Args []string
	// Password opens the variables files.
	Password string
}

// Tool returns the body, for Wrap, that runs the tool.
func Tool(sh Shell, i Invocation) (string, error) {
	if i.Path == "" || len(i.Args) == 0 {
		return "", fmt.Errorf("the tool's path %q and its arguments %q must both be given", i.Path, i.Args)
	}
	quote, line := quoteSh, "exec "
	switch {
	case sh == PowerShell:
		quote, line = quotePowerShell, "$env:"+PasswordVariable+" = "+quotePowerShell(i.Password)+"\n& "
	case sh == Bash && i.Password != "":
		line = "export " + PasswordVariable + "=" + quoteSh(i.Password) + "\nexec "
	case sh != Bash:
		return "", fmt.Errorf("no tool for the shell %q: use %s or %s", sh, Bash, PowerShell)
	}
	line += quote(i.Path) + " step"
	for _, a := range i.Args {
		if strings.ContainsRune(a, 0) {
			return "", fmt.Errorf("the argument %q of the tool contains a NUL character", a)
		}
		line += " " + quote(a)
	}
	if sh == PowerShell {
		line += "\nexit $LastExitCode"
	}
	return line + "\n", nil
}

// ProbeTool returns a script that tells where the tool of that version is on the target, or where to put it. The
// agent's own program is taken when it is the tool in that version.
func ProbeTool(sh Shell, nonce, version string) (string, error) {
	return fillTool(sh, nonce, version, "probe")
}

// Install is a tool that was uploaded to a target.
type Install struct {
	Version string
	// Uploaded is its absolute path there.
	Uploaded string
	// SHA256 is in lower-case hex.
	SHA256 string
}

var sha256Form = regexp.MustCompile(`^[0-9a-f]{64}$`)

// InstallTool returns a script that checks the uploaded tool, moves it to its place, and prints what a probe prints.
func InstallTool(sh Shell, nonce string, i Install) (string, error) {
	if !sha256Form.MatchString(i.SHA256) {
		return "", fmt.Errorf("%q is no SHA-256 in lower-case hex", i.SHA256)
	}
	quote := quoteSh
	if sh == PowerShell {
		quote = quotePowerShell
	}
	return fillTool(sh, nonce, i.Version, "install", "@UPLOADED@", quote(i.Uploaded), "@SHA256@", i.SHA256)
}

func fillTool(sh Shell, nonce, version, script string, pairs ...string) (string, error) {
	run := Run{Ticket: "none", Nonce: nonce}
	if err := run.check(); err != nil {
		return "", err
	}
	if !versionForm.MatchString(version) {
		return "", fmt.Errorf("%q is no version of the tool", version)
	}
	text, err := fill(sh, run, "ticket", script, append(pairs, "@VERSION@", version)...)
	if err != nil || script == "probe" {
		return text, err
	}
	probe, err := fill(sh, run, "ticket", "probe", "@VERSION@", version)
	return text + probe, err
}

// Probe is what a target says about the tool.
type Probe struct {
	// Path is where the tool is; "" means that it must be uploaded.
	Path string
	// UploadTo is the directory that it belongs in. Upload under another name there, then InstallTool.
	UploadTo string
	// Home is the agent's home, or ~/.mantle where there is no agent.
	Home string
	// OS and Arch are in Go's names; what Go has no name for is as the target says it.
	OS, Arch string
}

var probeLine = regexp.MustCompile(`##mantle\[tool nonce=([A-Za-z0-9]+) path=([A-Za-z0-9+/=]*) upload=([A-Za-z0-9+/=]+) home=([A-Za-z0-9+/=]+) os=([^ \]]*) arch=([^ \]]*)\]\r?$`)

// ParseProbe reads the line of a probe.
func ParseProbe(line, nonce string) (Probe, bool) {
	m := probeLine.FindStringSubmatch(line)
	if m == nil || m[1] != nonce {
		return Probe{}, false
	}
	var decoded [3]string
	for i := range decoded {
		b, err := base64.StdEncoding.DecodeString(m[2+i])
		if err != nil {
			return Probe{}, false
		}
		decoded[i] = string(b)
	}
	return Probe{Path: decoded[0], UploadTo: decoded[1], Home: decoded[2], OS: goOS(m[5]), Arch: goArch(m[6])}, true
}

func goOS(name string) string {
	if strings.HasPrefix(name, "MINGW") || strings.HasPrefix(name, "MSYS") || strings.HasPrefix(name, "CYGWIN") {
		return "windows"
	}
	return strings.ToLower(name)
}

func goArch(machine string) string {
	switch strings.ToLower(machine) {
	case "x86_64", "amd64":
		return "amd64"
	case "aarch64", "arm64":
		return "arm64"
	case "i386", "i486", "i586", "i686", "x86":
		return "386"
	case "armv6l", "armv7l", "armv8l", "arm":
		return "arm"
	}
	return strings.ToLower(machine)
}
