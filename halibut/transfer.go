package halibut

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/mantledeploy/mantle/halibut/dialect"
)

// transferBuffer is how much of a stream is in memory while it passes.
const transferBuffer = 256 << 10

// buffers keeps the buffers for that.
type buffers struct{ pool sync.Pool }

func (b *buffers) get() *[]byte {
	if p, ok := b.pool.Get().(*[]byte); ok {
		return p
	}
	p := make([]byte, transferBuffer)
	return &p
}

func (b *buffers) put(p *[]byte) { b.pool.Put(p) }

// sendStream writes a stream: ID and length, the bytes, the length again.
func (c *conn) sendStream(s *DataStream) error {
	if s.Length < 0 {
		return fmt.Errorf("a length of %d", s.Length)
	}
	r, err := s.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	id := s.ID.Wire()
	header := binary.LittleEndian.AppendUint64(id[:], uint64(s.Length))
	if err := c.write(header); err != nil {
		return err
	}
	buffer := c.buffers.get()
	defer c.buffers.put(buffer)
	if s.Length > bulkAbove {
		held := c.buffers.get()
		defer c.buffers.put(held)
		c.link.hold(held)
	}
	n, err := io.CopyBuffer(onlyWriter{c.tls}, io.LimitReader(r, s.Length), *buffer)
	if err = errors.Join(err, c.link.release()); err != nil {
		return err
	}
	if n != s.Length {
		return fmt.Errorf("it ended after %d of %d bytes: %w", n, s.Length, io.ErrUnexpectedEOF)
	}
	_, err = c.tls.Write(header[16:])
	return err
}

// onlyWriter hides other methods from io.CopyBuffer, which then uses the buffer.
type onlyWriter struct{ io.Writer }

// receiveStreams reads the streams that belong to a message, in any order.
func (c *conn) receiveStreams(streams []*DataStream) error {
	if len(streams) > c.limits.MaxStreamsPerMessage {
		return fmt.Errorf("%w: %d streams, and %d are allowed", ErrProtocol, len(streams), c.limits.MaxStreamsPerMessage)
	}
	waiting := make(map[GUID][]*DataStream, len(streams))
	for _, s := range streams {
		waiting[s.ID] = append(waiting[s.ID], s)
	}
	memory := c.limits.MemoryMessageBytes
	for range streams {
		if err := c.receiveStream(waiting, &memory); err != nil {
			for _, s := range streams {
				_ = s.Close()
			}
			return fmt.Errorf("data stream: %w", noEOF(err))
		}
	}
	return nil
}

// receiveStream reads one stream; memory is what the message may still keep there.
func (c *conn) receiveStream(waiting map[GUID][]*DataStream, memory *int64) error {
	var header [24]byte
	if _, err := io.ReadFull(c.br, header[:]); err != nil {
		return err
	}
	id := dialect.GUIDFromWire([16]byte(header[:16]))
	length := int64(binary.LittleEndian.Uint64(header[16:]))
	if len(waiting[id]) == 0 {
		return fmt.Errorf("%w: %s is not in the message", ErrProtocol, id)
	}
	if length < 0 || length > c.limits.MaxStreamBytes {
		return fmt.Errorf("%w: %d bytes, and %d are allowed", ErrProtocol, length, c.limits.MaxStreamBytes)
	}
	s := waiting[id][0]
	waiting[id] = waiting[id][1:]
	store := c.toFile
	if length <= c.limits.MemoryStreamBytes && length <= *memory {
		store = c.toMemory
		*memory -= length
	}
	if err := store(s, length); err != nil {
		return err
	}
	var trailer [8]byte
	if _, err := io.ReadFull(c.br, trailer[:]); err != nil {
		return err
	}
	if again := int64(binary.LittleEndian.Uint64(trailer[:])); again != length {
		return fmt.Errorf("%w: its length is %d before and %d after it", ErrProtocol, length, again)
	}
	return nil
}

func (c *conn) toMemory(s *DataStream, length int64) error {
	b := make([]byte, length)
	if _, err := io.ReadFull(c.br, b); err != nil {
		return err
	}
	s.SetContent(length, dialect.StreamBytes(b).Open, nil)
	return nil
}

func (c *conn) toFile(s *DataStream, length int64) error {
	f, err := os.CreateTemp(c.limits.TempDir, "halibut-*.stream")
	if err != nil {
		return err
	}
	buffer := c.buffers.get()
	defer c.buffers.put(buffer)
	if length > bulkAbove {
		ahead := make([]byte, transferBuffer) // the link keeps it until it is empty
		c.link.readAhead(&ahead)
	}
	err = copyFull(f, c.br, length, *buffer)
	c.link.readAhead(nil)
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	name := f.Name()
	s.SetContent(length,
		func() (io.ReadCloser, error) { return os.Open(name) },
		func() error { return os.Remove(name) })
	return nil
}

// copyFull copies length bytes in writes as large as the buffer.
func copyFull(w io.Writer, r io.Reader, length int64, buffer []byte) error {
	for length > 0 {
		part := buffer[:min(length, int64(len(buffer)))]
		if _, err := io.ReadFull(r, part); err != nil {
			return noEOF(err)
		}
		if _, err := w.Write(part); err != nil {
			return err
		}
		length -= int64(len(part))
	}
	return nil
}

// noEOF turns an end in the middle of something into an unexpected one.
func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
