package step

// commands are the subcommands, in the order of the help.
func commands() []command {
	files := []option{
		{name: "variables", value: "FILE", help: "A file of variables: JSON, encrypted where there is a password.", many: true},
		{name: "variablesPassword", value: "PASSWORD", help: "Its password; better in the environment, as MANTLE_VARIABLES_PASSWORD."},
		{name: "sensitiveVariables", value: "FILE", help: "A file of variables in the older form.", many: true},
		{name: "sensitiveVariablesPassword", value: "PASSWORD", help: "Its password."},
	}
	pack := option{name: "package", value: "FILE", help: "The package's file."}
	needed := pack
	needed.required = true
	with := func(more ...option) []option { return append(more, files...) }
	all := []command{
		{"run-script", "Run the script of a step.", with(
			option{name: "script", value: "FILE", help: "The script; else the variables of the step say which."},
			option{name: "scriptParameters", value: "TEXT", help: "What follows the script's name, in the quoting of its language."},
			pack,
		), runScript},
		{"deploy-package", "Extract a package, prepare its files, run its scripts, and record the deployment.", with(needed), runDeploy},
		{"extract-package", "Extract a package.", with(needed, option{name: "to", value: "DIRECTORY", help: "Where to; else the working directory."}), runExtract},
		{"substitute-in-files", "Replace variables in files of a directory.", with(option{name: "path", value: "DIRECTORY", help: "The directory; else the working directory."}), runSubstitute},
		{"find-package", "Look for a package, or for earlier versions of it.", []option{
			{name: "packageId", value: "ID", help: "The package.", required: true},
			{name: "packageVersion", value: "VERSION", help: "Its version.", required: true},
			{name: "packageHash", value: "SHA1", help: "The hash of its file.", required: true},
			{name: "packageVersionFormat", value: "FORMAT", help: "Semver (as a rule), Maven, Octopus or Lexicographic."},
			{name: "exactMatch", value: "true|false", help: "Look for no earlier versions."},
		}, runFind},
		{"register-package", "Check an uploaded package and move it to its place.", []option{
			{name: "uploaded", value: "FILE", help: "Where it was uploaded to.", required: true},
			{name: "package", value: "FILE", help: "Its place.", required: true},
			{name: "packageHash", value: "SHA1", help: "The hash that it must have.", required: true},
		}, runRegister},
		{"apply-delta", "Make a package from an earlier version and a delta. A failure is a message, and the exit code 0.", []option{
			{name: "basisFileName", value: "FILE", help: "The earlier version."},
			{name: "fileHash", value: "SHA1", help: "The hash that it must have."},
			{name: "deltaFileName", value: "FILE", help: "The delta."},
			{name: "newFileName", value: "NAME", help: "The new package's name, which says its version."},
			{name: "progress", help: "Accepted; nothing is shown.", bare: true},
			{name: "skipVerification", help: "Keep the result even if it is not what the delta was made for.", bare: true},
		}, runApplyDelta},
		{"clean", "Remove old deployments of one retention set.", []option{
			{name: "retentionPolicySet", value: "SET", help: "The retention set.", required: true},
			{name: "days", value: "N", help: "Keep what is not older."},
			{name: "releases", value: "N", help: "Keep the current deployment and N before it."},
			{name: "atLeast", value: "N", help: "Keep the newest N that succeeded, however old."},
		}, runClean},
		{"clean-packages", "Remove packages that have not been used for a while.", []option{
			{name: "days", value: "N", help: "Keep what was used since.", required: true},
		}, runCleanPackages},
		{"version", "Print the version.", nil, runVersion},
	}
	// A server may name the step's variables to any command; those that need none do not read them.
	for i, c := range all {
		if _, has := find(c.options, "variables"); !has && c.name != "version" {
			all[i].options = append(c.options, files...)
		}
	}
	return all
}
