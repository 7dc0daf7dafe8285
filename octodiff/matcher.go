package octodiff

import (
	"cmp"
	"crypto/sha1"
	"encoding/binary"
	"io"
	"math/bits"
	"slices"
	"sort"
)

const (
	readAhead = 256 << 10
	// A copy command has 17 bytes: shorter chunks are not worth one.
	shortestMatch = 32
	// filterBits is the size of a filter as a power of two; large signatures get eight bits for each chunk.
	filterBits, maxFilterBits = 20, 27
	// mostCandidates bounds how many chunks with one key are looked at: those with the same content have the same hash,
	// so that the first one will do, and others exist only in signatures that somebody made up.
	mostCandidates = 16
)

// matcher moves a window over the new file and looks for chunks of the basis. The window has the
// length of the longest chunk; the last chunk of a basis may be shorter, and is looked for near
// the end of the new file alone.
type matcher struct {
	sig    *Signature
	order  []int32  // the chunks by key and place
	filter []uint64 // a bit for each rolling checksum that some chunk has
	shift  int      // of a checksum's hash to its bit
	window int

	in       io.Reader
	buf      []byte
	start, n int   // the window starts at buf[start]; buf[:n] is read
	base     int64 // the position of buf[0] in the new file
	eof      bool
	expected int   // the chunk after the last match
	broken   error // why hashes cannot be read
}

func newMatcher(s *Signature, file io.ReaderAt, size int64) *matcher {
	m := &matcher{sig: s, order: make([]int32, s.count), in: io.NewSectionReader(file, 0, size), expected: -1}
	width := min(max(filterBits, 3+bits.Len(uint(s.count))), maxFilterBits)
	m.shift = 32 - width
	m.filter = make([]uint64, 1<<width/64)
	for i, key := range s.keys {
		m.window = max(m.window, int(s.chunk(i).length))
		m.order[i] = int32(i)
		slot := m.filterSlot(uint32(key >> 32))
		m.filter[slot/64] |= 1 << (slot % 64)
	}
	slices.SortFunc(m.order, func(i, j int32) int { return cmp.Or(cmp.Compare(s.keys[i], s.keys[j]), cmp.Compare(i, j)) })
	m.buf = make([]byte, m.window+readAhead)
	return m
}

// has tells whether some chunk may have a rolling checksum.
func (m *matcher) has(sum uint32) bool {
	slot := m.filterSlot(sum)
	if m.filter[slot/64]&(1<<(slot%64)) == 0 {
		return false
	}
	place := m.place(uint64(sum) << 32)
	return place < len(m.order) && uint32(m.sig.keys[m.order[place]]>>32) == sum
}

// place is where in the order the first chunk is whose key is not below one.
func (m *matcher) place(key uint64) int {
	return sort.Search(len(m.order), func(i int) bool { return m.sig.keys[m.order[i]] >= key })
}

// first finds the first chunk with a checksum, a hash and a length.
func (m *matcher) first(sum uint32, hash *[hashSize]byte, length int) (int, bool) {
	want := key(sum, hash[:])
	place := m.place(want)
	for _, i := range m.order[place:min(place+mostCandidates, len(m.order))] {
		if m.sig.keys[i] != want {
			break
		}
		if m.is(int(i), hash, length) {
			return int(i), true
		}
	}
	return 0, false
}

// is tells whether a chunk has a hash and a length.
func (m *matcher) is(i int, hash *[hashSize]byte, length int) bool {
	if m.sig.chunk(i).length != int64(length) {
		return false
	}
	have, err := m.sig.hashes.hash(i)
	if err != nil {
		m.broken = err
		return false
	}
	return *have == *hash
}

func (m *matcher) filterSlot(sum uint32) uint32 { return sum * 2654435769 >> m.shift }

func (m *matcher) run(d *deltaWriter) error {
	if m.window < shortestMatch {
		return nil
	}
	sum, fresh := rolling{}, false
	for {
		if m.n-m.start <= m.window && !m.eof {
			if err := m.fill(); err != nil {
				return err
			}
		}
		if m.n-m.start < m.window {
			return m.tail(d)
		}
		if !fresh {
			if m.next() {
				if err := m.take(d, m.expected, m.start); err != nil {
					return err
				}
				continue
			}
			sum, fresh = newRolling(m.sig.rolling, m.buf[m.start:m.start+m.window]), true
		}
		if i, found := m.find(sum.sum(), m.window, m.start); found {
			if err := m.take(d, i, m.start); err != nil {
				return err
			}
			fresh = false
			continue
		}
		if m.start+m.window < m.n {
			sum.rotate(m.buf[m.start], m.buf[m.start+m.window], m.window)
		}
		m.start++
	}
}

// fill moves the window to the front of the buffer and reads on.
func (m *matcher) fill() error {
	copy(m.buf, m.buf[m.start:m.n])
	m.base += int64(m.start)
	m.n, m.start = m.n-m.start, 0
	n, err := io.ReadFull(m.in, m.buf[m.n:])
	m.n += n
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		m.eof, err = true, nil
	}
	return err
}

// find looks for a chunk that is equal to the bytes at a place in the buffer. Of equal chunks it
// prefers the one after the last match, because the two make one command.
func (m *matcher) find(sum uint32, length, at int) (int, bool) {
	if !m.has(sum) {
		return 0, false
	}
	hash := sha1.Sum(m.buf[at : at+length])
	if m.isNext(&hash, length) {
		return m.expected, true
	}
	return m.first(sum, &hash, length)
}

// isNext tells whether the chunk after the last match has a hash.
func (m *matcher) isNext(hash *[hashSize]byte, length int) bool {
	return m.expected >= 0 && m.expected < m.sig.count && uint32(m.sig.keys[m.expected]) == binary.BigEndian.Uint32(hash[:]) && m.is(m.expected, hash, length)
}

// next is find for the place right after a match, where as a rule the next chunk is: that needs no rolling checksum.
func (m *matcher) next() bool {
	if m.expected < 0 || m.expected >= m.sig.count || m.sig.chunk(m.expected).length != int64(m.window) {
		return false
	}
	hash := sha1.Sum(m.buf[m.start : m.start+m.window])
	return m.isNext(&hash, m.window)
}

func (m *matcher) take(d *deltaWriter, i, at int) error {
	c := m.sig.chunk(i)
	m.start, m.expected = at+int(c.length), i+1
	return d.copy(m.base+int64(at), c)
}

// tail looks for the last chunk, which is shorter than the window, in what is left of the file.
func (m *matcher) tail(d *deltaWriter) error {
	length := int(m.sig.chunk(m.sig.count - 1).length)
	if length < shortestMatch {
		return m.tinyTail(d, length)
	}
	fresh, sum := false, rolling{}
	for m.start+length <= m.n {
		if !fresh {
			sum, fresh = newRolling(m.sig.rolling, m.buf[m.start:m.start+length]), true
		}
		if i, found := m.find(sum.sum(), length, m.start); found {
			if err := m.take(d, i, m.start); err != nil {
				return err
			}
			fresh = false
			continue
		}
		if m.start+length < m.n {
			sum.rotate(m.buf[m.start], m.buf[m.start+length], length)
		}
		m.start++
	}
	return nil
}

// tinyTail takes a last chunk that is not worth a command of its own if it makes the copy before
// it longer.
func (m *matcher) tinyTail(d *deltaWriter, length int) error {
	end := m.start + length
	if m.expected != m.sig.count-1 || end > m.n || m.base+int64(m.start) != d.done {
		return nil
	}
	hash := sha1.Sum(m.buf[m.start:end])
	if !m.isNext(&hash, length) {
		return nil
	}
	return m.take(d, m.expected, m.start)
}
