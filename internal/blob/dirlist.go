package blob

import (
	"context"
	"io/fs"
	"iter"
	"os"
	"path"
	"slices"
	"strings"
)

// List implements Store.
func (d *Dir) List(ctx context.Context, prefix string) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		root, err := d.root()
		if err != nil {
			yield(Info{}, err)
			return
		}
		defer root.Close()
		l := lister{ctx: ctx, dir: d, root: root, prefix: prefix, yield: yield}
		l.list(".")
	}
}

type lister struct {
	ctx    context.Context
	dir    *Dir
	root   *os.Root
	prefix string
	yield  func(Info, error) bool
}

// list yields what is in one directory and below, and reports whether to go on. What vanishes meanwhile is left out.
func (l *lister) list(dir string) bool {
	if err := l.ctx.Err(); err != nil {
		l.yield(Info{}, err)
		return false
	}
	entries, err := fs.ReadDir(l.root.FS(), dir)
	if isMissing(err) && dir != "." {
		return true
	}
	if err != nil {
		l.yield(Info{}, l.dir.classify("list "+dir, err))
		return false
	}
	// With the slash of a directory's keys, names sort as whole keys do.
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(sortName(a), sortName(b)) })
	for _, e := range entries {
		if !l.entry(path.Join(dir, e.Name()), e) {
			return false
		}
	}
	return true
}

func (l *lister) entry(key string, e fs.DirEntry) bool {
	if e.Name()[0] == '.' {
		return true
	}
	if e.IsDir() {
		below := key + "/"
		if !strings.HasPrefix(below, l.prefix) && !strings.HasPrefix(l.prefix, below) {
			return true
		}
		return l.list(key)
	}
	if !strings.HasPrefix(key, l.prefix) {
		return true
	}
	info, err := e.Info()
	if isMissing(err) {
		return true
	}
	if err != nil {
		l.yield(Info{}, l.dir.classify("list "+key, err))
		return false
	}
	if !info.Mode().IsRegular() {
		return true
	}
	return l.yield(Info{Key: key, Size: info.Size(), Modified: info.ModTime().UTC()}, nil)
}

func sortName(e fs.DirEntry) string {
	if e.IsDir() {
		return e.Name() + "/"
	}
	return e.Name()
}
