package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// Seeker reads a file of a store from any place. Reading on where the last read ended costs nothing; elsewhere the file is
// opened anew. One goroutine at a time may use it.
type Seeker struct {
	ctx   context.Context
	files Store
	key   string
	sum   string
	size  int64
	file  *File
	// at is where file stands; next is where Read goes on.
	at, next int64
}

// NewSeeker returns a reader of the file, which is opened by the first read. Whoever reads all of it from the beginning gets an
// error at the end where the file has not the SHA-256 sum that is given (empty: it is not checked).
func NewSeeker(ctx context.Context, files Store, key string, size int64, sum string) *Seeker {
	return &Seeker{ctx: ctx, files: files, key: key, sum: sum, size: size}
}

// ReadAt implements io.ReaderAt.
func (r *Seeker) ReadAt(p []byte, offset int64) (int, error) {
	if offset >= r.size {
		return 0, io.EOF
	}
	if err := r.open(offset); err != nil {
		return 0, err
	}
	n, err := io.ReadFull(r.file, p)
	r.at += int64(n)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	return n, err
}

// Read implements io.Reader.
func (r *Seeker) Read(p []byte) (int, error) {
	if err := r.open(r.next); err != nil || len(p) == 0 {
		return 0, err
	}
	n, err := r.file.Read(p)
	r.at += int64(n)
	r.next = r.at
	return n, err
}

// Seek implements io.Seeker.
func (r *Seeker) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += r.next
	case io.SeekEnd:
		offset += r.size
	}
	if offset < 0 {
		return 0, fmt.Errorf("seek before the beginning of %s", r.key)
	}
	r.next = offset
	return offset, nil
}

// Close closes the file, if it is open.
func (r *Seeker) Close() error {
	if r.file == nil {
		return nil
	}
	err := r.file.Close()
	r.file = nil
	return err
}

func (r *Seeker) open(offset int64) error {
	if r.file != nil && r.at == offset {
		return nil
	}
	_ = r.Close() // read only
	part := Part{Offset: offset}
	if offset == 0 {
		part.SHA256 = r.sum
	}
	f, err := r.files.Open(r.ctx, r.key, part)
	if err != nil {
		return fmt.Errorf("open %s at %d: %w", r.key, offset, err)
	}
	r.file, r.at = f, offset
	return nil
}
