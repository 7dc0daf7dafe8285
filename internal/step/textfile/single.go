package textfile

import (
	"errors"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/transform"
)

var errNotHeld = errors.New("the encoding has not this character")

// Encodings of one byte that the text library has not, or has in another way than files were written with.
type (
	ascii       struct{}
	latin1      struct{}
	windows1252 struct{}
)

func (ascii) NewDecoder() *encoding.Decoder {
	return &encoding.Decoder{Transformer: fromBytes(func(b byte) rune {
		if b >= utf8.RuneSelf {
			return utf8.RuneError
		}
		return rune(b)
	})}
}

func (ascii) NewEncoder() *encoding.Encoder {
	return &encoding.Encoder{Transformer: toBytes(func(r rune) (byte, bool) { return byte(r), r < utf8.RuneSelf })}
}

func (latin1) NewDecoder() *encoding.Decoder {
	return &encoding.Decoder{Transformer: fromBytes(func(b byte) rune { return rune(b) })}
}

func (latin1) NewEncoder() *encoding.Encoder {
	return &encoding.Encoder{Transformer: toBytes(func(r rune) (byte, bool) { return byte(r), r < 0x100 })}
}

// The five bytes that windows-1252 leaves open are the control characters of that number.
func (windows1252) NewDecoder() *encoding.Decoder {
	return &encoding.Decoder{Transformer: fromBytes(func(b byte) rune {
		if r := charmap.Windows1252.DecodeByte(b); r != utf8.RuneError {
			return r
		}
		return rune(b)
	})}
}

func (windows1252) NewEncoder() *encoding.Encoder {
	return &encoding.Encoder{Transformer: toBytes(func(r rune) (byte, bool) {
		switch r {
		case 0x81, 0x8d, 0x8f, 0x90, 0x9d:
			return byte(r), true
		}
		return charmap.Windows1252.EncodeRune(r)
	})}
}

type fromBytes func(byte) rune

func (fromBytes) Reset() {}

func (f fromBytes) Transform(dst, src []byte, _ bool) (written, read int, err error) {
	for ; read < len(src); read++ {
		r := f(src[read])
		if written+utf8.RuneLen(r) > len(dst) {
			return written, read, transform.ErrShortDst
		}
		written += utf8.EncodeRune(dst[written:], r)
	}
	return written, read, nil
}

type toBytes func(rune) (byte, bool)

func (toBytes) Reset() {}

func (f toBytes) Transform(dst, src []byte, atEOF bool) (written, read int, err error) {
	for read < len(src) {
		if !atEOF && !utf8.FullRune(src[read:]) {
			return written, read, transform.ErrShortSrc
		}
		r, size := utf8.DecodeRune(src[read:])
		b, ok := f(r)
		switch {
		case !ok:
			return written, read, errNotHeld
		case written == len(dst):
			return written, read, transform.ErrShortDst
		}
		dst[written] = b
		written++
		read += size
	}
	return written, read, nil
}
