package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/fault"
)

// maxLink is the longest target of a symbolic link.
const maxLink = 4096

// extraction is one archive on its way into one directory.
type extraction struct {
	ctx    context.Context
	file   string
	root   *os.Root
	limits Limits
	packed int64

	entries int
	count   int
	written int64
	// links are made last, so that no file is ever written through one.
	links []link
}

type link struct{ name, target string }

func (x *extraction) refuse(format string, args ...any) error {
	return fault.Invalid("the package %s is refused: %s; nothing of it was extracted", x.file, fmt.Sprintf(format, args...))
}

// damaged reports an archive that cannot be read. Errors of our own pass.
func (x *extraction) damaged(err error) error {
	if fault.KindOf(err) != fault.Unexpected || errors.Is(err, context.Canceled) {
		return err
	}
	return fault.Invalid("the package %s is damaged, or not what its name says: %v; nothing of it was extracted", x.file, err).Because(err)
}

// unwritten reports what this machine could not keep, a full disk for instance.
func (x *extraction) unwritten(err error) error {
	return fault.Unavailable("the package %s cannot be extracted: %v; nothing of it is left, try again when there is space for it", x.file, err).Because(err)
}

// entry admits one more entry and returns its name as a local path. "" means the root itself.
func (x *extraction) entry(name string) (string, error) {
	if err := x.ctx.Err(); err != nil {
		return "", err
	}
	if x.entries++; x.entries > x.limits.Files {
		return "", x.refuse("it has more than %d entries", x.limits.Files)
	}
	clean := strings.ReplaceAll(name, `\`, "/")
	if clean == "" || strings.ContainsRune(clean, 0) {
		return "", x.refuse("the entry name %q is not valid", name)
	}
	if strings.HasPrefix(clean, "/") || (len(clean) > 1 && clean[1] == ':' && isLetter(clean[0])) {
		return "", x.refuse("the entry %q has an absolute path", name)
	}
	for part := range strings.SplitSeq(clean, "/") {
		if part == ".." {
			return "", x.refuse("the entry %q leads out of the directory by \"..\"", name)
		}
	}
	clean = path.Clean(clean)
	if clean == "." {
		return "", nil
	}
	local := filepath.FromSlash(clean)
	if !filepath.IsLocal(local) {
		return "", x.refuse("the entry %q is no name of a file on %s", name, runtime.GOOS)
	}
	return local, nil
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func (x *extraction) directory(name string) error {
	if err := x.root.MkdirAll(name, 0o755); err != nil {
		return x.refuse("the directory %q cannot be made: %v", name, err)
	}
	return nil
}

// regular writes one file.
func (x *extraction) regular(name string, mode fs.FileMode, modified time.Time, content io.Reader) error {
	if dir := filepath.Dir(name); dir != "." {
		if err := x.directory(dir); err != nil {
			return err
		}
	}
	f, err := x.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode.Perm()|0o600)
	if err != nil {
		return x.refuse("the file %q cannot be made: %v", name, err)
	}
	err = x.copy(f, content)
	if closed := f.Close(); err == nil && closed != nil {
		err = x.unwritten(closed)
	}
	if err != nil {
		return err
	}
	if !modified.IsZero() {
		_ = x.root.Chtimes(name, modified, modified)
	}
	x.count++
	return nil
}

// copy counts every byte before it is written, and looks at the limits and for an end of the step.
func (x *extraction) copy(to io.Writer, from io.Reader) error {
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		x.written += int64(n)
		if x.written > x.limits.Bytes {
			return x.refuse("its files have more than %d bytes", x.limits.Bytes)
		}
		if x.written > x.limits.Floor && x.written/x.limits.Ratio > x.packed {
			return x.refuse("its files are more than %d times larger than itself", x.limits.Ratio)
		}
		if _, failed := to.Write(buffer[:n]); failed != nil {
			return x.unwritten(failed)
		}
		if err == io.EOF {
			return x.ctx.Err()
		}
		if err == nil {
			err = x.ctx.Err()
		}
		if err != nil {
			return x.damaged(err)
		}
	}
}

// symlink notes a symbolic link. Its target must stay inside, which finish checks again on what was extracted.
func (x *extraction) symlink(name, target string) error {
	slashed := strings.ReplaceAll(target, `\`, "/")
	inside := path.Join(path.Dir(filepath.ToSlash(name)), slashed)
	if target == "" || path.IsAbs(slashed) || !filepath.IsLocal(filepath.FromSlash(inside)) || (len(slashed) > 1 && slashed[1] == ':') {
		return x.refuse("the link %q leads out of the directory, to %q", name, target)
	}
	x.links = append(x.links, link{name, slashed})
	return nil
}

// hardlink makes a second name of a file that came before.
func (x *extraction) hardlink(name, target string) error {
	local, err := x.entry(target)
	if err != nil {
		return x.refuse("the link %q leads out of the directory, to %q", name, target)
	}
	if info, err := x.root.Lstat(local); err != nil || !info.Mode().IsRegular() {
		return x.refuse("the link %q names %q, which is no file before it in the package", name, target)
	}
	if dir := filepath.Dir(name); dir != "." {
		if err := x.directory(dir); err != nil {
			return err
		}
	}
	if err := x.root.Link(local, name); err != nil {
		return x.refuse("the link %q to %q cannot be made: %v", name, target, err)
	}
	x.count++
	return nil
}

func (x *extraction) finish() error {
	for _, l := range x.links {
		if dir := filepath.Dir(l.name); dir != "." {
			if err := x.directory(dir); err != nil {
				return err
			}
		}
		if err := x.root.Symlink(filepath.FromSlash(l.target), l.name); err != nil {
			return x.refuse("the link %q to %q cannot be made: %v", l.name, l.target, err)
		}
		x.count++
	}
	// Links that stay inside each for itself may lead out together.
	for _, l := range x.links {
		if _, err := x.root.Stat(l.name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return x.refuse("the link %q does not lead to a place inside: %v", l.name, err)
		}
	}
	return nil
}
