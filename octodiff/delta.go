package octodiff

import (
	"bufio"
	"cmp"
	"crypto/sha1"
	"encoding/binary"
	"fmt"
	"io"
)

// WriteDelta writes what turns the file of a signature into the new one, which has the given size.
// A signature serves one call at a time. The new file is read twice, so it must not change meanwhile; if it does, Patch will say so.
func WriteDelta(w io.Writer, s *Signature, file io.ReaderAt, size int64) error {
	hash := sha1.New()
	n, err := io.Copy(hash, io.NewSectionReader(file, 0, size))
	if err == nil && n != size {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return fmt.Errorf("octodiff: read the new file: %w", err)
	}
	d := deltaWriter{out: bufio.NewWriterSize(w, 64<<10), file: file}
	head := appendName(append([]byte(deltaMagic), formatVersion), hashName)
	head = binary.LittleEndian.AppendUint32(head, hashSize)
	head = append(hash.Sum(head), endOfMetadata...)
	if _, err := d.out.Write(head); err != nil {
		return err
	}
	m := newMatcher(s, file, size)
	if err := cmp.Or(m.run(&d), m.broken); err != nil {
		return fmt.Errorf("octodiff: write the delta: %w", err)
	}
	return d.finish(size)
}

// deltaWriter writes commands. It holds the last copy back, so that the next one can join it; what
// lies between two copies becomes a data command.
type deltaWriter struct {
	out          *bufio.Writer
	file         io.ReaderAt
	done         int64 // how much of the new file has commands
	from, length int64 // the copy that is held back
}

// copy says that the new file has at a position what the basis has at another.
func (d *deltaWriter) copy(at int64, c chunk) error {
	if at == d.done && d.length > 0 && d.from+d.length == c.offset {
		d.length += c.length
		d.done += c.length
		return nil
	}
	if err := d.flush(); err != nil {
		return err
	}
	if err := d.data(at); err != nil {
		return err
	}
	d.from, d.length = c.offset, c.length
	d.done = at + c.length
	return nil
}

func (d *deltaWriter) flush() error {
	if d.length == 0 {
		return nil
	}
	command := binary.LittleEndian.AppendUint64([]byte{copyCommand}, uint64(d.from))
	command = binary.LittleEndian.AppendUint64(command, uint64(d.length))
	d.length = 0
	_, err := d.out.Write(command)
	return err
}

// data writes the bytes of the new file that no copy covers, up to a position.
func (d *deltaWriter) data(end int64) error {
	if end == d.done {
		return nil
	}
	command := binary.LittleEndian.AppendUint64([]byte{dataCommand}, uint64(end-d.done))
	if _, err := d.out.Write(command); err != nil {
		return err
	}
	n, err := io.Copy(d.out, io.NewSectionReader(d.file, d.done, end-d.done))
	if err == nil && n != end-d.done {
		err = io.ErrUnexpectedEOF
	}
	d.done = end
	return err
}

func (d *deltaWriter) finish(size int64) error {
	if err := d.flush(); err != nil {
		return err
	}
	if err := d.data(size); err != nil {
		return err
	}
	return d.out.Flush()
}
