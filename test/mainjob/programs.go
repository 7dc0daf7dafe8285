package mainjob

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// Programs are the two programs, built with fault points.
type Programs struct{ dir string }

// Build builds the programs into a directory. A test's TestMain does it once.
func Build(dir string, extra ...string) (Programs, error) {
	return BuildWith(dir, BuildConfig{Tags: "mantle_faults", Extra: extra})
}

// BuildConfig says how programs are built.
type BuildConfig struct {
	// Tags are build tags, separated by commas.
	Tags string
	// Version is what the programs say of themselves; empty: that of a development build.
	Version string
	// Overlay is a file as go build -overlay reads it; empty: none.
	Overlay string
	// Extra are packages of further programs.
	Extra []string
}

// BuildWith is Build for programs that differ from those that are released.
func BuildWith(dir string, c BuildConfig) (Programs, error) {
	args := []string{"build", "-tags", c.Tags, "-trimpath", "-buildvcs=false", "-o", dir + string(filepath.Separator)}
	if c.Version != "" {
		args = append(args, "-ldflags", "-X github.com/mantledeploy/mantle/internal/buildinfo.version="+c.Version)
	}
	if c.Overlay != "" {
		args = append(args, "-overlay", c.Overlay)
	}
	args = append(args, "github.com/mantledeploy/mantle/cmd/mantle", "github.com/mantledeploy/mantle/cmd/mantle-agent")
	cmd := exec.Command("go", append(args, c.Extra...)...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0") // as released ones are built, so that most of it is built already
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
