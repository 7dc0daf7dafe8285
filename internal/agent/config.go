package agent

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/halibut"
	"github.com/mantledeploy/mantle/halibut/dialect"
	"github.com/mantledeploy/mantle/internal/agent/script"
	"github.com/mantledeploy/mantle/internal/fault"
)

// Config says who an agent is and whom it serves.
type Config struct {
	// Home is the agent's folder: Work, the journals, and where relative uploads go. ApplicationDirectory is where
	// packages are extracted. Both are absolute.
	Home, ApplicationDirectory string
	InstanceName               string
	Version                    string

	// ListenAddress is "host:port" (":10933" is every address), or empty for an agent that does not listen.
	ListenAddress string
	// Listener, where it is set, is used in place of ListenAddress.
	Listener net.Listener
	Polling  []PollingServer

	Certificate tls.Certificate
	// TrustedThumbprints are the servers that may call.
	TrustedThumbprints []string

	// Proxy is told to scripts.
	Proxy script.Proxy
	// Shim is the command that owns a script; empty is this program's "shim".
	Shim []string
	// CleanDelay and CleanAge say when the cleaner runs and what is old; zero is what the environment says
	// (TENTACLE_WORKSPACE_CLEANER_DELAY, …_DELETE_OLDER_THAN, as d.hh:mm:ss), else 2 hours and 1 day.
	CleanDelay, CleanAge time.Duration
	// OutputGrace is how long a script's output may stay open after its end; zero is 10 seconds.
	OutputGrace time.Duration

	Timeouts halibut.Timeouts
	Logger   *slog.Logger
}

// PollingServer is a server that the agent asks for work.
type PollingServer struct {
	// Address is "https://host:10943/", Thumbprint the server's, Subscription "poll://…/".
	Address, Thumbprint, Subscription string
	// Connections is how many calls can run at the same time; zero is one.
	Connections int
	Proxy       *halibut.Proxy
}

// program returns the path of this program, also when the file was replaced while it ran.
func program() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find the agent's own program: %w", err)
	}
	return strings.TrimSuffix(path, " (deleted)"), nil
}

// durationFrom sets d from the environment where it is not set yet.
func durationFrom(name string, d *time.Duration) error {
	text := os.Getenv(name)
	if text == "" || *d > 0 {
		return nil
	}
	value, err := dialect.ParseTimeSpan(text)
	if err != nil || value <= 0 {
		return fault.Invalid("the environment variable %s=%q is not a time span; write hours:minutes:seconds", name, text)
	}
	*d = value
	return nil
}

func scriptConfig(cfg Config, executable string) script.Config {
	shim := cfg.Shim
	if len(shim) == 0 {
		shim = []string{executable, "shim"}
	}
	return script.Config{Work: filepath.Join(cfg.Home, "Work"), Shim: shim, Logger: cfg.Logger,
		CleanDelay: cfg.CleanDelay, CleanAge: cfg.CleanAge, OutputGrace: cfg.OutputGrace,
		Environment: script.Environment{Home: cfg.Home, Applications: cfg.ApplicationDirectory, InstanceName: cfg.InstanceName,
			Executable: executable, Version: cfg.Version, CertificateAlgorithm: signatureAlgorithm(cfg.Certificate), Proxy: cfg.Proxy}}
}
