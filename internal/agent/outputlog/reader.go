package outputlog

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"sync"
	"time"
)

// Page is a part of a log.
type Page struct {
	Lines []Line
	// Next is the sequence number of the last line given (or what was asked after, when there is none).
	Next int64
	// More says that the log had further whole lines when the page was full.
	More bool
}

// Limit bounds a page. At least one line is given, however long it is.
type Limit struct {
	Lines int
	Bytes int
}

// Reader reads a log that may still be written. It keeps the offsets of some lines, never their text.
type Reader struct {
	path  string
	mu    sync.Mutex
	marks []position
}

// position is a place between lines: the number of lines before it, and its offset.
type position struct {
	ordinal int64
	offset  int64
}

// markEvery is the number of lines between two remembered positions.
const markEvery = 1024

// NewReader returns a reader of the log at path, which need not exist yet.
func NewReader(path string) *Reader { return &Reader{path: path} }

// Read returns the lines after the given sequence number. Only for a log that is complete does it report damage, as
// one last line on stderr: while a log grows, what cannot be read yet may be overwritten.
func (r *Reader) Read(after int64, limit Limit, complete bool) (Page, error) {
	page := Page{Next: after}
	f, err := os.Open(r.path)
	if errors.Is(err, fs.ErrNotExist) {
		return page, nil
	}
	if err != nil {
		return page, err
	}
	defer f.Close()
	s, err := newScanner(f, r.nearest(after))
	if err != nil {
		return page, err
	}
	size := 0
	for {
		line, err := s.next()
		if err != nil {
			return withDamage(page, s.position, err, after, complete), nil
		}
		r.mark(s.position)
		if s.position.ordinal <= after {
			continue
		}
		if len(page.Lines) > 0 && (len(page.Lines) >= limit.Lines || size+len(line.Text) > limit.Bytes) {
			page.More = true
			return page, nil
		}
		size += len(line.Text)
		page.Lines = append(page.Lines, line)
		page.Next = s.position.ordinal
	}
}

func withDamage(page Page, at position, err error, after int64, complete bool) Page {
	if errors.Is(err, io.EOF) || !complete || at.ordinal < after {
		return page
	}
	page.Next = at.ordinal + 1
	page.Lines = append(page.Lines, Line{Stderr,
		fmt.Sprintf("The log of this script is damaged after line %d (%v); what followed cannot be shown.", at.ordinal, err), time.Now()})
	return page
}

// nearest returns the last remembered position at or before the given sequence number.
func (r *Reader) nearest(after int64) position {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := len(r.marks) - 1; i >= 0; i-- {
		if r.marks[i].ordinal <= after {
			return r.marks[i]
		}
	}
	return position{}
}

func (r *Reader) mark(p position) {
	if p.ordinal%markEvery != 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := len(r.marks); n == 0 || r.marks[n-1].ordinal < p.ordinal {
		r.marks = append(r.marks, p)
	}
}

// scanner walks over the arrays of a log file.
type scanner struct {
	decoder  *json.Decoder
	base     int64
	position position
}

func newScanner(r io.ReaderAt, from position) (*scanner, error) {
	if from.offset == 0 {
		start, err := skipMark(r)
		if err != nil {
			return nil, err
		}
		from.offset = start
	}
	section := io.NewSectionReader(r, from.offset, math.MaxInt64-from.offset)
	return &scanner{decoder: json.NewDecoder(section), base: from.offset, position: from}, nil
}

// next returns the next line; io.EOF when nothing follows.
func (s *scanner) next() (Line, error) {
	var fields []string
	if err := s.decoder.Decode(&fields); err != nil {
		return Line{}, err
	}
	if len(fields) != 3 {
		return Line{}, fmt.Errorf("an entry has %d fields instead of 3", len(fields))
	}
	source, err := sourceOf(fields[0])
	if err != nil {
		return Line{}, err
	}
	occurred, err := time.Parse(time.RFC3339Nano, fields[2])
	if err != nil {
		return Line{}, fmt.Errorf("an entry has the time %q", fields[2])
	}
	s.position.ordinal++
	s.position.offset = s.base + s.decoder.InputOffset()
	return Line{source, fields[1], occurred.UTC()}, nil
}
