package audit

import "strings"

// Agents returns the classes of programs that events are filtered by.
func Agents() []Named {
	return []Named{
		{"Browser", "Web browser"}, {"OctopusCli", "octopus command line"}, {"DotNetClient", ".NET client library"},
		{"Tentacle", "Tentacle"}, {"Mantle", "Mantle agent"}, {"Terraform", "Terraform provider"}, {"TypeScript", "TypeScript client library"}, {"System", "The server itself"}, {"Other", "Other"},
	}
}

// AgentOf returns the class of a User-Agent.
func AgentOf(userAgent string) string {
	for _, known := range [][2]string{
		{"OctopusClient-dotnet", "DotNetClient"}, {"octopus/", "OctopusCli"}, {"TerraformProvider", "Terraform"}, {"go-octopusdeploy", "OctopusCli"},
		{"ts-octopusdeploy", "TypeScript"}, {"Tentacle", "Tentacle"}, {"mantle", "Mantle"}, {"Mozilla/", "Browser"},
	} {
		if strings.Contains(userAgent, known[0]) {
			return known[1]
		}
	}
	if userAgent == "" {
		return "System"
	}
	return "Other"
}
