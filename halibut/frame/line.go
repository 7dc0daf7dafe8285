package frame

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// The words of control lines.
const (
	Next    = "NEXT"
	Proceed = "PROCEED"
	End     = "END"
)

// newline ends every control line; a line feed alone does not.
const newline = "\r\n"

// ErrLineTooLong is for lines beyond their limit.
var ErrLineTooLong = errors.New("line too long")

// Line returns a control line as it is written.
func Line(word string) []byte { return []byte(word + newline) }

// ReadLine reads one control line of at most limit bytes, without its end. An
// end of src before the first byte is io.EOF.
func ReadLine(src io.ByteReader, limit int) (string, error) {
	var line []byte
	for {
		b, err := src.ReadByte()
		if err != nil {
			if len(line) > 0 {
				err = unexpected(err)
			}
			return "", err
		}
		if b != '\r' {
			if len(line) >= limit {
				return "", ErrLineTooLong
			}
			line = append(line, b)
			continue
		}
		if b, err = src.ReadByte(); err != nil {
			return "", unexpected(err)
		}
		if b != '\n' {
			return "", fmt.Errorf("a carriage return without a line feed after %q", clip(line))
		}
		return string(line), nil
	}
}

// ReadControl reads NEXT, PROCEED or END; empty lines before it are skipped.
func ReadControl(src io.ByteReader, limit int) (string, error) {
	for skipped := 0; ; skipped += len(newline) {
		line, err := ReadLine(src, limit)
		if err != nil || line != "" {
			return line, err
		}
		if skipped > limit {
			return "", ErrLineTooLong
		}
	}
}

// Role is who a peer says it is.
type Role string

// The roles.
const (
	RoleClient     Role = "MX-CLIENT"
	RoleSubscriber Role = "MX-SUBSCRIBER"
	RoleServer     Role = "MX-SERVER"
)

// Identity is what the identity line says.
type Identity struct {
	Role         Role
	Subscription string // of a subscriber, as it was sent
}

// Bytes returns the identity line and the empty line after it, to be written at once.
func (i Identity) Bytes() []byte {
	line := string(i.Role) + " 1.0"
	if i.Subscription != "" {
		line += " " + i.Subscription
	}
	return []byte(line + newline + newline)
}

// ReadIdentity reads an identity line and the empty line after it.
func ReadIdentity(src io.ByteReader, limit int) (Identity, error) {
	line, err := ReadLine(src, limit)
	if err != nil {
		return Identity{}, err
	}
	if line == "" {
		return Identity{}, errors.New("an empty line where an identity is expected")
	}
	id, err := ParseIdentity(line)
	if err != nil {
		return Identity{}, err
	}
	empty, err := ReadLine(src, limit)
	if err != nil {
		return Identity{}, unexpected(err)
	}
	if empty != "" {
		return Identity{}, fmt.Errorf("%q where an empty line is expected", clip([]byte(empty)))
	}
	return id, nil
}

// ErrIdentity is for a line that is no identity.
var ErrIdentity = errors.New("not an identity")

// ParseIdentity reads an identity line. The version is not looked at: it has
// always been 1.0, and nobody checks it or even that it is there.
func ParseIdentity(line string) (Identity, error) {
	bad := fmt.Errorf("%w: %q", ErrIdentity, clip([]byte(line)))
	if !utf8.ValidString(line) {
		return Identity{}, bad
	}
	words := strings.FieldsFunc(line, func(r rune) bool { return r == ' ' })
	if len(words) == 0 {
		return Identity{}, bad
	}
	id := Identity{Role: Role(words[0])}
	switch id.Role {
	case RoleClient, RoleServer:
		return id, nil
	case RoleSubscriber:
		if len(words) < 3 {
			return Identity{}, bad
		}
		id.Subscription = words[2]
		return id, nil
	}
	return Identity{}, bad
}

// clip keeps a stranger's text short in an error.
func clip(b []byte) string {
	const limit = 64
	if len(b) > limit {
		return string(b[:limit]) + "…"
	}
	return string(b)
}
