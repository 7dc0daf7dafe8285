package substitute

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"

	"github.com/mantledeploy/mantle/internal/fault"
)

// charset is how a file's text is written. A nil code is UTF-8.
type charset struct {
	name string
	mark []byte
	code encoding.Encoding
	// loose charsets write "?" for what they cannot hold.
	loose bool
}

func utf8Plain() charset { return charset{name: "utf-8"} }

// marked are the encodings that a byte order mark tells; a longer mark comes before a shorter one that it begins with.
func marked() []charset {
	return []charset{
		{name: "utf-8", mark: []byte("\xef\xbb\xbf")},
		{name: "utf-32", mark: []byte("\xff\xfe\x00\x00"), code: utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM)},
		{name: "utf-32be", mark: []byte("\x00\x00\xfe\xff"), code: utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM)},
		{name: "utf-16", mark: []byte("\xff\xfe"), code: unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)},
		{name: "utf-16be", mark: []byte("\xfe\xff"), code: unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)},
	}
}

// decode reads a text by its mark, else as UTF-8, else as windows-1252, which takes any bytes.
func decode(raw []byte) (string, charset, error) {
	for _, c := range marked() {
		if bytes.HasPrefix(raw, c.mark) {
			text, err := c.read(raw[len(c.mark):])
			return text, c, err
		}
	}
	c := utf8Plain()
	if !utf8.Valid(raw) {
		c = charset{name: "windows-1252", code: charmap.Windows1252}
	}
	text, err := c.read(raw)
	return text, c, err
}

func (c charset) read(raw []byte) (string, error) {
	if c.code == nil {
		return string(raw), nil
	}
	text, err := c.code.NewDecoder().Bytes(raw)
	return string(text), err
}

// write is read's reverse, with the mark. It fails for a character that the charset has not, unless it is loose.
func (c charset) write(text string) ([]byte, error) {
	if c.code == nil {
		return append(bytes.Clone(c.mark), text...), nil
	}
	raw, err := c.code.NewEncoder().Bytes([]byte(text))
	if err == nil || !c.loose {
		return append(bytes.Clone(c.mark), raw...), err
	}
	out := bytes.Clone(c.mark)
	for _, r := range text {
		one, err := c.code.NewEncoder().Bytes([]byte(string(r)))
		if err != nil {
			one = []byte("?")
		}
		out = append(out, one...)
	}
	return out, nil
}

// named finds the charset that a user asked for. An unknown name is no charset, as it always was.
func named(name string) (charset, bool, error) {
	name = strings.ToLower(strings.TrimSpace(name))
	switch name {
	case "":
		return charset{}, false, nil
	case "utf-7":
		return charset{}, false, fault.Unsupported("the output encoding utf-7 is not written, as it is not safe: use utf-8")
	case "unicode", "utf-16le":
		name = "utf-16"
	case "unicodefffe":
		name = "utf-16be"
	case "ascii":
		name = "us-ascii"
	}
	for _, c := range marked() {
		if c.name == name {
			return c, true, nil
		}
	}
	if name == "us-ascii" {
		return charset{name: name, code: ascii{}, loose: true}, true, nil
	}
	code, err := ianaindex.IANA.Encoding(name)
	if err != nil || code == nil {
		return charset{}, false, nil
	}
	return charset{name: name, code: code, loose: true}, true, nil
}
