package mainjob

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
)

// Programs are the two programs, built with fault points.
type Programs struct{ dir string }

// Build builds the programs into a directory. A test's TestMain does it once.
func Build(dir string, extra ...string) (Programs, error) {
	packages := append([]string{"github.com/mantledeploy/mantle/cmd/mantle", "github.com/mantledeploy/mantle/cmd/mantle-agent"}, extra...)
	cmd := exec.Command("go", append([]string{"build", "-tags", "mantle_faults", "-buildvcs=false", "-o", dir + string(filepath.Separator)}, packages...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return Programs{}, fmt.Errorf("build the programs: %w\n%s", err, out)
	}
	return Programs{dir}, nil
}

// Path is the file of a program that was built.
func (p Programs) Path(name string) string {
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return filepath.Join(p.dir, name)
}
