package outputlog

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"sort"
	"sync"
	"time"
)

var byteOrderMark = []byte("\xef\xbb\xbf")

// Writer appends lines to a log file. It may be used by several goroutines.
//
// A write that fails (a full disk) loses its lines and nothing else: the writer counts them, and says so in the log
// as soon as writing succeeds again. It keeps its own position, so that what a script writes into its own log file
// is overwritten instead of breaking it.
type Writer struct {
	mu     sync.Mutex
	file   *os.File
	size   int64
	buffer []byte
	ends   []int
	lost   int
	cause  error
	now    func() time.Time
}

// Create makes the log file, or opens it and goes on after its last whole line.
func Create(path string) (*Writer, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	w := &Writer{file: f, now: time.Now}
	if err := w.begin(); err != nil {
		return nil, errors.Join(fmt.Errorf("open log %s: %w", path, err), f.Close())
	}
	return w, nil
}

func (w *Writer) begin() error {
	info, err := w.file.Stat()
	if err != nil {
		return err
	}
	if info.Size() == 0 {
		if _, err := w.file.WriteAt(byteOrderMark, 0); err != nil {
			return err
		}
		w.size = int64(len(byteOrderMark))
		return nil
	}
	if w.size, err = wholeLines(w.file); err != nil {
		return err
	}
	return w.file.Truncate(w.size)
}

// wholeLines returns the offset after the last line that can be read.
func wholeLines(r io.ReaderAt) (int64, error) {
	s, err := newScanner(r, position{})
	if err != nil {
		return 0, err
	}
	for {
		if _, err := s.next(); err != nil {
			return s.position.offset, nil
		}
	}
}

// Write adds lines, all with the present time.
func (w *Writer) Write(source Source, texts ...string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.now()
	if w.lost > 0 {
		notice := fmt.Sprintf("%d lines of output are missing here: the log could not be written: %v", w.lost, w.cause)
		if _, err := w.append(now, Stderr, []string{notice}); err != nil {
			w.lost += len(texts)
			return err
		}
		w.lost, w.cause = 0, nil
	}
	written, err := w.append(now, source, texts)
	if err != nil {
		w.lost, w.cause = len(texts)-written, err
	}
	return err
}

// append writes the lines, and on an error the first of them that still go in.
func (w *Writer) append(now time.Time, source Source, texts []string) (written int, err error) {
	w.buffer, w.ends = w.buffer[:0], w.ends[:0]
	for _, text := range texts {
		w.buffer = appendLine(w.buffer, Line{source, text, now})
		w.ends = append(w.ends, len(w.buffer))
	}
	n, err := w.file.WriteAt(w.buffer, w.size)
	written = sort.SearchInts(w.ends, n+1)
	if written > 0 {
		w.size += int64(w.ends[written-1])
	}
	if err != nil {
		// A reader must never see lines that will be overwritten.
		err = errors.Join(err, w.file.Truncate(w.size))
	}
	if cap(w.buffer) > 1<<20 {
		w.buffer, w.ends = nil, nil
	}
	return written, err
}

// Lost reports how many lines could not be written since the last that could.
func (w *Writer) Lost() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.lost
}

// Close ends the file after the last line of ours, and closes it.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return errors.Join(w.file.Truncate(w.size), w.file.Close())
}

// Copy reads r to its end and writes it line by line; mask, if not nil, may change each text. It returns r's error.
// Lines become visible as they are completed, in one write for each read.
func (w *Writer) Copy(source Source, r io.Reader, mask func(string) string) error {
	var splitter Splitter
	var texts []string
	emit := func(text string) {
		if mask != nil {
			text = mask(text)
		}
		texts = append(texts, text)
	}
	// Losing lines must not stop the reading: the script would hang on a full pipe. The writer counts the lost.
	flush := func() {
		if len(texts) > 0 {
			_ = w.Write(source, texts...)
			clear(texts)
			texts = texts[:0]
		}
	}
	chunk := make([]byte, 32<<10)
	for {
		n, err := r.Read(chunk)
		splitter.Split(chunk[:n], emit)
		flush()
		if err != nil {
			splitter.Flush(emit)
			flush()
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
	}
}

// skipMark returns the offset of the first line.
func skipMark(r io.ReaderAt) (int64, error) {
	head := make([]byte, len(byteOrderMark))
	n, err := r.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	if bytes.Equal(head[:n], byteOrderMark) {
		return int64(n), nil
	}
	return 0, nil
}
