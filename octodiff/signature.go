package octodiff

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
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
	count   int // of chunks
	// length is that of every chunk but the last, and last is that one's; where a signature has chunks of several lengths,
	// ends has where each of them ends in the basis.
	length, last int64
	ends         []int64
	keys         []uint64 // of each chunk: its rolling checksum, and the first four bytes of its hash
	hashes       recordReader
}

// chunk is a part of the basis.
type chunk struct{ offset, length int64 }

func (s *Signature) chunk(i int) chunk {
	switch {
	case s.ends != nil && i == 0:
		return chunk{0, s.ends[0]}
	case s.ends != nil:
		return chunk{s.ends[i-1], s.ends[i] - s.ends[i-1]}
	case i == s.count-1:
		return chunk{int64(i) * s.length, s.last}
	}
	return chunk{int64(i) * s.length, s.length}
}

func key(sum uint32, hash []byte) uint64 {
	return uint64(sum)<<32 | uint64(binary.BigEndian.Uint32(hash))
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

// ReadSignature reads a signature to its end. It takes about 40 bytes of memory for each chunk; see OpenSignature.
func ReadSignature(r io.Reader) (*Signature, error) {
	in := bufio.NewReader(r)
	s, _, err := readHead(in)
	if err != nil {
		return nil, fmt.Errorf("read signature: %w", err)
	}
	var kept []byte
	if err := s.readChunks(in, func(record []byte) { kept = append(kept, record...) }); err != nil {
		return nil, fmt.Errorf("read signature: %w", err)
	}
	s.hashes = recordReader{file: bytes.NewReader(kept)}
	return s, nil
}

// OpenSignature is ReadSignature for a file of the given size, which stays open as long as the signature is used: the
// strong hashes stay there, and memory is taken for 12 bytes of each chunk.
func OpenSignature(file io.ReaderAt, size int64) (*Signature, error) {
	in := bufio.NewReaderSize(io.NewSectionReader(file, 0, size), 64<<10)
	s, start, err := readHead(in)
	if err != nil {
		return nil, fmt.Errorf("read signature: %w", err)
	}
	s.keys = make([]uint64, 0, max(0, size-start)/recordSize)
	if err := s.readChunks(in, func([]byte) {}); err != nil {
		return nil, fmt.Errorf("read signature: %w", err)
	}
	s.hashes = recordReader{file: file, start: start}
	return s, nil
}

// readHead reads what comes before the chunks, and says where they begin.
func readHead(in *bufio.Reader) (s *Signature, start int64, err error) {
	if err := readMagic(in, signatureMagic); err != nil {
		return nil, 0, err
	}
	name, err := readName(in)
	if err != nil {
		return nil, 0, err
	}
	s = &Signature{rolling: Rolling(name)}
	if s.rolling != Adler32 && s.rolling != Adler32V2 {
		return nil, 0, corrupt("its rolling checksum is %q", name).with(exitOther)
	}
	start = int64(len(signatureMagic) + 1 + 1 + len(hashName) + 1 + len(name) + len(endOfMetadata))
	return s, start, readEndOfMetadata(in)
}

const recordSize = 2 + 4 + hashSize

func (s *Signature) readChunks(in *bufio.Reader, keep func(record []byte)) error {
	record := make([]byte, recordSize)
	end := int64(0)
	for {
		_, err := io.ReadFull(in, record)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return truncated(err, "a chunk")
		}
		length := int64(int16(binary.LittleEndian.Uint16(record)))
		if length < 0 {
			return corrupt("chunk %d has %d bytes", s.count, length).with(exitOther)
		}
		if s.count == math.MaxInt32 {
			return corrupt("it has more than %d chunks", s.count).with(exitOther)
		}
		end += length
		s.add(length, end)
		s.keys = append(s.keys, key(binary.LittleEndian.Uint32(record[2:]), record[6:]))
		keep(record)
	}
}

// add takes the length of one more chunk, which ends at a place in the basis.
func (s *Signature) add(length, end int64) {
	switch {
	case s.ends != nil:
		s.ends = append(s.ends, end)
	case s.count == 0:
		s.length = length
	case s.last != s.length: // one that is not the last differs
		ends := make([]int64, 0, s.count+1)
		for i := range s.count {
			c := s.chunk(i)
			ends = append(ends, c.offset+c.length)
		}
		s.ends = append(ends, end)
	}
	s.last = length
	s.count++
}

// recordReader reads the records of a signature's chunks, some ahead: as a rule the next one is asked for next.
type recordReader struct {
	file  io.ReaderAt
	start int64
	first int // chunk of ahead
	ahead []byte
}

// readAheadRecords is how many are read at once.
const readAheadRecords = 64

// hash gives the strong hash of a chunk.
func (r *recordReader) hash(i int) (*[hashSize]byte, error) {
	at := (i - r.first) * recordSize
	if at < 0 || at+recordSize > len(r.ahead) {
		if r.ahead == nil {
			r.ahead = make([]byte, readAheadRecords*recordSize)
		}
		r.ahead = r.ahead[:cap(r.ahead)]
		n, err := r.file.ReadAt(r.ahead, r.start+int64(i)*recordSize)
		if n < recordSize {
			r.ahead = r.ahead[:0]
			return nil, truncated(cmp.Or(err, io.ErrUnexpectedEOF), "a chunk")
		}
		r.first, r.ahead, at = i, r.ahead[:n-n%recordSize], 0
	}
	return (*[hashSize]byte)(r.ahead[at+2+4:]), nil
}
