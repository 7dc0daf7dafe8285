package substitute

import (
	"errors"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/transform"
)

var errNotASCII = errors.New("not an ASCII character")

// ascii is US-ASCII, which the text library has not.
type ascii struct{}

func (ascii) NewDecoder() *encoding.Decoder { return &encoding.Decoder{Transformer: transform.Nop} }
func (ascii) NewEncoder() *encoding.Encoder { return &encoding.Encoder{Transformer: asciiOnly{}} }

type asciiOnly struct{ transform.NopResetter }

func (asciiOnly) Transform(dst, src []byte, _ bool) (written, read int, err error) {
	for read < len(src) {
		switch {
		case src[read] >= utf8.RuneSelf:
			return written, read, errNotASCII
		case written == len(dst):
			return written, read, transform.ErrShortDst
		}
		dst[written] = src[read]
		written++
		read++
	}
	return written, read, nil
}
