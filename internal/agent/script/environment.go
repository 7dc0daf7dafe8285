package script

import (
	"path/filepath"
	"runtime"
	"strconv"
)

// Environment is what every script is told about its agent, under the Tentacle's names.
type Environment struct {
	Home                 string
	Applications         string
	InstanceName         string
	Executable           string
	Version              string
	CertificateAlgorithm string
	Proxy                Proxy
}

// Proxy is the web proxy that scripts should use.
type Proxy struct {
	// Disabled says that not even the system's proxy is to be used.
	Disabled       bool
	Host           string
	Port           int
	User, Password string
}

func (e Environment) variables() []string {
	program := filepath.Dir(e.Executable)
	out := []string{
		"TentacleHome=" + e.Home,
		"TentacleApplications=" + e.Applications,
		"TentacleJournal=" + filepath.Join(e.Home, "DeploymentJournal.xml"),
		"CalamariPackageRetentionJournalPath=" + filepath.Join(e.Home, "PackageRetentionJournal.json"),
		"TentacleInstanceName=" + e.InstanceName,
		"TentacleExecutablePath=" + e.Executable,
		"TentacleProgramDirectoryPath=" + program,
		"AgentProgramDirectoryPath=" + program,
		"TentacleVersion=" + e.Version,
		"TentacleNetFrameworkDescription=" + runtime.Version(),
		"TentacleCertificateSignatureAlgorithm=" + e.CertificateAlgorithm,
	}
	return append(out, e.Proxy.variables()...)
}

// variables leaves out what is not set, as the Tentacle does; port 80 is its default.
func (p Proxy) variables() []string {
	useDefault, port := "True", p.Port
	if p.Disabled || p.Host != "" {
		useDefault = "False"
	}
	if port == 0 {
		port = 80
	}
	out := []string{"TentacleUseDefaultProxy=" + useDefault, "TentacleProxyPort=" + strconv.Itoa(port)}
	for name, value := range map[string]string{"TentacleProxyHost": p.Host, "TentacleProxyUsername": p.User, "TentacleProxyPassword": p.Password} {
		if value != "" {
			out = append(out, name+"="+value)
		}
	}
	return out
}
