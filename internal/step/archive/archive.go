// Package archive extracts packages: zip and its relatives, tar plain or compressed.
//
// Whatever an archive says, nothing is written outside the directory that it is extracted to, and an archive that is
// refused leaves nothing behind. It makes no archives, and knows nothing of versions or deployments. Only internal/step
// and the agent's command `extract` import it.
package archive

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/mantledeploy/mantle/internal/fault"
)

// Limits bound what one archive may become. A zero field means its default.
type Limits struct {
	// Files is the number of entries.
	Files int
	// Bytes is the size of all files together.
	Bytes int64
	// Ratio is how many times larger than the archive its files may be, once they have more than Floor bytes.
	Ratio int64
	Floor int64
}

const (
	defaultFiles = 1 << 20
	defaultBytes = 256 << 30
	defaultRatio = 300
	defaultFloor = 512 << 20
)

func (l Limits) withDefaults() Limits {
	if l.Files == 0 {
		l.Files = defaultFiles
	}
	if l.Bytes == 0 {
		l.Bytes = defaultBytes
	}
	if l.Ratio == 0 {
		l.Ratio = defaultRatio
	}
	if l.Floor == 0 {
		l.Floor = defaultFloor
	}
	return l
}

type format int

const (
	zipFormat format = iota
	nupkgFormat
	tarFormat
	gzipFormat
	bzip2Format
)

// formatOf decides by the file's name, as packages are named by their kind.
func formatOf(file string) (format, error) {
	name := strings.ToLower(filepath.Base(file))
	for _, known := range []struct {
		ending string
		format format
	}{
		{".tar.gz", gzipFormat}, {".tgz", gzipFormat},
		{".tar.bz2", bzip2Format}, {".tar.bz", bzip2Format}, {".tbz2", bzip2Format}, {".tbz", bzip2Format},
		{".tar", tarFormat}, {".nupkg", nupkgFormat},
		{".zip", zipFormat}, {".jar", zipFormat}, {".war", zipFormat}, {".ear", zipFormat}, {".whl", zipFormat},
	} {
		if strings.HasSuffix(name, known.ending) {
			return known.format, nil
		}
	}
	return 0, fault.Unsupported("the package %s cannot be extracted: its name must end in .zip, .nupkg, .jar, .war, .ear, .whl, .tar, .tar.gz, .tgz, .tar.bz2, .tar.bz, .tbz2 or .tbz", file)
}

// Extract extracts the archive into dir, which is made if need be, and returns the number of files. What is there
// already stays, except files that the archive has too.
func Extract(ctx context.Context, file, dir string, limits Limits) (int, error) {
	kind, err := formatOf(file)
	if err != nil {
		return 0, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return 0, fmt.Errorf("make the directory %s for the package %s: %w", dir, file, err)
	}
	staged, err := os.MkdirTemp(dir, ".extracting-*")
	if err != nil {
		return 0, fmt.Errorf("make a directory in %s for the package %s: %w", dir, file, err)
	}
	defer removeAll(staged)
	count, err := extractTo(ctx, file, staged, kind, limits.withDefaults())
	if err != nil {
		return 0, err
	}
	if err := merge(staged, dir); err != nil {
		return 0, fmt.Errorf("move the files of the package %s to %s: %w", file, dir, err)
	}
	return count, nil
}

// removeAll also removes directories that the archive made read-only.
func removeAll(dir string) {
	if os.RemoveAll(dir) == nil {
		return
	}
	_ = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if d != nil && d.IsDir() {
			_ = os.Chmod(path, 0o700)
		}
		return nil
	})
	_ = os.RemoveAll(dir)
}

func extractTo(ctx context.Context, file, dir string, kind format, limits Limits) (int, error) {
	f, err := os.Open(file)
	if err != nil {
		return 0, fault.NotFound("the package %s cannot be read: %v", file, err).Because(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0, fmt.Errorf("read the package %s: %w", file, err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return 0, fmt.Errorf("open %s: %w", dir, err)
	}
	defer root.Close()
	x := &extraction{ctx: ctx, file: file, root: root, limits: limits, packed: info.Size()}
	if kind == zipFormat || kind == nupkgFormat {
		err = x.zip(f, kind == nupkgFormat)
	} else {
		err = x.tar(f, kind)
	}
	if err == nil {
		err = x.finish()
	}
	return x.count, err
}

// merge moves what is in from into to, replacing files.
func merge(from, to string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, e := range entries {
		source, target := filepath.Join(from, e.Name()), filepath.Join(to, e.Name())
		existing, err := os.Lstat(target)
		switch {
		case err == nil && e.IsDir() && existing.IsDir():
			err = merge(source, target)
		case err == nil && e.IsDir() != existing.IsDir():
			err = fmt.Errorf("%s is in the way", target)
		default:
			err = os.Rename(source, target)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
