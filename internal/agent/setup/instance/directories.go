package instance

import "path/filepath"

// Directories says where things lie when no option names a place.
type Directories struct {
	// ConfigurationHome holds the index of instances and their configuration files.
	ConfigurationHome string
	// DataHome holds the homes of instances that `join` makes.
	DataHome string
	// Applications is where packages are extracted to below, unless configured.
	Applications string
}

// EnvironmentOverride names the variable that replaces ConfigurationHome.
const EnvironmentOverride = "TentacleMachineConfigurationHomeDirectory"

// StandardDirectories returns the machine's directories for an administrator, the user's own otherwise.
func StandardDirectories(getenv func(string) string) Directories {
	d := platformDirectories(getenv)
	if dir := getenv(EnvironmentOverride); dir != "" {
		d.ConfigurationHome = dir
	}
	return d
}

// DefaultConfigurationFile is the configuration file of an instance that does not name one.
func (d Directories) DefaultConfigurationFile(name string) string {
	return filepath.Join(d.ConfigurationHome, name, "tentacle.config")
}
