package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/secret"
)

// incoming is the directory of files that are being written. No key leads there: names do not begin with a dot.
const incoming = ".incoming"

// Dir is the Store in a directory: a local one, or one that all nodes share (NFS, SMB).
type Dir struct {
	path string
}

// OpenDir returns the store in a directory that should be there. It touches nothing: what is wrong is said by each call.
func OpenDir(path string) *Dir { return &Dir{path: path} }

// NewDir returns the store in a directory, and makes the directory where there is none. A directory that vanishes
// later is not made again: it may be a file system that is not mounted.
func NewDir(path string) (*Dir, error) {
	d := OpenDir(path)
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, d.classify("make the directory", err)
	}
	root, err := d.root()
	if err != nil {
		return nil, err
	}
	defer root.Close()
	if err := root.Mkdir(incoming, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, d.classify("make the directory", err)
	}
	return d, nil
}

// root opens the directory for one call, because a handle that is kept does not survive a remount.
func (d *Dir) root() (*os.Root, error) {
	root, err := os.OpenRoot(d.path)
	if err != nil {
		return nil, d.classify("open the directory", err)
	}
	return root, nil
}

// Stat implements Store.
func (d *Dir) Stat(_ context.Context, key string) (Info, error) {
	if err := CheckKey(key); err != nil {
		return Info{}, err
	}
	root, err := d.root()
	if err != nil {
		return Info{}, err
	}
	defer root.Close()
	info, err := root.Stat(key)
	if err != nil {
		return Info{}, d.readError(key, err)
	}
	if !info.Mode().IsRegular() {
		return Info{}, notFound(key)
	}
	return Info{Key: key, Size: info.Size(), Modified: info.ModTime().UTC()}, nil
}

// Open implements Store.
func (d *Dir) Open(_ context.Context, key string, part Part) (*File, error) {
	if err := CheckKey(key); err != nil {
		return nil, err
	}
	if part.Offset < 0 || part.Length < 0 {
		return nil, fault.Invalid("the part of %s from %d, %d long, is not possible", key, part.Offset, part.Length)
	}
	root, err := d.root()
	if err != nil {
		return nil, err
	}
	defer root.Close()
	f, err := root.Open(key)
	if err != nil {
		return nil, d.readError(key, err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fs.ErrNotExist
	}
	if err == nil {
		_, err = f.Seek(part.Offset, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(d.readError(key, err), f.Close())
	}
	return &File{ReadCloser: NewReader(f, key, part, info.Size()), Size: info.Size()}, nil
}

// Delete implements Store. It also removes the directories that become empty.
func (d *Dir) Delete(_ context.Context, key string) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	root, err := d.root()
	if err != nil {
		return err
	}
	defer root.Close()
	if info, err := root.Lstat(key); err == nil && info.IsDir() {
		return nil
	}
	if err := root.Remove(key); err != nil {
		if isMissing(err) {
			return nil
		}
		return d.classify("delete "+key, err)
	}
	dir := path.Dir(key)
	if err := syncDir(root, dir); err != nil && !isMissing(err) {
		return d.classify("delete "+key, err)
	}
	for ; dir != "."; dir = path.Dir(dir) {
		if root.Remove(dir) != nil { // not empty, or gone
			break
		}
	}
	return nil
}

// Sweep removes what writers that died left behind: unfinished files older than age. It returns their number.
func (d *Dir) Sweep(_ context.Context, age time.Duration) (int, error) {
	root, err := d.root()
	if err != nil {
		return 0, err
	}
	defer root.Close()
	entries, err := fs.ReadDir(root.FS(), incoming)
	if isMissing(err) {
		return 0, nil // nothing was written yet
	}
	if err != nil {
		return 0, d.classify("list "+incoming, err)
	}
	n := 0
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || time.Since(info.ModTime()) < age {
			continue
		}
		if err := root.Remove(path.Join(incoming, e.Name())); err == nil {
			n++
		} else if !isMissing(err) {
			return n, d.classify("remove an unfinished file", err)
		}
	}
	return n, nil
}

func newIncoming() string { return path.Join(incoming, secret.NewID()) }

func notFound(key string) error { return fault.NotFound("there is no file %s", key) }

// isMissing also knows the error for a key that goes on below a file.
func isMissing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, errNotDir)
}

func (d *Dir) readError(key string, err error) error {
	if isMissing(err) {
		return notFound(key)
	}
	return d.classify("read "+key, err)
}

// classify names what the operating system says about the store as a whole.
func (d *Dir) classify(what string, err error) error {
	var f *fault.Error
	switch {
	case errors.As(err, &f):
		return err
	case isFull(err):
		return fault.Unavailable("cannot %s: the file store %s is full; free space there, or raise its quota", what, d.path).Because(errors.Join(ErrFull, err))
	case isReadOnly(err):
		return fault.Unavailable("cannot %s: the file store %s is read-only; mount it for writing", what, d.path).Because(errors.Join(ErrReadOnly, err))
	case errors.Is(err, fs.ErrPermission):
		return fault.Unavailable("cannot %s: the file store %s does not let this process in; give its user the right to read and write there", what, d.path).Because(errors.Join(ErrDenied, err))
	case isMissing(err):
		return fault.Unavailable("cannot %s: the file store %s is not there; is its file system mounted?", what, d.path).Because(errors.Join(ErrAway, err))
	case strings.HasPrefix(what, "open the directory"):
		return fault.Unavailable("cannot %s: the file store %s cannot be reached", what, d.path).Because(errors.Join(ErrAway, err))
	}
	return fmt.Errorf("file store %s: %s: %w", d.path, what, err)
}
