package settings

import (
	"fmt"
	"strconv"
	"strings"
)

// The keys of the file that this release reads or writes.
const (
	KeyHome                   = "Octopus.Home"
	KeySquid                  = "Octopus.Communications.Squid"
	KeyPort                   = "Tentacle.Services.PortNumber"
	KeyListenIP               = "Tentacle.Services.ListenIP"
	KeyNoListen               = "Tentacle.Services.NoListen"
	KeyIsRegistered           = "Tentacle.Services.IsRegistered"
	KeyApplicationDirectory   = "Tentacle.Deployment.ApplicationDirectory"
	KeyCertificate            = "Tentacle.Certificate"
	KeyCertificateThumbprint  = "Tentacle.CertificateThumbprint"
	KeyTrustedServers         = "Tentacle.Communication.TrustedOctopusServers"
	KeyPollingConnectionCount = "Tentacle.Communication.PollingConnectionCount"
	KeyWatchdogEnabled        = "Octopus.Watchdog.Enabled"
	KeyWatchdogInterval       = "Octopus.Watchdog.Interval"
	KeyWatchdogInstances      = "Octopus.Watchdog.Instances"
)

// DefaultPort is where an agent listens when the file does not say.
const DefaultPort = 10933

// Home returns the home directory, or "".
func (f *File) Home() string { return f.values[KeyHome] }

// Port returns the port to listen on.
func (f *File) Port() (int, error) {
	v := strings.TrimSpace(f.values[KeyPort])
	if v == "" {
		return DefaultPort, nil
	}
	port, err := strconv.Atoi(v)
	if err != nil || port < 1 || port > 65535 {
		return 0, fmt.Errorf("%s is %q in %s; set a port from 1 to 65535 with: configure --port=%d", KeyPort, v, f.path, DefaultPort)
	}
	return port, nil
}

// NoListen says that the agent only polls.
func (f *File) NoListen() bool { return f.flag(KeyNoListen) }

// ListenIP returns the address to listen on, "" for all.
func (f *File) ListenIP() string { return f.values[KeyListenIP] }

// PollingConnectionCount returns how many connections the agent opens to each server that it polls; ok is false
// when the file does not say.
func (f *File) PollingConnectionCount() (count int, ok bool) {
	n, err := strconv.Atoi(strings.TrimSpace(f.values[KeyPollingConnectionCount]))
	return n, err == nil && n > 0
}

func (f *File) flag(key string) bool {
	return strings.EqualFold(strings.TrimSpace(f.values[key]), "true")
}

// SetFlag writes a truth value.
func (f *File) SetFlag(key string, value bool) { f.Set(key, strconv.FormatBool(value)) }
