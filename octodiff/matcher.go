package octodiff

import (
	"bytes"
	"cmp"
	"crypto/sha1"
	"io"
	"slices"
	"sort"
)

const (
	readAhead = 256 << 10
	// A copy command has 17 bytes: shorter chunks are not worth one.
	shortestMatch = 32
	filterBits    = 20
)

// matcher moves a window over the new file and looks for chunks of the basis. The window has the
// length of the longest chunk; the last chunk of a basis may be shorter, and is looked for near
// the end of the new file alone.
type matcher struct {
	sig    *Signature
	order  []int32  // the chunks by rolling checksum, hash and place
	filter []uint64 // a bit for each rolling checksum that some chunk has
	window int

	in       io.Reader
	buf      []byte
	start, n int   // the window starts at buf[start]; buf[:n] is read
	base     int64 // the position of buf[0] in the new file
	eof      bool
	expected int // the chunk after the last match
}

func newMatcher(s *Signature, file io.ReaderAt, size int64) *matcher {
	m := &matcher{sig: s, order: make([]int32, len(s.chunks)), in: io.NewSectionReader(file, 0, size), expected: -1}
	m.filter = make([]uint64, 1<<filterBits/64)
	for i, c := range s.chunks {
		m.window = max(m.window, int(c.length))
		m.order[i] = int32(i)
		slot := filterSlot(c.rolling)
		m.filter[slot/64] |= 1 << (slot % 64)
	}
	slices.SortFunc(m.order, func(i, j int32) int {
		a, b := &s.chunks[i], &s.chunks[j]
		if c := cmp.Compare(a.rolling, b.rolling); c != 0 {
			return c
		}
		if c := bytes.Compare(a.hash[:], b.hash[:]); c != 0 {
			return c
		}
		return cmp.Compare(i, j)
	})
	m.buf = make([]byte, m.window+readAhead)
	return m
}

// has tells whether some chunk has a rolling checksum, and where in the order the first one is.
func (m *matcher) has(sum uint32) (place int, found bool) {
	slot := filterSlot(sum)
	if m.filter[slot/64]&(1<<(slot%64)) == 0 {
		return 0, false
	}
	place = sort.Search(len(m.order), func(i int) bool { return m.sig.chunks[m.order[i]].rolling >= sum })
	return place, place < len(m.order) && m.sig.chunks[m.order[place]].rolling == sum
}

// first finds the first chunk with a checksum and a hash, from a place in the order on.
func (m *matcher) first(place int, sum uint32, hash *[hashSize]byte) (int, bool) {
	rest := m.order[place:]
	i := sort.Search(len(rest), func(i int) bool {
		c := &m.sig.chunks[rest[i]]
		return c.rolling > sum || c.rolling == sum && bytes.Compare(c.hash[:], hash[:]) >= 0
	})
	if i == len(rest) {
		return 0, false
	}
	c := &m.sig.chunks[rest[i]]
	return int(rest[i]), c.rolling == sum && c.hash == *hash
}

func filterSlot(sum uint32) uint32 { return sum * 2654435769 >> (32 - filterBits) }

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
	place, has := m.has(sum)
	if !has {
		return 0, false
	}
	hash := sha1.Sum(m.buf[at : at+length])
	if m.isNext(&hash, length) {
		return m.expected, true
	}
	i, found := m.first(place, sum, &hash)
	return i, found && int(m.sig.chunks[i].length) == length
}

// isNext tells whether the chunk after the last match has a hash.
func (m *matcher) isNext(hash *[hashSize]byte, length int) bool {
	if m.expected < 0 || m.expected >= len(m.sig.chunks) {
		return false
	}
	c := &m.sig.chunks[m.expected]
	return c.hash == *hash && int(c.length) == length
}

// next is find for the place right after a match, where as a rule the next chunk is: that needs no rolling checksum.
func (m *matcher) next() bool {
	if m.expected < 0 || m.expected >= len(m.sig.chunks) || int(m.sig.chunks[m.expected].length) != m.window {
		return false
	}
	hash := sha1.Sum(m.buf[m.start : m.start+m.window])
	return m.isNext(&hash, m.window)
}

func (m *matcher) take(d *deltaWriter, i, at int) error {
	c := m.sig.chunks[i]
	m.start, m.expected = at+int(c.length), i+1
	return d.copy(m.base+int64(at), c)
}

// tail looks for the last chunk, which is shorter than the window, in what is left of the file.
func (m *matcher) tail(d *deltaWriter) error {
	last := m.sig.chunks[len(m.sig.chunks)-1]
	length := int(last.length)
	if length < shortestMatch {
		return m.tinyTail(d, last)
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
func (m *matcher) tinyTail(d *deltaWriter, last chunk) error {
	end := m.start + int(last.length)
	if m.expected != len(m.sig.chunks)-1 || end > m.n || m.base+int64(m.start) != d.done {
		return nil
	}
	if sha1.Sum(m.buf[m.start:end]) != last.hash {
		return nil
	}
	return m.take(d, m.expected, m.start)
}
