package textfile

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
	"golang.org/x/text/unicode/norm"
)

// Encoding is how a file's text is written. A nil code is UTF-8.
type Encoding struct {
	name string
	mark []byte
	code encoding.Encoding
}

// Name is the encoding's name as declarations write it.
func (e Encoding) Name() string { return e.name }

// Marked tells whether a byte order mark is written.
func (e Encoding) Marked() bool { return len(e.mark) > 0 }

// UTF8 is UTF-8 without a mark.
func UTF8() Encoding { return Encoding{name: "utf-8"} }

// MarkedUTF8 is UTF-8 with a mark.
func MarkedUTF8() Encoding { return marked()[0] }

// marked are the encodings that a byte order mark tells; a longer mark comes before a shorter one that it begins with.
func marked() []Encoding {
	return []Encoding{
		{name: "utf-8", mark: []byte("\xef\xbb\xbf")},
		{name: "utf-32", mark: []byte("\xff\xfe\x00\x00"), code: utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM)},
		{name: "utf-32BE", mark: []byte("\x00\x00\xfe\xff"), code: utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM)},
		{name: "utf-16", mark: []byte("\xff\xfe"), code: unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)},
		{name: "utf-16BE", mark: []byte("\xfe\xff"), code: unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)},
	}
}

func (e Encoding) read(raw []byte) (string, error) {
	if e.code == nil {
		return strings.ToValidUTF8(string(raw), "\ufffd"), nil
	}
	text, err := e.code.NewDecoder().Bytes(raw)
	return string(text), err
}

var errBytes = errors.New("the bytes are not a text in this encoding")

// readStrictly fails where read would put a replacement character.
func (e Encoding) readStrictly(raw []byte) (string, error) {
	if e.code == nil && !utf8.Valid(raw) {
		return "", errBytes
	}
	text, err := e.read(raw)
	if err != nil || e.code != nil && strings.ContainsRune(text, utf8.RuneError) {
		return "", errBytes
	}
	return text, nil
}

// Encode writes a text, with the mark. It fails for a character that the encoding has not.
func (e Encoding) Encode(text string) ([]byte, error) {
	if e.code == nil {
		return append(bytes.Clone(e.mark), text...), nil
	}
	raw, err := e.code.NewEncoder().Bytes([]byte(text))
	return append(bytes.Clone(e.mark), raw...), err
}

// EncodeLoosely is Encode, with the letter below the accent, else "?", for what the encoding has not.
func (e Encoding) EncodeLoosely(text string) []byte {
	out, err := e.Encode(text)
	if err == nil {
		return out
	}
	out = bytes.Clone(e.mark)
	for _, r := range text {
		out = append(out, e.loosely(r)...)
	}
	return out
}

func (e Encoding) loosely(r rune) []byte {
	one, err := e.code.NewEncoder().Bytes([]byte(string(r)))
	if err == nil {
		return one
	}
	if _, plain := e.code.(ascii); !plain {
		if base, _ := utf8.DecodeRuneInString(norm.NFKD.String(string(r))); base != r {
			if one, err = e.code.NewEncoder().Bytes([]byte(string(base))); err == nil {
				return one
			}
		}
	}
	if r > 0xffff {
		return []byte("??")
	}
	return []byte("?")
}

// Named finds an encoding by one of its names, as .NET knows them. One of Unicode's is marked.
func Named(name string) (Encoding, bool) {
	name = strings.ToLower(strings.TrimSpace(name))
	switch name {
	case "", "utf-7":
		return Encoding{}, false
	case "unicode", "utf-16le", "ucs-2", "iso-10646-ucs-2":
		name = "utf-16"
	case "unicodefffe":
		name = "utf-16be"
	case "utf-32le":
		name = "utf-32"
	case "utf8", "unicode-1-1-utf-8":
		name = "utf-8"
	case "ascii", "us-ascii", "us", "ansi_x3.4-1968", "iso646-us", "cp367", "iso-ir-6":
		return Encoding{name: "us-ascii", code: ascii{}}, true
	case "windows-1252", "x-ansi", "cp1252":
		return Encoding{name: "windows-1252", code: windows1252{}}, true
	case "latin1", "iso-8859-1", "l1", "iso_8859-1", "iso8859-1", "cp819", "ibm819":
		return Encoding{name: "iso-8859-1", code: latin1{}}, true
	}
	for _, e := range marked() {
		if strings.EqualFold(e.name, name) {
			return e, true
		}
	}
	code, err := ianaindex.IANA.Encoding(name)
	if err != nil || code == nil {
		// Names that IANA has not, such as x-sjis; the index of the web maps what is unknown to nothing.
		if code, err = htmlindex.Get(name); err != nil {
			return Encoding{}, false
		}
	}
	if known, err := ianaindex.MIME.Name(code); err == nil {
		name = strings.ToLower(known)
	}
	return Encoding{name: name, code: code}, true
}

// DeclaredInXML is what an XML declaration says, where the bytes can be in it.
func DeclaredInXML(raw []byte) (Encoding, bool) {
	const longest = 400
	head := string(raw[:min(len(raw), longest)])
	wide := strings.HasPrefix(head, "<\x00") || strings.HasPrefix(head, "\x00<")
	if wide {
		head = strings.ReplaceAll(head, "\x00", "")
	}
	m := regexp.MustCompile(`^<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]*)["']`).FindStringSubmatch(head)
	if m == nil {
		return Encoding{}, false
	}
	e, ok := Named(m[1])
	if !ok || strings.HasPrefix(strings.ToLower(e.name), "utf-16") != wide {
		return Encoding{}, false
	}
	return e, true
}
