package dialect

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// DataStream is a stream of bytes that travels beside a message; contracts use
// *DataStream. Its document on the wire holds only ID and Length.
//
// A stream that was received is in memory if it is small and in a temporary file
// otherwise; Close gives that back. The same DataStream must not appear twice in
// one message: real peers fail on it, so sending one is an error.
type DataStream struct {
	ID     GUID
	Length int64

	open  func() (io.ReadCloser, error)
	mu    sync.Mutex
	close func() error
}

var (
	errNoContent = errors.New("the stream has no content: its message was read without its streams")
	errUsed      = errors.New("the stream was made of a reader and has been read already")
)

// StreamBytes makes a stream of b, which must not change until it was sent.
func StreamBytes(b []byte) *DataStream {
	return StreamFunc(int64(len(b)), func() (io.ReadCloser, error) {
		return memory{bytes.NewReader(b)}, nil
	})
}

// memory keeps bytes.Reader's WriteTo: one write for the whole content.
type memory struct{ *bytes.Reader }

func (memory) Close() error { return nil }

// StreamFile makes a stream of the file at path, of the size it has now.
func StreamFile(path string) (*DataStream, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("stream of a file: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("stream of a file: %s is not a regular file", path)
	}
	return StreamFunc(info.Size(), func() (io.ReadCloser, error) { return os.Open(path) }), nil
}

// StreamReader makes a stream of the next length bytes of r; it can be read once.
func StreamReader(r io.Reader, length int64) *DataStream {
	var once sync.Once
	return StreamFunc(length, func() (io.ReadCloser, error) {
		var rc io.ReadCloser
		once.Do(func() { rc = io.NopCloser(r) })
		if rc == nil {
			return nil, errUsed
		}
		return rc, nil
	})
}

// StreamFunc makes a stream of length bytes that open can open again and again.
func StreamFunc(length int64, open func() (io.ReadCloser, error)) *DataStream {
	return &DataStream{ID: NewGUID(), Length: length, open: open}
}

// SetContent gives a stream that came from a decoded message its bytes. A nil
// close means that there is nothing to give back.
func (s *DataStream) SetContent(length int64, open func() (io.ReadCloser, error), close func() error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Length, s.open, s.close = length, open, close
}

// Open opens the content for reading from its start.
func (s *DataStream) Open() (io.ReadCloser, error) {
	if s.open == nil {
		return nil, errNoContent
	}
	return s.open()
}

// WriteTo copies the content to w.
func (s *DataStream) WriteTo(w io.Writer) (int64, error) {
	r, err := s.Open()
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(w, r)
	return n, errors.Join(err, r.Close())
}

// ReadAll returns the content; it is for streams that are known to be small.
func (s *DataStream) ReadAll() ([]byte, error) {
	var b bytes.Buffer
	_, err := s.WriteTo(&b)
	return b.Bytes(), err
}

// Close gives back what a received stream holds. It may be called again.
func (s *DataStream) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	release := s.close
	s.close = nil
	if release == nil {
		return nil
	}
	return release()
}
