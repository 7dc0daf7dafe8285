package outputlog

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
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
	mu   sync.Mutex
	file *os.File
	size int64
	// rest is what is still to be written of the last line.
	rest   []byte
	buffer []byte
	ends   []int
	lost   int
	cause  error
	failed time.Time
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

// retryAfter is how long a writer that failed does not try again.
const retryAfter = time.Second

// Write adds lines, all with the present time.
func (w *Writer) Write(source Source, texts ...string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.now()
	if w.lost > 0 && now.Sub(w.failed) < retryAfter {
		w.lost += len(texts)
		return w.cause
	}
	if w.lost > 0 {
		notice := fmt.Sprintf("%d lines of output are missing here: the log could not be written: %v", w.lost, w.cause)
		if n, err := w.append(now, Stderr, []string{notice}); n == 0 {
			w.lost, w.failed = w.lost+len(texts), now
			return err
		}
		w.lost = 0
	}
	written, err := w.append(now, source, texts)
	if err != nil {
		w.lost, w.cause, w.failed = len(texts)-written, err, now
	}
	return err
}

// append writes the lines, and on an error the first of them that still go in. What has reached the file is never
// changed, because somebody may be reading it: the rest of a line that went in by half is kept, and written first
// the next time.
func (w *Writer) append(now time.Time, source Source, texts []string) (written int, err error) {
	w.buffer = append(w.buffer[:0], w.rest...)
	w.ends = w.ends[:0]
	begun := len(w.rest)
	for _, text := range texts {
		w.buffer = appendLine(w.buffer, Line{source, text, now})
		w.ends = append(w.ends, len(w.buffer))
	}
	n, err := w.file.WriteAt(w.buffer, w.size)
	if err != nil {
		n += w.also(n)
	}
	w.size += int64(n)
	w.rest = w.rest[:0]
	if n < begun {
		w.rest = append(w.rest, w.buffer[n:begun]...)
		return 0, err
	}
	// The number of lines whose first byte is in the file.
	for written < len(w.ends) && begun < n {
		begun = w.ends[written]
		written++
	}
	w.rest = append(w.rest, w.buffer[n:begun]...)
	if cap(w.buffer) > 1<<20 {
		w.buffer, w.ends = nil, nil
	}
	return written, err
}

// also returns how many bytes after the first n of the buffer are in the file, too: there are file systems that keep
// a part of a write that they call failed, and a reader may have seen it.
func (w *Writer) also(n int) int {
	found := make([]byte, len(w.buffer)-n)
	read, _ := w.file.ReadAt(found, w.size+int64(n))
	same := 0
	for same < read && found[same] == w.buffer[n+same] {
		same++
	}
	return same
}

// Retry makes the next write try at once, because there is room again.
func (w *Writer) Retry() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failed = time.Time{}
}

// Close ends the file after the last line of ours, brings it to the disk, and closes it.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, err := w.append(w.now(), Stdout, nil); err != nil {
		if whole, err := wholeLines(w.file); err == nil {
			w.size = whole
		}
	}
	return errors.Join(w.file.Truncate(w.size), w.file.Sync(), w.file.Close())
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
