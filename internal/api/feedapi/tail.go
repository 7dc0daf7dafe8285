package feedapi

import (
	"bytes"
	"errors"
	"io"
)

// tailReader gives the last boundary of a multipart body the line end that the others have. NuGet's client on Mono writes a bare line
// feed there, which no reader takes for the end of the file before it.
type tailReader struct {
	r        io.Reader
	last     []byte // the last boundary after a bare line feed
	buf      []byte
	from, to int   // what was read and not given on is buf[from:to]
	end      error // how the body ended; nothing is read any more
}

func newTailReader(r io.Reader, boundary string) *tailReader {
	return &tailReader{r: r, last: []byte("\n--" + boundary + "--"), buf: make([]byte, 64<<10)}
}

// Read holds back what could be the last boundary, and a line end after it, until the body ends.
func (t *tailReader) Read(p []byte) (int, error) {
	keep := len(t.last) + len("\r") + len("\r\n")
	for t.end == nil && t.to-t.from <= keep {
		copy(t.buf, t.buf[t.from:t.to])
		t.from, t.to = 0, t.to-t.from
		n, err := t.r.Read(t.buf[t.to : len(t.buf)-1]) // one byte is left for mend
		t.to += n
		if t.end = err; errors.Is(err, io.EOF) {
			t.mend()
		}
	}
	ready := t.buf[t.from:t.to]
	if t.end == nil {
		ready = ready[:len(ready)-keep]
	}
	n := copy(p, ready)
	t.from += n
	if n == 0 && len(p) > 0 {
		return 0, t.end
	}
	return n, nil
}

func (t *tailReader) mend() {
	held := t.buf[t.from:t.to]
	at := bytes.LastIndex(held, t.last)
	if at < 0 || len(bytes.Trim(held[at+len(t.last):], "\r\n")) > 0 || at > 0 && held[at-1] == '\r' {
		return
	}
	t.to++
	copy(t.buf[t.from+at+1:t.to], held[at:])
	t.buf[t.from+at] = '\r'
}
