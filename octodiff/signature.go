package octodiff

import (
	"bufio"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// The sizes of a chunk. Smaller chunks find more, and make bigger signatures.
const (
	MinChunkSize     = 128
	DefaultChunkSize = 2048
	MaxChunkSize     = 31744
)

// SignatureOptions says how a signature is made; the zero value is the default of Octodiff.
type SignatureOptions struct {
	ChunkSize int     // in bytes; 0 = DefaultChunkSize
	Rolling   Rolling // "" = Adler32
}

// Signature describes a basis file chunk by chunk.
type Signature struct {
	rolling Rolling
	chunks  []chunk
}

type chunk struct {
	offset  int64
	rolling uint32
	length  int32
	hash    [hashSize]byte
}

// WriteSignature reads a basis file to its end and writes its signature.
func WriteSignature(w io.Writer, basis io.Reader, o SignatureOptions) error {
	if o.ChunkSize == 0 {
		o.ChunkSize = DefaultChunkSize
	}
	if o.Rolling == "" {
		o.Rolling = Adler32
	}
	if o.ChunkSize < MinChunkSize || o.ChunkSize > MaxChunkSize {
		return fmt.Errorf("octodiff: a chunk size of %d is not between %d and %d", o.ChunkSize, MinChunkSize, MaxChunkSize)
	}
	if o.Rolling != Adler32 && o.Rolling != Adler32V2 {
		return fmt.Errorf("octodiff: no rolling checksum has the name %q; use %s or %s", o.Rolling, Adler32, Adler32V2)
	}
	out := bufio.NewWriter(w)
	head := append([]byte(signatureMagic), formatVersion)
	head = appendName(appendName(head, hashName), string(o.Rolling))
	if _, err := out.Write(append(head, endOfMetadata...)); err != nil {
		return err
	}
	block := make([]byte, o.ChunkSize)
	var record []byte
	for {
		n, err := io.ReadFull(basis, block)
		if n > 0 {
			hash := sha1.Sum(block[:n])
			record = binary.LittleEndian.AppendUint16(record[:0], uint16(n))
			record = binary.LittleEndian.AppendUint32(record, newRolling(o.Rolling, block[:n]).sum())
			record = append(record, hash[:]...)
			if _, err := out.Write(record); err != nil {
				return err
			}
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return out.Flush()
		}
		if err != nil {
			return fmt.Errorf("octodiff: read the basis: %w", err)
		}
	}
}

// ReadSignature reads a signature to its end.
func ReadSignature(r io.Reader) (*Signature, error) {
	in := bufio.NewReader(r)
	if err := readMagic(in, signatureMagic); err != nil {
		return nil, fmt.Errorf("read signature: %w", err)
	}
	name, err := readName(in)
	if err != nil {
		return nil, fmt.Errorf("read signature: %w", err)
	}
	s := &Signature{rolling: Rolling(name)}
	if s.rolling != Adler32 && s.rolling != Adler32V2 {
		return nil, fmt.Errorf("read signature: %w", corrupt("its rolling checksum is %q", name).with(exitOther))
	}
	if err := readEndOfMetadata(in); err != nil {
		return nil, fmt.Errorf("read signature: %w", err)
	}
	if err := s.readChunks(in); err != nil {
		return nil, fmt.Errorf("read signature: %w", err)
	}
	return s, nil
}

func (s *Signature) readChunks(in *bufio.Reader) error {
	record := make([]byte, 2+4+hashSize)
	offset := int64(0)
	for {
		_, err := io.ReadFull(in, record)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return truncated(err, "a chunk")
		}
		length := int32(int16(binary.LittleEndian.Uint16(record)))
		if length < 0 {
			return corrupt("chunk %d has %d bytes", len(s.chunks), length).with(exitOther)
		}
		if length == 0 {
			continue // nothing can be copied from it
		}
		c := chunk{offset: offset, length: length, rolling: binary.LittleEndian.Uint32(record[2:])}
		copy(c.hash[:], record[6:])
		s.chunks = append(s.chunks, c)
		offset += int64(length)
	}
}
