package blob

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"

	"github.com/mantledeploy/mantle/internal/fault"
)

// Put implements Store: a file under a temporary name in the same file system, flushed, then linked under its key,
// then the directories flushed.
func (d *Dir) Put(ctx context.Context, key string, content io.Reader) (Written, error) {
	if err := CheckKey(key); err != nil {
		return Written{}, err
	}
	root, err := d.root()
	if err != nil {
		return Written{}, err
	}
	defer root.Close()
	if _, err := root.Lstat(key); err == nil {
		return Written{}, exists(key) // before the bytes are read, as a courtesy; place decides
	}
	tmp := newIncoming()
	w, err := d.write(ctx, root, tmp, content)
	if err == nil {
		err = d.place(root, tmp, key)
	}
	// Placing moved the temporary name away or left a second one; after a failure it holds what must not stay.
	if e := root.Remove(tmp); e != nil && !isMissing(e) {
		err = errors.Join(err, d.classify("remove an unfinished file", e))
	}
	if err != nil {
		return Written{}, err
	}
	w.Key = key
	return w, nil
}

func exists(key string) error {
	return fault.Conflict("there is already a file %s; a file is never replaced, write a new key", key)
}

// write copies the content into a new file and flushes it.
func (d *Dir) write(ctx context.Context, root *os.Root, tmp string, content io.Reader) (w Written, err error) {
	f, err := create(root, tmp)
	if err != nil {
		return Written{}, d.classify("write a file", err)
	}
	source := NewIntake(ctx, content)
	_, err = io.CopyBuffer(onlyWriter{f}, source, make([]byte, 256<<10))
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if source.Err() != nil {
		return Written{}, source.Err() // of the content, not of the store
	}
	if err != nil {
		return Written{}, d.classify("write a file", err)
	}
	return source.Written(), nil
}

// create makes a new file below incoming, whose directory is made with the first one.
func create(root *os.Root, tmp string) (*os.File, error) {
	f, err := root.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if !isMissing(err) {
		return f, err
	}
	if err := root.Mkdir(incoming, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return root.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}

// place gives the finished file its key, and never replaces another.
func (d *Dir) place(root *os.Root, tmp, key string) error {
	dir := path.Dir(key)
	// A Delete of a directory's last file may remove it at any moment between these calls, so they are tried again.
	for try := 0; ; try++ {
		err := makeDir(root, dir)
		if err == nil {
			err = link(root, tmp, key)
		}
		if err == nil {
			break
		}
		if !errors.Is(err, fs.ErrNotExist) || try == 100 {
			return d.placeError(key, err)
		}
	}
	for ; ; dir = path.Dir(dir) {
		if err := syncDir(root, dir); err != nil && !isMissing(err) {
			return errors.Join(d.placeError(key, err), root.Remove(key))
		}
		if dir == "." {
			return nil
		}
	}
}

// makeDir returns fs.ErrNotExist where a directory vanished meanwhile: MkdirAll calls this "exists" at times.
func makeDir(root *os.Root, dir string) error {
	err := root.MkdirAll(dir, 0o700)
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	for ; dir != "."; dir = path.Dir(dir) {
		if info, e := root.Lstat(dir); e == nil && !info.IsDir() {
			return err
		}
	}
	return fs.ErrNotExist
}

func (d *Dir) placeError(key string, err error) error {
	// A name of the key that is a file cannot be a directory too.
	if errors.Is(err, fs.ErrExist) || errors.Is(err, errNotDir) {
		return exists(key).(*fault.Error).Because(err)
	}
	return d.classify("write "+key, err)
}

// link gives the file its key atomically. Where the file system knows no hard links, it looks and then renames: keys
// are unique by construction, so nobody writes the same one in between.
func link(root *os.Root, tmp, key string) error {
	err := root.Link(tmp, key)
	if err == nil || errors.Is(err, fs.ErrExist) || errors.Is(err, fs.ErrNotExist) || errors.Is(err, errNotDir) || isFull(err) || isReadOnly(err) {
		return err
	}
	if _, err := root.Lstat(key); err == nil {
		return fs.ErrExist
	}
	return root.Rename(tmp, key)
}

// onlyWriter hides the file's ReadFrom, which would bypass the hashes' turn and the buffer.
type onlyWriter struct{ io.Writer }
