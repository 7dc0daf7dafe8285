package textfile

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func TestDecodeKeepsTheEncoding(t *testing.T) {
	t.Parallel()
	for name, raw := range map[string]string{
		"utf-8": "é", "windows-1252": "caf\xe9 \x80\x81", "utf-16": "\xff\xfea\x00\xe9\x00", "utf-16BE": "\xfe\xff\x00a", "utf-32": "\xff\xfe\x00\x00a\x00\x00\x00",
	} {
		text, e, err := Decode([]byte(raw))
		if err != nil || e.Name() != name {
			t.Errorf("%q is in %s, %v; want %s", raw, e.Name(), err, name)
		}
		if out, err := e.Encode(text); err != nil || string(out) != raw {
			t.Errorf("%q comes back as %q, %v", raw, out, err)
		}
	}
	if _, e, err := Decode([]byte("\xef\xbb\xbfa")); err != nil || !e.Marked() {
		t.Errorf("the mark is lost: %v", err)
	}
	if text, e, _ := Decode([]byte("\xe9"), named(t, "iso-8859-2")); text != "é" || e.Name() != "iso-8859-2" {
		t.Errorf("%q in %s", text, e.Name())
	}
	if _, e, _ := Decode([]byte("\xc3\xa9"), named(t, "us-ascii")); e.Name() != "utf-8" {
		t.Errorf("an encoding that cannot be is taken: %s", e.Name())
	}
}

func named(t *testing.T, name string) Encoding {
	t.Helper()
	e, ok := Named(name)
	if !ok {
		t.Fatalf("%s is not known", name)
	}
	return e
}

func TestNamedAndDeclared(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"UTF-8": "utf-8", "latin1": "iso-8859-1", "unicode": "utf-16", "UTF-16BE": "utf-16BE", "ascii": "us-ascii", "shift_jis": "shift_jis", "Windows-1250": "windows-1250", "koi8-r": "koi8-r",
	} {
		if e := named(t, name); e.Name() != want {
			t.Errorf("%s is %s, want %s", name, e.Name(), want)
		}
	}
	for _, name := range []string{"", "utf-7", "nope"} {
		if _, ok := Named(name); ok {
			t.Errorf("%q is an encoding", name)
		}
	}
	for declaration, want := range map[string]string{
		"<?xml version='1.0' encoding='iso-8859-1'?>": "iso-8859-1", `<?xml version="1.0" encoding="UTF-8"?>`: "utf-8", "<?xml version='1.0'?>": "", "<a encoding='utf-8'/>": "",
		"<?xml version='1.0' encoding='utf-16'?>": "", "<\x00?\x00x\x00m\x00l\x00 \x00e\x00n\x00c\x00o\x00d\x00i\x00n\x00g\x00=\x00'\x00u\x00t\x00f\x00-\x001\x006\x00'\x00": "utf-16",
	} {
		if e, ok := DeclaredInXML([]byte(declaration)); ok != (want != "") || e.Name() != want {
			t.Errorf("%q declares %q", declaration, e.Name())
		}
	}
}

func TestWhatAnEncodingHasNot(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"us-ascii": "a? ?? ?", "windows-1252": "a\xfc ?? ?", "shift_jis": "au ?? \x93\xfa"} {
		e := named(t, name)
		if _, err := e.Encode("ü日😀ж\u0153"); err == nil && name != "shift_jis" {
			t.Errorf("%s holds everything", name)
		}
		if got := e.EncodeLoosely("aü 😀 日"); string(got) != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestLineEnd(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"": "\r\n", "a": "\r\n", "a\n": "\n", "a\r\nb\n": "\r\n", "a\nb\r\n": "\n", "a\nb\nc\r\n": "\n", "\r": "\r\n", "\n": "\n"} {
		if got := LineEnd(text); got != want {
			t.Errorf("%q has %q, want %q", text, got, want)
		}
	}
}

type warnings int

func (w *warnings) Warnf(string, ...any) { *w++ }

func TestWriteFallsBackToUTF8(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.txt")
	if err := os.WriteFile(path, []byte("x"), 0o640); err != nil {
		t.Fatal(err)
	}
	var w warnings
	if err := Write(path, "日", named(t, "iso-8859-1"), &w); err != nil || w != 1 {
		t.Errorf("%v, %d warnings", err, w)
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != "日" {
		t.Errorf("%q, %v", got, err)
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o640 {
		t.Errorf("the mode is %v, %v", info.Mode(), err)
	}
}
