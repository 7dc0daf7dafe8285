package archive

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/fault"
)

// item is one entry of an archive that a test makes.
type item struct {
	name, content, link string
	kind                byte
	mode                int64
}

func makeTar(t testing.TB, items ...item) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, i := range items {
		h := &tar.Header{Name: i.name, Typeflag: i.kind, Linkname: i.link, Mode: i.mode, Size: int64(len(i.content))}
		if i.kind == 0 {
			h.Typeflag = tar.TypeReg
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(i.content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func makeZip(t testing.TB, items ...item) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, i := range items {
		h := &zip.FileHeader{Name: i.name, Method: zip.Deflate}
		mode := fs.FileMode(i.mode)
		content := i.content
		switch i.kind {
		case tar.TypeSymlink:
			mode, content = fs.ModeSymlink|0o777, i.link
		case tar.TypeFifo:
			mode = fs.ModeNamedPipe | 0o644
		}
		if mode != 0 {
			h.SetMode(mode)
		}
		f, err := w.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pack(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func save(t testing.TB, name string, data []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// tree lists a directory: "name" for a directory, "name=content" for a file, "name->target" for a link.
func tree(t testing.TB, dir string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		name = filepath.ToSlash(name)
		switch {
		case d.Type() == fs.ModeSymlink:
			target, err := os.Readlink(path)
			if err != nil {
				return err
			}
			name += "->" + target
		case !d.IsDir():
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			name += "=" + string(content)
		}
		all = append(all, name)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// bz2 is a tar with the file a.txt, content "hi\n" (the standard library writes no bzip2).
const bz2 = "QlpoOTFBWSZTWaXFBs0AAG37gMmQAADAAW2AAAhgYB5ACAggAFRCAAA0DQSU1MmmgeoMmh95mMhBOKEIez5D6UmgRALMVeIsICO2EEytImMJSgzk+U8Z+N8REQD4u5IpwoSFLig2aA=="

func TestExtractFormats(t *testing.T) {
	t.Parallel()
	items := []item{{name: "a.txt", content: "A"}, {name: "d/b.sh", content: "B", mode: 0o755}, {name: `e\c.txt`, content: "C"}}
	want := []string{"a.txt=A", "d", "d/b.sh=B", "e", "e/c.txt=C"}
	plain := makeTar(t, items...)
	for name, data := range map[string][]byte{
		"p.zip": makeZip(t, items...), "p.JAR": makeZip(t, items...), "p.war": makeZip(t, items...),
		"p.tar": plain, "p.tar.gz": pack(t, plain), "p.1.0.0.tgz": pack(t, plain),
		"p.nupkg": makeZip(t, append(items, item{name: "_rels/.rels"}, item{name: "[Content_Types].xml"}, item{name: "package/services/metadata/x.psmdcp"})...),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "to", "here")
			n, err := Extract(t.Context(), save(t, name, data), dir, Limits{})
			if err != nil || n != 3 {
				t.Fatalf("%d files, %v", n, err)
			}
			if diff := cmp.Diff(want, tree(t, dir)); diff != "" {
				t.Errorf("extracted (-want +got):\n%s", diff)
			}
			if info, err := os.Stat(filepath.Join(dir, "d", "b.sh")); err != nil || info.Mode().Perm()&0o100 == 0 {
				t.Errorf("d/b.sh cannot be executed: %v %v", info.Mode(), err)
			}
		})
	}
}

func TestExtractBzip2(t *testing.T) {
	t.Parallel()
	raw, err := base64.StdEncoding.DecodeString(bz2)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"p.tar.bz2", "p.tbz", "p.tar.bz"} {
		dir := t.TempDir()
		if _, err := Extract(t.Context(), save(t, name, raw), dir, Limits{}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff([]string{"a.txt=hi\n"}, tree(t, dir)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestExtractKeepsLinksInside(t *testing.T) {
	t.Parallel()
	items := []item{
		{name: "lib/v1/x", content: "X", mode: 0o644}, {name: "lib/current", kind: tar.TypeSymlink, link: "v1"},
		{name: "x", kind: tar.TypeSymlink, link: "lib/current/x"}, {name: "gone", kind: tar.TypeSymlink, link: "nowhere"},
	}
	want := []string{"gone->nowhere", "lib", "lib/current->v1", "lib/v1", "lib/v1/x=X", "x->lib/current/x"}
	for name, data := range map[string][]byte{"p.tar": makeTar(t, items...), "p.zip": makeZip(t, items...)} {
		dir := t.TempDir()
		if _, err := Extract(t.Context(), save(t, name, data), dir, Limits{}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, tree(t, dir)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestExtractRefuses(t *testing.T) {
	t.Parallel()
	symlink := func(name, target string) item { return item{name: name, kind: tar.TypeSymlink, link: target} }
	good := item{name: "good", content: "x"}
	for name, tt := range map[string]struct {
		items []item
		want  string
	}{
		"parent":              {[]item{good, {name: "../evil", content: "x"}}, "../evil"},
		"parent inside":       {[]item{good, {name: "a/../../evil", content: "x"}}, "evil"},
		"parent, backslashes": {[]item{good, {name: `..\evil`, content: "x"}}, "evil"},
		"absolute":            {[]item{good, {name: "/tmp/evil", content: "x"}}, "absolute"},
		"drive":               {[]item{good, {name: `C:\evil`, content: "x"}}, "absolute"},
		"link out":            {[]item{good, symlink("l", "../out")}, "leads out"},
		"link absolute":       {[]item{good, symlink("l", "/etc")}, "leads out"},
		"link deep out":       {[]item{good, symlink("a/b/l", "../../../out")}, "leads out"},
		"links out together":  {[]item{good, symlink("x/l", ".."), symlink("y", "x/l/..")}, `"y"`},
		"file below a link":   {[]item{good, {name: "d/f", content: "x"}, symlink("l", "d"), {name: "l/g", content: "x"}}, `"l"`},
		"link loop":           {[]item{good, symlink("a", "b"), symlink("b", "a")}, `"a"`},
		"file as directory":   {[]item{good, {name: "good/f", content: "x"}}, "good"},
		"pipe":                {[]item{good, {name: "p", kind: tar.TypeFifo}}, `"p"`},
		"many entries":        {[]item{good, {name: "1"}, {name: "2"}, {name: "3"}, {name: "4"}, {name: "5"}, {name: "6"}}, "more than 6 entries"},
		"large":               {[]item{good, {name: "big", content: strings.Repeat("0123456789", 1<<16)}}, "bytes"},
	} {
		for kind, data := range map[string][]byte{"p.tar": makeTar(t, tt.items...), "p.zip": makeZip(t, tt.items...), "p.tgz": pack(t, makeTar(t, tt.items...))} {
			t.Run(name+" "+kind, func(t *testing.T) {
				t.Parallel()
				refused(t, save(t, kind, data), Limits{Files: 6, Bytes: 600_000}, tt.want)
			})
		}
	}
	for name, i := range map[string]item{
		"device":               {name: "dev", kind: tar.TypeChar},
		"hard link out":        {name: "h", kind: tar.TypeLink, link: "../good"},
		"hard link absolute":   {name: "h", kind: tar.TypeLink, link: "/etc/passwd"},
		"hard link to nothing": {name: "h", kind: tar.TypeLink, link: "nothing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refused(t, save(t, "p.tar", makeTar(t, good, i)), Limits{}, i.name)
		})
	}
}

// refused checks that the error names the package and the reason, and that nothing was written anywhere.
func refused(t *testing.T, file string, limits Limits, want string) {
	t.Helper()
	parent := t.TempDir()
	dir := filepath.Join(parent, "a", "b", "to")
	_, err := Extract(t.Context(), file, dir, limits)
	if !fault.Is(err, fault.KindInvalid) || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), file) {
		t.Errorf("error %v, want one with %q", err, want)
	}
	if diff := cmp.Diff([]string{"a", "a/b", "a/b/to"}, tree(t, parent)); diff != "" {
		t.Errorf("left behind (-want +got):\n%s", diff)
	}
}

func TestExtractRefusesABomb(t *testing.T) {
	t.Parallel()
	zeros := makeZip(t, item{name: "zeros", content: strings.Repeat("\x00", 8<<20)})
	refused(t, save(t, "p.zip", zeros), Limits{Ratio: 100, Floor: 1 << 20}, "more than 100 times larger")
	if _, err := Extract(t.Context(), save(t, "p.zip", zeros), t.TempDir(), Limits{}); err != nil {
		t.Errorf("8 MiB of zeros is no bomb: %v", err)
	}
}

func TestExtractDamaged(t *testing.T) {
	t.Parallel()
	whole := makeZip(t, item{name: "a", content: strings.Repeat("text ", 1000)})
	packed := pack(t, makeTar(t, item{name: "a", content: strings.Repeat("text ", 1000)}))
	for name, data := range map[string][]byte{
		"cut.zip": whole[:len(whole)/2], "empty.zip": nil, "text.zip": []byte("hello"), "cut.tgz": packed[:len(packed)-20],
		"text.tar.gz": []byte("hello"), "text.tar": bytes.Repeat([]byte("hello"), 200), "text.tar.bz2": []byte("hello"), "empty.nupkg": nil,
	} {
		refused(t, save(t, name, data), Limits{}, "damaged")
	}
	for _, name := range []string{"p.rar", "p", "p.txt"} {
		if _, err := Extract(t.Context(), save(t, name, nil), t.TempDir(), Limits{}); !fault.Is(err, fault.KindUnsupported) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Extract(t.Context(), filepath.Join(t.TempDir(), "none.zip"), t.TempDir(), Limits{}); !fault.Is(err, fault.KindNotFound) {
		t.Errorf("a missing package: %v", err)
	}
}

func TestExtractMerges(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := save(t, "p.zip", makeZip(t, item{name: "d/a", content: "1"}, item{name: "d/b", content: "1"}))
	second := save(t, "p.zip", makeZip(t, item{name: "d/b", content: "2"}, item{name: "c", content: "2"}))
	for _, file := range []string{first, second} {
		if _, err := Extract(t.Context(), file, dir, Limits{}); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"c=2", "d", "d/a=1", "d/b=2"}, tree(t, dir)); diff != "" {
		t.Errorf("after both (-want +got):\n%s", diff)
	}
}

func TestExtractCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := t.TempDir()
	if _, err := Extract(ctx, save(t, "p.zip", makeZip(t, item{name: "a"})), dir, Limits{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if left := tree(t, dir); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

func FuzzExtract(f *testing.F) {
	items := []item{{name: "a/b", content: "x"}, {name: "l", kind: tar.TypeSymlink, link: "a"}}
	f.Add(uint8(0), makeZip(f, items...))
	f.Add(uint8(1), makeTar(f, items...))
	f.Add(uint8(2), pack(f, makeTar(f, append(items, item{name: "h", kind: tar.TypeLink, link: "a/b"})...)))
	f.Add(uint8(0), makeZip(f, item{name: "../x"}))
	f.Add(uint8(1), makeTar(f, item{name: "y", kind: tar.TypeSymlink, link: "a/.."}))
	if raw, err := base64.StdEncoding.DecodeString(bz2); err == nil {
		f.Add(uint8(3), raw)
	}
	f.Fuzz(func(t *testing.T, kind uint8, data []byte) {
		names := []string{"p.zip", "p.tar", "p.tgz", "p.tar.bz2", "p.nupkg"}
		parent := t.TempDir()
		dir := filepath.Join(parent, "to")
		_, err := Extract(t.Context(), save(t, names[int(kind)%len(names)], data), dir, Limits{Files: 100, Bytes: 1 << 20})
		around := tree(t, parent)
		if err != nil && len(around) > 1 {
			t.Errorf("refused with %v, left %q", err, around)
		}
		for _, name := range around {
			if name != "to" && !strings.HasPrefix(name, "to/") {
				t.Errorf("written outside: %q", name)
			}
		}
	})
}
