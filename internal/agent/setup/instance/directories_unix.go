//go:build unix

package instance

import (
	"os"
	"path/filepath"
)

func platformDirectories(getenv func(string) string) Directories {
	if os.Geteuid() == 0 {
		return Directories{
			ConfigurationHome: "/etc/octopus",
			DataHome:          "/var/lib/mantle-agent",
			Applications:      "/home/Octopus/Applications",
		}
	}
	return userDirectories(getenv)
}

// userDirectories follows the XDG base directory specification.
func userDirectories(getenv func(string) string) Directories {
	home := getenv("HOME")
	if home == "" {
		home = os.TempDir()
	}
	dir := func(variable, fallback string) string {
		if v := getenv(variable); filepath.IsAbs(v) {
			return filepath.Join(v, "mantle-agent")
		}
		return filepath.Join(home, fallback, "mantle-agent")
	}
	data := dir("XDG_DATA_HOME", ".local/share")
	return Directories{
		ConfigurationHome: dir("XDG_CONFIG_HOME", ".config"),
		DataHome:          data,
		Applications:      filepath.Join(data, "Applications"),
	}
}
