package octodiff

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

var (
	// ErrCorrupt is the cause when a signature or a delta is malformed.
	ErrCorrupt = errors.New("octodiff: corrupt file")
	// ErrMismatch is the cause when a patched file is not the one that the delta was made for:
	// as a rule the basis is another one than that of the signature.
	ErrMismatch = errors.New("octodiff: the patched file has another hash than the delta says")
)

const (
	signatureMagic = "OCTOSIG"
	deltaMagic     = "OCTODELTA"
	formatVersion  = 1
	endOfMetadata  = ">>>"
	hashName       = "SHA1"
	hashSize       = 20
	copyCommand    = 0x60
	dataCommand    = 0x80
	longestName    = 32
)

// corruptError says what is wrong with a file, and with which code Octodiff's program ends then.
type corruptError struct {
	text string
	exit int
}

func (e *corruptError) Error() string { return ErrCorrupt.Error() + ": " + e.text }

func (e *corruptError) Unwrap() error { return ErrCorrupt }

func corrupt(format string, args ...any) *corruptError {
	return &corruptError{fmt.Sprintf(format, args...), exitCorrupt}
}

func (e *corruptError) with(exit int) *corruptError {
	e.exit = exit
	return e
}

// truncated makes an early end of input a corrupt file, and leaves other errors alone.
func truncated(err error, where string) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return corrupt("it ends in %s", where)
	}
	return err
}

func appendName(b []byte, s string) []byte {
	return append(append(b, byte(len(s))), s...) // names are shorter than 128 bytes
}

// readMagic reads the first bytes, the format's version, and the name of the strong hash.
func readMagic(r *bufio.Reader, magic string) error {
	head := make([]byte, len(magic)+1)
	if _, err := io.ReadFull(r, head); err != nil {
		return truncated(err, "its first bytes")
	}
	if string(head[:len(magic)]) != magic {
		return corrupt("it does not start with %s", magic)
	}
	if v := head[len(magic)]; v != formatVersion {
		return corrupt("its format version is %d, not %d", v, formatVersion)
	}
	name, err := readName(r)
	if err != nil {
		return err
	}
	if name != hashName {
		return corrupt("its hash algorithm is %q, not %s", name, hashName).with(exitOther)
	}
	return nil
}

func readName(r *bufio.Reader) (string, error) {
	n, err := r.ReadByte() // further bytes of a length would make a name of 128 bytes or more
	if err != nil {
		return "", truncated(err, "the length of a name")
	}
	if n > longestName {
		return "", corrupt("a name in its header is too long")
	}
	name := make([]byte, n)
	if _, err := io.ReadFull(r, name); err != nil {
		return "", truncated(err, "a name in its header")
	}
	return string(name), nil
}

func readEndOfMetadata(r *bufio.Reader) error {
	mark := make([]byte, len(endOfMetadata))
	if _, err := io.ReadFull(r, mark); err != nil {
		return truncated(err, "its header")
	}
	if string(mark) != endOfMetadata {
		return corrupt("its header does not end with %s", endOfMetadata)
	}
	return nil
}
