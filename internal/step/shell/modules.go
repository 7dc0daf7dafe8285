package shell

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/mantledeploy/mantle/internal/fault"
)

const moduleName, moduleLanguage = "Octopus.Script.Module[", "Octopus.Script.Module.Language["

// writeModules puts the script modules beside the script. The files are returned also when it fails half-way.
func (r *Runner) writeModules(dir string) (files []string, err error) {
	for _, name := range r.Set.Names() {
		if len(name) <= len(moduleName) || !strings.EqualFold(name[:len(moduleName)], moduleName) || !strings.HasSuffix(name, "]") {
			continue
		}
		module := name[len(moduleName) : len(name)-1]
		file, err := r.writeModule(dir, module, name)
		if err != nil {
			return files, err
		}
		files = append(files, file)
	}
	return files, nil
}

func (r *Runner) writeModule(dir, module, variable string) (string, error) {
	body, err := r.Set.Text(variable)
	if err != nil {
		return "", err
	}
	language, err := r.Set.Text(moduleLanguage + module + "]")
	if err != nil {
		return "", err
	}
	extension := ".psm1"
	switch strings.ToLower(language) {
	case "bash":
		extension, body = ".sh", strings.ReplaceAll(body, "\r\n", "\n")
	case "python":
		extension = ".py"
	}
	base := strings.Map(func(c rune) rune {
		if unicode.IsLetter(c) || unicode.IsDigit(c) || c == '_' || c == '-' {
			return c
		}
		return -1
	}, module)
	if base == "" {
		return "", fault.Invalid("the script module %q has no letter or digit in its name: rename it", module)
	}
	file := filepath.Join(dir, base+extension)
	if err := os.WriteFile(file, []byte(body), 0o600); err != nil {
		return "", fmt.Errorf("write the script module %q: %w", module, err)
	}
	return file, nil
}
