package feed

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzManifest: no archive keeps the reading of its manifest from ending, or makes it take more than its limits.
func FuzzManifest(f *testing.F) {
	var good bytes.Buffer
	w := zip.NewWriter(&good)
	entry, err := w.Create("a.nuspec")
	if err != nil {
		f.Fatal(err)
	}
	if _, err := io.WriteString(entry, "<package><metadata><title>t</title></metadata></package>"); err != nil {
		f.Fatal(err)
	}
	if err := w.Close(); err != nil {
		f.Fatal(err)
	}
	f.Add(good.Bytes())
	f.Add(good.Bytes()[good.Len()-22:])
	f.Add([]byte("PK\x05\x06"))
	f.Fuzz(func(t *testing.T, content []byte) {
		text, err := readManifest(int64(len(content)), func(offset, length int64) ([]byte, error) {
			if offset < 0 || length < 0 || length > maxDirectory {
				t.Fatalf("asked for %d bytes at %d", length, offset)
			}
			from := min(offset, int64(len(content)))
			return content[from:min(from+length, int64(len(content)))], nil
		})
		if err != nil {
			return
		}
		var p Package
		if len(text) > maxManifest {
			t.Fatalf("a manifest of %d bytes", len(text))
		}
		m, err := parseManifest(text)
		if err != nil {
			return
		}
		p.take(m)
		for _, text := range []string{p.Title, p.Summary, p.Description, p.ReleaseNotes} {
			if len(text) > maxText || strings.Contains(text, "\x00") || !utf8.ValidString(text) {
				t.Fatalf("a text of %d bytes", len(text))
			}
		}
	})
}
