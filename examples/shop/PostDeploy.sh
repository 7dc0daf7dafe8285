echo "Deployed to $(get_octopusvariable Octopus.Action.Package.InstallationDirectoryPath)"
cat settings.json
