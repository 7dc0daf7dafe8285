package octostache

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// textEncoding is how a text becomes bytes.
type textEncoding byte

const (
	encodingNone textEncoding = iota
	encodingUTF8
	encodingUTF16 // little endian
	encodingBase64
)

func encodingNamed(name string) textEncoding {
	switch foldName(name) {
	case "UTF8", "UTF-8":
		return encodingUTF8
	case "UNICODE":
		return encodingUTF16
	case "BASE64":
		return encodingBase64
	}
	return encodingNone
}

// textOption returns the encoding that the only option names, UTF-8 without one.
func textOption(options []string) textEncoding {
	switch {
	case len(options) == 0:
		return encodingUTF8
	case len(options) == 1:
		if e := encodingNamed(options[0]); e != encodingBase64 {
			return e
		}
	}
	return encodingNone
}

func toBytes(s string, encoding textEncoding) []byte {
	if encoding == encodingUTF8 {
		return []byte(s)
	}
	var b []byte
	for _, unit := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, unit)
	}
	return b
}

func fromBytes(b []byte, encoding textEncoding) string {
	if encoding == encodingUTF8 {
		return repairUTF8(b)
	}
	var units []uint16
	for ; len(b) >= 2; b = b[2:] {
		units = append(units, binary.LittleEndian.Uint16(b))
	}
	s := string(utf16.Decode(units))
	if len(b) == 1 {
		s += string(utf8.RuneError)
	}
	return s
}

// repairUTF8 replaces each longest start of a character that is not finished by
// one U+FFFD.
func repairUTF8(b []byte) string {
	var out strings.Builder
	for len(b) > 0 {
		r, w := utf8.DecodeRune(b)
		out.WriteRune(r)
		if r == utf8.RuneError && w == 1 {
			w = brokenLength(b)
		}
		b = b[w:]
	}
	return out.String()
}

// brokenLength returns how many bytes at the start of b begin a character.
func brokenLength(b []byte) int {
	n := 1
	for n < len(b) && n < utf8.UTFMax && !utf8.FullRune(b[:n]) && !utf8.FullRune(b[:n+1]) {
		n++
	}
	if n < len(b) && !utf8.FullRune(b[:n]) && n+1 == len(b) && !utf8.FullRune(b) {
		return len(b)
	}
	return n
}

func toBase64(in string, options []string) Value {
	encoding := textOption(options)
	if encoding == encodingNone {
		return Null()
	}
	return Text(base64.StdEncoding.EncodeToString(toBytes(in, encoding)))
}

func fromBase64(in string, options []string) (Value, error) {
	if len(options) > 1 {
		return Null(), nil
	}
	b, err := decodeBase64(in)
	if err != nil {
		return Null(), &FilterError{"FromBase64", "the input is not base64: letters, digits, + and /, padded with ="}
	}
	encoding := textOption(options)
	if encoding == encodingNone {
		return Null(), nil
	}
	return Text(fromBytes(b, encoding)), nil
}

func decodeBase64(s string) ([]byte, error) {
	return base64.StdEncoding.DecodeString(strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\r\n", r) {
			return -1
		}
		return r
	}, s))
}

// digest takes how the text becomes bytes and how many bytes of the hash to
// print, each at most once, in any order.
func digest(name, in string, options []string) Value {
	encoding, size, ok := digestOptions(options)
	if !ok {
		return Null()
	}
	var data []byte
	if encoding == encodingBase64 {
		var err error
		if data, err = decodeBase64(in); err != nil {
			return Null()
		}
	} else {
		data = toBytes(in, encoding)
	}
	sum := hash(name, data)
	return Text(hex.EncodeToString(sum[:min(size, len(sum))]))
}

func digestOptions(options []string) (encoding textEncoding, size int, ok bool) {
	if len(options) > 2 {
		return 0, 0, false
	}
	for _, o := range options {
		if n, isNumber := parseInt32(o); isNumber {
			if n <= 0 || size != 0 {
				return 0, 0, false
			}
			size = n
			continue
		}
		e := encodingNamed(o)
		if e == encodingNone || encoding != encodingNone {
			return 0, 0, false
		}
		encoding = e
	}
	if encoding == encodingNone {
		encoding = encodingUTF8
	}
	if size == 0 {
		size = sha512.Size
	}
	return encoding, size, true
}

func hash(name string, data []byte) []byte {
	switch name {
	case "MD5":
		sum := md5.Sum(data)
		return sum[:]
	case "SHA1":
		sum := sha1.Sum(data)
		return sum[:]
	case "SHA256":
		sum := sha256.Sum256(data)
		return sum[:]
	case "SHA384":
		sum := sha512.Sum384(data)
		return sum[:]
	}
	sum := sha512.Sum512(data)
	return sum[:]
}
