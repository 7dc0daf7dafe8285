package octodiff

import (
	"bufio"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
)

// Patch applies a delta to a basis of the given size and writes the new file. A result of more
// than limit bytes is refused; 0 is no limit. What was written before an error is of no use.
func Patch(w io.Writer, basis io.ReaderAt, size int64, delta io.Reader, limit int64) error {
	r, err := newDeltaReader(delta)
	if err != nil {
		return fmt.Errorf("read delta: %w", err)
	}
	sum := sha1.New()
	p := patcher{out: io.MultiWriter(w, sum), sum: sum, basis: basis, size: size, limit: limit, buf: make([]byte, 64<<10)}
	for {
		c, err := r.next()
		if errors.Is(err, io.EOF) {
			return p.verify(r.want)
		}
		if err == nil {
			err = p.apply(c)
		}
		if err != nil {
			return fmt.Errorf("apply delta: command %d: %w", r.count, err)
		}
	}
}

type patcher struct {
	out     io.Writer
	sum     hash.Hash
	basis   io.ReaderAt
	size    int64
	limit   int64
	written int64
	buf     []byte
}

func (p *patcher) apply(c command) error {
	if p.limit > 0 && c.length > p.limit-p.written {
		return corrupt("its result has more than %d bytes", p.limit)
	}
	from := c.data
	if from == nil {
		if c.offset > p.size || c.length > p.size-c.offset {
			return corrupt("it copies %d bytes at %d of a basis of %d", c.length, c.offset, p.size)
		}
		from = io.NewSectionReader(p.basis, c.offset, c.length)
	}
	n, err := io.CopyBuffer(p.out, from, p.buf)
	p.written += n
	if err == nil && n != c.length {
		if c.data == nil {
			return fmt.Errorf("read the basis: %w", io.ErrUnexpectedEOF)
		}
		return corrupt("it ends in the bytes of a data command")
	}
	return err
}

func (p *patcher) verify(want [hashSize]byte) error {
	if [hashSize]byte(p.sum.Sum(nil)) != want {
		return ErrMismatch
	}
	return nil
}

// command copies a range of the basis, or has data of its own.
type command struct {
	data           io.Reader // nil for a copy
	offset, length int64
}

type deltaReader struct {
	in    *bufio.Reader
	want  [hashSize]byte // of the new file
	count int            // of the commands that were begun
}

func newDeltaReader(r io.Reader) (*deltaReader, error) {
	d := &deltaReader{in: bufio.NewReaderSize(r, 64<<10)}
	if err := readMagic(d.in, deltaMagic); err != nil {
		return nil, err
	}
	head := make([]byte, 4+hashSize)
	if _, err := io.ReadFull(d.in, head); err != nil {
		return nil, truncated(err, "its header")
	}
	if n := binary.LittleEndian.Uint32(head); n != hashSize {
		return nil, corrupt("its hash has %d bytes", n)
	}
	copy(d.want[:], head[4:])
	return d, readEndOfMetadata(d.in)
}

// next gives the next command, whose data must be read before the one after; io.EOF at the end.
func (d *deltaReader) next() (command, error) {
	kind, err := d.in.ReadByte()
	if err != nil {
		return command{}, err
	}
	d.count++
	var c command
	switch kind {
	case copyCommand:
		if c.offset, err = d.number(exitInput); err != nil {
			return c, err
		}
		c.length, err = d.number(exitOther)
	case dataCommand:
		c.length, err = d.number(exitOther)
		c.data = io.LimitReader(d.in, c.length)
	default:
		err = corrupt("it has an unknown command %#x", kind)
	}
	return c, err
}

func (d *deltaReader) number(exit int) (int64, error) {
	b := make([]byte, 8)
	if _, err := io.ReadFull(d.in, b); err != nil {
		if err = truncated(err, "a command"); errors.Is(err, ErrCorrupt) {
			return 0, corrupt("it ends in a command").with(exitInput)
		}
		return 0, err
	}
	n := int64(binary.LittleEndian.Uint64(b))
	if n < 0 {
		return 0, corrupt("a command has the number %d", n).with(exit)
	}
	return n, nil
}
