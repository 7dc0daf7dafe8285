package cache

import (
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/versioning"
)

// nearestCount is how many earlier versions are offered.
const nearestCount = 5

// File is one package in the folder. Hash is SHA-1 in lower-case hex, once Hashed was called.
type File struct {
	Package
	Path string
	Hash string
}

// Wanted is the package that a deployment needs.
type Wanted struct {
	ID      string
	Version versioning.Version
	Format  versioning.Format
	// Hash is SHA-1 in lower-case hex.
	Hash string
}

// Exact finds the file that is the package, by name and by content.
func Exact(folder string, w Wanted) (File, bool, error) {
	stem := Stem(w.ID, w.Version.String(), w.Format)
	files, err := list(folder, stem)
	if err != nil {
		return File{}, false, err
	}
	for _, f := range files {
		if err := f.hash(); err != nil {
			return File{}, false, err
		}
		if f.Hash == w.Hash {
			return f, true, nil
		}
	}
	return File{}, false, nil
}

// Nearest finds up to five files of the wanted version and earlier ones, the newest first.
func Nearest(folder string, w Wanted) ([]File, error) {
	files, err := list(folder, Escape(w.ID)+"@")
	if err != nil {
		return nil, err
	}
	earlier := files[:0]
	for _, f := range files {
		if letter(f.Format) == letter(w.Format) && versioning.Compare(f.Version, w.Version) <= 0 || sameRelease(f.Version, w.Version) {
			earlier = append(earlier, f)
		}
	}
	sort.SliceStable(earlier, func(i, j int) bool { return versioning.Compare(earlier[i].Version, earlier[j].Version) > 0 })
	earlier = earlier[:min(len(earlier), nearestCount)]
	for i := range earlier {
		if err := earlier[i].hash(); err != nil {
			return nil, err
		}
	}
	return earlier, nil
}

// sameRelease: metadata does not make one version later than another.
func sameRelease(a, b versioning.Version) bool {
	if a.Format() != b.Format() || a.Parts().Metadata == "" {
		return false
	}
	cut := func(s string) string { head, _, _ := strings.Cut(s, "+"); return head }
	return cut(a.String()) == cut(b.String())
}

// list returns the packages whose names begin with the stem, in the folder and those below it, by their paths.
func list(folder, stem string) ([]File, error) {
	var files []File
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		if d.IsDir() || !strings.HasPrefix(d.Name(), stem) {
			return nil
		}
		p, ok := parseCached(d.Name())
		if ok && isPackage(p.Extension) {
			files = append(files, File{Package: p, Path: path})
		}
		return nil
	})
	if err != nil {
		return nil, fault.Unavailable("the folder of packages %s cannot be read: %v", folder, err).Because(err)
	}
	return files, nil
}

func isPackage(extension string) bool {
	switch strings.ToLower(extension) {
	case ".nupkg", ".zip", ".whl", ".tgz", ".tar.gz", ".tar.z", ".tar.bz2", ".tar.bz", ".tbz", ".tar", ".jar", ".war", ".ear", ".rar":
		return true
	}
	return false
}

func (f *File) hash() (err error) {
	f.Hash, err = Hash(f.Path)
	return err
}

// Hash returns the SHA-1 of a file in lower-case hex, as agents report it.
func Hash(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", fault.NotFound("the package %s cannot be read: %v", file, err).Because(err)
	}
	defer f.Close()
	h := sha1.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("read the package %s: %w", file, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
