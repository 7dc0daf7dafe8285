package deploy

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/step/variables"
)

func TestSafeName(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Production": "Production", "a/b\\c": "a_b_c", "..": "_", ".": "_", "": "_", "x. ": "x", "com.acme:web": "com.acme_web", "é 日本": "é 日本", "a\nb\x00": "a_b_",
	} {
		if got := safeName(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

func TestNewDirectoriesAreNeverShared(t *testing.T) {
	t.Parallel()
	parent := filepath.Join(t.TempDir(), "a", "b")
	dirs := make([]string, 8)
	var all sync.WaitGroup
	for i := range dirs {
		all.Go(func() { dirs[i], _ = newDirectory(parent, "1.0") })
	}
	all.Wait()
	seen := map[string]bool{}
	for _, d := range dirs {
		seen[filepath.Base(d)] = true
	}
	want := map[string]bool{"1.0": true, "1.0_1": true, "1.0_2": true, "1.0_3": true, "1.0_4": true, "1.0_5": true, "1.0_6": true, "1.0_7": true}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("directories (-want +got):\n%s", diff)
	}
}

func TestCustomDirectoryIsChecked(t *testing.T) {
	t.Parallel()
	for dir, want := range map[string]string{
		"relative/dir": "not an absolute path", "/": "root of a disk", "/srv/#{Missing}": "cannot be substituted", "/srv/#{Name}": "", "": "",
	} {
		set := variables.NewSet()
		set.Add(variables.New(enabledFeatures, featureCustomDirectory), variables.New(customDirectory, dir), variables.New("Name", "web"))
		d := &Deployment{Config: Config{Set: set}}
		got, err := d.customDirectory()
		switch {
		case want == "" && (err != nil || strings.Contains(got, "#")):
			t.Errorf("%q: %q, %v", dir, got, err)
		case want != "" && (!fault.Is(err, fault.KindInvalid) || !strings.Contains(err.Error(), want)):
			t.Errorf("%q: %v, want %q", dir, err, want)
		}
	}
}

func TestCopyTreeKeepsModesAndLinks(t *testing.T) {
	t.Parallel()
	from, to := t.TempDir(), filepath.Join(t.TempDir(), "new", "dir")
	if err := os.WriteFile(filepath.Join(from, "run.sh"), []byte("x"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("run.sh", filepath.Join(from, "link")); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time everything is there
		if err := copyTree(t.Context(), from, to); err != nil {
			t.Fatal(err)
		}
	}
	if info, err := os.Stat(filepath.Join(to, "run.sh")); err != nil || info.Mode().Perm() != 0o755 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if target, err := os.Readlink(filepath.Join(to, "link")); err != nil || target != "run.sh" {
		t.Errorf("link to %q, %v", target, err)
	}
}
