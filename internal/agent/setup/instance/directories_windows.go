package instance

import (
	"path/filepath"

	"golang.org/x/sys/windows"
)

func platformDirectories(getenv func(string) string) Directories {
	if windows.GetCurrentProcessToken().IsElevated() {
		data := filepath.Join(getenv("ProgramData"), "Octopus")
		return Directories{
			ConfigurationHome: data,
			DataHome:          data,
			Applications:      filepath.Join(getenv("SystemDrive")+`\`, "Octopus", "Applications"),
		}
	}
	data := filepath.Join(getenv("LocalAppData"), "mantle-agent")
	return Directories{ConfigurationHome: data, DataHome: data, Applications: filepath.Join(data, "Applications")}
}
