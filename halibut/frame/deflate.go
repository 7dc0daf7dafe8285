package frame

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
)

// ErrTooLarge is for messages beyond the limits.
var ErrTooLarge = errors.New("message too large")

const (
	// storedBelow is the size up to which a message is only wrapped: compressing
	// it would take longer than sending it.
	storedBelow = 2048
	// chunk is how much of a message is allocated ahead of its bytes.
	chunk = 32 << 10
	// keepBuffer is the largest buffer that is kept for the next message.
	keepBuffer = 1 << 20
)

// Codec compresses and decompresses messages; it keeps the buffers for that.
type Codec struct {
	MaxBytes       int64 // decompressed
	MaxRatio       int64 // decompressed to compressed, above FreeRatioBytes
	FreeRatioBytes int64

	writers, readers, buffers sync.Pool
}

// Encode passes the compressed message to write, whole, in one call; the bytes
// are not valid afterwards.
func (c *Codec) Encode(document []byte, write func([]byte) error) error {
	if len(document) == 0 {
		return errors.New("a message cannot be empty")
	}
	b, _ := c.buffers.Get().(*bytes.Buffer)
	if b == nil {
		b = new(bytes.Buffer)
	}
	b.Reset()
	defer func() {
		if b.Cap() <= keepBuffer {
			c.buffers.Put(b)
		}
	}()
	last := document
	if len(document) > storedBelow {
		// Any k from 1 to 65535 bytes may be left for the final block.
		const k = 16
		if err := c.compress(b, document[:len(document)-k]); err != nil {
			return err
		}
		last = document[len(document)-k:]
	}
	appendFinal(b, last)
	return write(b.Bytes())
}

func (c *Codec) compress(b *bytes.Buffer, p []byte) error {
	w, _ := c.writers.Get().(*flate.Writer)
	if w == nil {
		var err error
		if w, err = flate.NewWriter(b, flate.BestSpeed); err != nil {
			return err
		}
	} else {
		w.Reset(b)
	}
	defer c.writers.Put(w)
	if _, err := w.Write(p); err != nil {
		return err
	}
	return w.Flush() // not Close, which adds an empty block behind the data
}

// appendFinal writes p as one final stored block.
func appendFinal(b *bytes.Buffer, p []byte) {
	var header [5]byte
	header[0] = 1
	binary.LittleEndian.PutUint16(header[1:], uint16(len(p)))
	binary.LittleEndian.PutUint16(header[3:], ^uint16(len(p)))
	b.Write(header[:])
	b.Write(p)
}

// Source is what messages are read from; it must be the only buffer between the
// connection and everything that is read from it.
type Source interface {
	io.Reader
	io.ByteReader
}

// counter counts what the decompressor takes.
type counter struct {
	Source
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.Source.Read(p)
	c.n += int64(n)
	return n, err
}

func (c *counter) ReadByte() (byte, error) {
	b, err := c.Source.ReadByte()
	if err == nil {
		c.n++
	}
	return b, err
}

// Decode reads one message, to the end of its deflate stream and not a byte
// further. An end of src before the first byte is io.EOF, later it is
// io.ErrUnexpectedEOF.
func (c *Codec) Decode(src Source) ([]byte, error) {
	in := &counter{Source: src}
	z, _ := c.readers.Get().(io.ReadCloser)
	if z == nil {
		z = flate.NewReader(in)
	} else if err := z.(flate.Resetter).Reset(in, nil); err != nil {
		return nil, err
	}
	document, err := c.read(z, in)
	switch {
	case err == nil:
		_ = z.(flate.Resetter).Reset(nothing{}, nil) // lets go of the connection
		c.readers.Put(z)
	case in.n == 0 && errors.Is(err, io.ErrUnexpectedEOF):
		return nil, io.EOF
	case errors.As(err, new(flate.CorruptInputError)):
		return nil, fmt.Errorf("the message is not deflate: %w", err)
	}
	return document, err
}

func (c *Codec) read(z io.Reader, in *counter) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(z, head[:]); err != nil {
		return nil, unexpected(err)
	}
	length := int64(int32(binary.LittleEndian.Uint32(head[:])))
	if length < 5 {
		return nil, fmt.Errorf("a BSON document cannot have %d bytes", length)
	}
	if length > c.MaxBytes {
		return nil, fmt.Errorf("%w: %d bytes, and %d are allowed", ErrTooLarge, length, c.MaxBytes)
	}
	document := append(make([]byte, 0, min(length, chunk)), head[:]...)
	for int64(len(document)) < length {
		if len(document) == cap(document) {
			document = append(make([]byte, 0, min(length, 2*int64(cap(document)))), document...)
		}
		n, err := z.Read(document[len(document):cap(document)])
		document = document[:len(document)+n]
		if err != nil && int64(len(document)) < length {
			return nil, unexpected(err)
		}
		if have := int64(len(document)); have > c.FreeRatioBytes && have > c.MaxRatio*in.n {
			return nil, fmt.Errorf("%w: more than %d times what was sent", ErrTooLarge, c.MaxRatio)
		}
	}
	return document, finish(z)
}

// finish reads the end of the deflate stream, which holds no more data.
func finish(z io.Reader) error {
	var rest [1]byte
	for {
		n, err := z.Read(rest[:])
		switch {
		case n > 0:
			return errors.New("the message goes on behind its document")
		case err == io.EOF:
			return nil
		case err != nil:
			return unexpected(err)
		}
	}
}

// unexpected is what an early end of the deflate stream or its source means.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// nothing is an empty Source.
type nothing struct{}

func (nothing) Read([]byte) (int, error) { return 0, io.EOF }
func (nothing) ReadByte() (byte, error)  { return 0, io.EOF }
