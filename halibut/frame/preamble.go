package frame

import (
	"errors"
	"io"
	"strings"
)

// Preamble is what a dialer sends first.
const Preamble = "MX\n\n"

// Hello is sent in place of it by who only wants to see the certificate.
const Hello = "HELLO\n\n"

// ReadPreamble reads what a dialer sends first: up to an empty line, the end of
// src, or limit bytes. Carriage returns are left out. The result of a peer of
// this protocol starts with MX; anything else is somebody who speaks HTTP.
func ReadPreamble(src io.ByteReader, limit int) (string, error) {
	var text strings.Builder
	var last byte
	for read := 0; read < limit; read++ {
		b, err := src.ReadByte()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return text.String(), err
		}
		if b == '\r' {
			continue
		}
		text.WriteByte(b)
		if b == '\n' && last == '\n' {
			break
		}
		last = b
	}
	return text.String(), nil
}
