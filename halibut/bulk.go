package halibut

import "sync"

// bulk lets a link move much data with few system calls: TLS hands over one
// record at a time, which is 16 KB. It is on only while a long stream passes.
type bulk struct {
	mu    sync.Mutex // TLS may write an alert while a stream is sent
	out   *[]byte    // collects what is written; nil = off
	used  int
	in    *[]byte // has been read ahead; nil = off and nothing left
	start int
	end   int
	ahead bool // read more when in is empty
}

// bulkAbove is the length from which a stream is worth the buffers.
const bulkAbove = 256 << 10

// hold begins to collect writes.
func (l *link) hold(buffer *[]byte) {
	l.bulk.mu.Lock()
	defer l.bulk.mu.Unlock()
	l.bulk.out, l.bulk.used = buffer, 0
}

// release writes what was collected, and ends collecting.
func (l *link) release() error {
	l.bulk.mu.Lock()
	defer l.bulk.mu.Unlock()
	err := l.flush()
	l.bulk.out = nil
	return err
}

// writePiece is how much is written at once: all of it must go before the
// deadline for a single write.
const writePiece = 64 << 10

// flush writes what was collected; bulk.mu is held.
func (l *link) flush() error {
	b := &l.bulk
	for done := 0; done < b.used; {
		n, err := l.write((*b.out)[done:min(b.used, done+writePiece)])
		if err != nil {
			b.used = 0
			return err
		}
		done += n
	}
	b.used = 0
	return nil
}

// collect takes p for later, if writes are being collected.
func (l *link) collect(p []byte) (taken bool, err error) {
	l.bulk.mu.Lock()
	defer l.bulk.mu.Unlock()
	b := &l.bulk
	if b.out == nil {
		return false, nil
	}
	if b.used+len(p) > len(*b.out) {
		if err := l.flush(); err != nil {
			return true, err
		}
		if len(p) > len(*b.out) {
			return false, nil
		}
	}
	b.used += copy((*b.out)[b.used:], p)
	return true, nil
}

// readAhead begins or ends to read as much as there is; what was read too much
// is given out first.
func (l *link) readAhead(buffer *[]byte) {
	if buffer != nil && l.bulk.in == nil {
		l.bulk.in, l.bulk.start, l.bulk.end = buffer, 0, 0
	}
	l.bulk.ahead = buffer != nil
}

// readBulk reads through the buffer, or reports that there is none.
func (l *link) readBulk(p []byte) (n int, done bool, err error) {
	b := &l.bulk
	if b.in == nil {
		return 0, false, nil
	}
	if b.start == b.end {
		if !b.ahead {
			b.in = nil
			return 0, false, nil
		}
		b.start, b.end = 0, 0
		if b.end, err = l.read(*b.in); b.end == 0 {
			return 0, true, err
		}
	}
	n = copy(p, (*b.in)[b.start:b.end])
	b.start += n
	return n, true, nil
}
