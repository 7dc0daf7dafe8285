package health

import (
	"strings"

	"github.com/mantledeploy/mantle/internal/infrastructure"
)

// The server's own scripts print facts in lines "mantle-health name=value".
const (
	factPrefix = "mantle-health "

	ownBash = `fact() { echo "mantle-health $1=$2"; }
fact os "$(. /etc/os-release 2>/dev/null && echo "$PRETTY_NAME" || uname -s)"
fact osversion "$(uname -r)"
fact arch "$(uname -m)"
fact shell Bash
fact shellversion "${BASH_VERSION:-}"
fact agent "${TentacleVersion:-}"
fact signature "${TentacleCertificateSignatureAlgorithm:-}"
`
	ownPowerShell = `function Write-Fact($n, $v) { Write-Output "mantle-health $n=$v" }
Write-Fact os ([System.Environment]::OSVersion.VersionString)
Write-Fact osversion ([System.Environment]::OSVersion.Version.ToString())
Write-Fact arch $env:PROCESSOR_ARCHITECTURE
Write-Fact shell PowerShell
Write-Fact shellversion ($PSVersionTable.PSVersion.ToString())
Write-Fact agent $env:TentacleVersion
Write-Fact signature $env:TentacleCertificateSignatureAlgorithm
`
)

// takeFact reads a line of the server's own script; false is another script's line.
func takeFact(h *infrastructure.Health, text string) bool {
	rest, ok := strings.CutPrefix(text, factPrefix)
	if !ok {
		return false
	}
	name, value, _ := strings.Cut(rest, "=")
	field := map[string]*string{
		"os": &h.OperatingSystem, "osversion": &h.OperatingSystemVersion, "arch": &h.Architecture, "shell": &h.ShellName,
		"shellversion": &h.ShellVersion, "agent": &h.AgentVersion, "signature": &h.SignatureAlgorithm,
	}[name]
	if field != nil {
		*field = value
	}
	return field != nil
}
