// Package cache is the packages that a target keeps: the names of their files, which say everything about them, and the
// search for one of them, or for earlier versions that a delta can start from.
//
// It reads the folder and never downloads or removes. internal/step and the server's executors import it; the server
// only for names.
package cache

import (
	"crypto/rand"
	"encoding/hex"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/versioning"
)

// Package is what a file name says.
type Package struct {
	ID      string
	Version versioning.Version
	Format  versioning.Format
	// Extension begins with a dot.
	Extension string
}

// reserved are the characters that a name escapes.
const reserved = `%<>:"/\|?@`

// Escape makes a part of a file name of any text.
func Escape(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if strings.IndexByte(reserved, text[i]) >= 0 {
			b.WriteByte('%')
			b.WriteString(strings.ToUpper(hex.EncodeToString([]byte{text[i]})))
		} else {
			b.WriteByte(text[i])
		}
	}
	return b.String()
}

// Unescape is Escape's reverse; it also takes other escapes, and leaves what is none.
func Unescape(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '%' && i+2 < len(text) {
			if raw, err := hex.DecodeString(text[i+1 : i+3]); err == nil {
				b.Write(raw)
				i += 2
				continue
			}
		}
		b.WriteByte(text[i])
	}
	if !utf8.ValidString(b.String()) {
		return text
	}
	return b.String()
}

// letter is the format's mark in a name.
func letter(f versioning.Format) string {
	switch f {
	case versioning.FormatMaven:
		return "M"
	case versioning.FormatOctopus, versioning.FormatDocker:
		return "O"
	case versioning.FormatLexicographic:
		return "L"
	}
	return "S"
}

// Stem is a name without its unique part: all files of one version begin with it.
func Stem(id, version string, f versioning.Format) string {
	return Escape(id) + "@" + letter(f) + Escape(version) + "@"
}

// Name returns a new file name for a package. Each call returns another one.
func Name(id, version string, f versioning.Format, extension string) string {
	var unique [16]byte
	_, _ = rand.Read(unique[:]) // never fails
	return Stem(id, version, f) + strings.ToUpper(hex.EncodeToString(unique[:])) + extension
}

const (
	plainID      = `^([\p{L}\p{Mn}\p{Nd}\p{Pc}]+(?:[_.-][\p{L}\p{Mn}\p{Nd}\p{Pc}]+)*?)`
	plainVersion = `\.(\p{Nd}+(?:\.\p{Nd}+){0,3}(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?)`
)

var (
	plainName = regexp.MustCompile(plainID + plainVersion + `((?:\.[0-9A-Za-z]+)+)$`)
	plainTar  = regexp.MustCompile(plainID + plainVersion + `$`)
	tarEnding = regexp.MustCompile(`\.tar\.(?i:gz|bz2?|z|xz|lzma|zst)$`)
)

// maxName is more bytes than any file system gives a name.
const maxName = 4096

// Parse reads a cached name (ID@version@unique.extension) or a plain one (ID.version.extension), with or without a path.
func Parse(file string) (Package, error) {
	name := path.Base(filepath.ToSlash(file))
	if len(name) > maxName {
		return Package{}, fault.Invalid("the file name %.200q… has %d bytes; a package's has at most %d", name, len(name), maxName)
	}
	if p, ok := parseCached(name); ok {
		return p, nil
	}
	parts := plainName.FindStringSubmatch(name)
	if ending := tarEnding.FindString(name); ending != "" {
		parts = plainTar.FindStringSubmatch(strings.TrimSuffix(name, ending))
		if parts != nil {
			parts = append(parts, ending)
		}
	}
	if parts != nil {
		if v, err := versioning.Parse(versioning.FormatSemver, parts[2]); err == nil {
			return Package{parts[1], v, versioning.FormatSemver, parts[3]}, nil
		}
	}
	return Package{}, fault.Invalid("the file name %.200q does not say which package it is: name it ID.version.extension, such as Acme.Web.1.0.0.zip", name)
}

func parseCached(name string) (Package, bool) {
	parts := strings.Split(name, "@")
	if len(parts) != 3 || parts[1] == "" {
		return Package{}, false
	}
	dot := strings.IndexByte(parts[2], '.')
	if dot < 0 {
		return Package{}, false
	}
	p := Package{ID: Unescape(parts[0]), Extension: parts[2][dot:]}
	switch parts[1][0] {
	case 'S':
		p.Format = versioning.FormatSemver
	case 'M':
		p.Format = versioning.FormatMaven
	case 'O':
		p.Format = versioning.FormatOctopus
	case 'L':
		p.Format = versioning.FormatLexicographic
	default:
		return Package{}, false
	}
	v, err := versioning.Parse(p.Format, Unescape(parts[1][1:]))
	p.Version = v
	return p, err == nil
}
