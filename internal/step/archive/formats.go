package archive

import (
	"archive/tar"
	"archive/zip"
	"compress/bzip2"
	"compress/gzip"
	"io"
	"io/fs"
	"net/url"
	"os"
	"strings"

	"golang.org/x/text/encoding/charmap"
)

func (x *extraction) zip(f *os.File, nupkg bool) error {
	r, err := zip.NewReader(f, x.packed)
	// Names that lead out are refused here by name, not by the reader.
	if err != nil && err != zip.ErrInsecurePath {
		return x.damaged(err)
	}
	for _, e := range r.File {
		name := zipName(e)
		if nupkg {
			if isPackaging(name) {
				continue
			}
			if plain, err := url.PathUnescape(name); err == nil {
				name = plain
			}
		}
		if err := x.zipEntry(e, name); err != nil {
			return err
		}
	}
	return nil
}

// zipName: names that are not marked as UTF-8 are in the code page of MS-DOS, unless they happen to be UTF-8.
func zipName(e *zip.File) string {
	if !e.NonUTF8 {
		return e.Name
	}
	if name, err := charmap.CodePage437.NewDecoder().String(e.Name); err == nil {
		return name
	}
	return e.Name
}

// isPackaging tells the entries of a NuGet package that describe the package file itself.
func isPackaging(name string) bool {
	name = strings.TrimPrefix(name, "/")
	return name == "[Content_Types].xml" || strings.HasPrefix(name, "_rels/") || strings.HasPrefix(name, "package/services/metadata/")
}

func (x *extraction) zipEntry(e *zip.File, name string) error {
	local, err := x.entry(name)
	if err != nil || local == "" {
		return err
	}
	mode := e.Mode()
	if mode.IsDir() || strings.HasSuffix(name, "/") || strings.HasSuffix(name, `\`) {
		return x.directory(local)
	}
	if kind := mode.Type(); kind != 0 && kind != fs.ModeSymlink {
		return x.refuse("the entry %q is no file, directory or link (%v)", name, kind)
	}
	content, err := e.Open()
	if err != nil {
		return x.damaged(err)
	}
	defer content.Close()
	if mode.Type() == fs.ModeSymlink {
		target, err := io.ReadAll(io.LimitReader(content, maxLink+1))
		if err != nil {
			return x.damaged(err)
		}
		if len(target) > maxLink {
			return x.refuse("the link %q is longer than %d bytes", name, maxLink)
		}
		return x.symlink(local, string(target))
	}
	if mode.Perm() == 0 {
		mode = 0o644
	}
	return x.regular(local, mode, e.Modified, content)
}

func (x *extraction) tar(f *os.File, kind format) error {
	var content io.Reader = f
	switch kind {
	case gzipFormat:
		z, err := gzip.NewReader(f)
		if err != nil {
			return x.damaged(err)
		}
		defer z.Close()
		content = z
	case bzip2Format:
		content = bzip2.NewReader(f)
	}
	r := tar.NewReader(content)
	for {
		h, err := r.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil && err != tar.ErrInsecurePath {
			return x.damaged(err)
		}
		if err := x.tarEntry(h, r); err != nil {
			return err
		}
	}
}

func (x *extraction) tarEntry(h *tar.Header, content io.Reader) error {
	if h.Typeflag == tar.TypeXGlobalHeader {
		return nil
	}
	local, err := x.entry(h.Name)
	if err != nil || local == "" {
		return err
	}
	switch h.Typeflag {
	case tar.TypeDir:
		return x.directory(local)
	case tar.TypeReg, tar.TypeGNUSparse:
		return x.regular(local, fs.FileMode(h.Mode), h.ModTime, content)
	case tar.TypeSymlink:
		return x.symlink(local, h.Linkname)
	case tar.TypeLink:
		return x.hardlink(local, h.Linkname)
	case tar.TypeChar, tar.TypeBlock, tar.TypeFifo:
		return x.refuse("the entry %q is a device or a pipe", h.Name)
	}
	return x.refuse("the entry %q is of the unknown kind %q", h.Name, h.Typeflag)
}
