// Package textfile reads and writes the text files that a step changes: it finds a file's encoding, keeps it, keeps its
// byte order mark and its kind of line ends, and replaces a file as a whole.
//
// It knows nothing of what is in a file. Only the packages under internal/step import it.
package textfile

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/mantledeploy/mantle/internal/fault"
)

// Decode reads a text by its byte order mark, else by the first of the preferred encodings that can, else as UTF-8, else
// as windows-1252, which takes any bytes.
func Decode(raw []byte, preferred ...Encoding) (string, Encoding, error) {
	for _, e := range marked() {
		if bytes.HasPrefix(raw, e.mark) {
			text, err := e.read(raw[len(e.mark):])
			return text, e, err
		}
	}
	for _, e := range preferred {
		if text, err := e.readStrictly(raw); err == nil {
			return text, e, nil
		}
	}
	if utf8.Valid(raw) {
		return string(raw), UTF8(), nil
	}
	e := Encoding{name: "windows-1252", code: windows1252{}}
	text, err := e.read(raw)
	return text, e, err
}

// LineEnd is the line end that most lines of a text have, the first one's where it is a draw, and CRLF without any.
func LineEnd(text string) string {
	all := strings.Count(text, "\n")
	dos := strings.Count(text, "\r\n")
	first := strings.IndexByte(text, '\n')
	switch {
	case all == 0 || 2*dos > all:
		return "\r\n"
	case 2*dos == all && first > 0 && text[first-1] == '\r':
		return "\r\n"
	}
	return "\n"
}

// Log is where a file's change of encoding is told.
type Log interface {
	Warnf(format string, args ...any)
}

// Write replaces a file with a text in an encoding, or in UTF-8 where that cannot hold it. A file that has these bytes
// already is not touched.
func Write(path, text string, e Encoding, log Log) error {
	out, err := e.Encode(text)
	if err != nil {
		log.Warnf("The new text of %s has characters that %s cannot hold, so it is written as UTF-8.", path, e.name)
		if out, err = UTF8().Encode(text); err != nil {
			return fault.Invalid("the new text of %s cannot be written: %v", path, err).Because(err)
		}
	}
	return Replace(path, out)
}

// Read reads a file's bytes.
func Read(path string) ([]byte, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fault.NotFound("the file %s cannot be read: %v", path, err).Because(err)
	}
	return raw, nil
}

// Replace writes a file as a whole, with the mode that it had. A link is written through.
func Replace(path string, content []byte) error {
	if have, err := os.ReadFile(path); err == nil && bytes.Equal(have, content) {
		return nil
	}
	if err := replace(path, content); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

func replace(path string, content []byte) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if info.Mode()&os.ModeSymlink != 0 {
		return os.WriteFile(path, content, 0o600)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".replacing-*")
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if chmod := f.Chmod(info.Mode().Perm()); err == nil {
		err = chmod
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}
