package feed

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/mantledeploy/mantle/internal/blob"
)

// Reader reads the file of a package, from any place. Reading on where the last read ended costs nothing; elsewhere the file is
// opened anew. One goroutine at a time may use it.
type Reader struct {
	ctx   context.Context
	blobs blob.Store
	key   string
	sum   string
	size  int64
	file  *blob.File
	// at is where file stands; next is where Read goes on.
	at, next int64
}

// Reader returns a reader of the package's file, which is opened by the first read. Whoever reads all of it from the
// beginning gets an error at the end where the file is not what was pushed.
func (r *Repository) Reader(ctx context.Context, p *Package) *Reader {
	return &Reader{ctx: ctx, blobs: r.Blobs, key: p.BlobKey, sum: p.SHA256, size: p.Size}
}

// ReadAt implements io.ReaderAt.
func (r *Reader) ReadAt(p []byte, offset int64) (int, error) {
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
func (r *Reader) Read(p []byte) (int, error) {
	if err := r.open(r.next); err != nil || len(p) == 0 {
		return 0, err
	}
	n, err := r.file.Read(p)
	r.at += int64(n)
	r.next = r.at
	return n, err
}

// Seek implements io.Seeker.
func (r *Reader) Seek(offset int64, whence int) (int64, error) {
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
func (r *Reader) Close() error {
	if r.file == nil {
		return nil
	}
	err := r.file.Close()
	r.file = nil
	return err
}

func (r *Reader) open(offset int64) error {
	if r.file != nil && r.at == offset {
		return nil
	}
	_ = r.Close() // read only
	part := blob.Part{Offset: offset}
	if offset == 0 {
		part.SHA256 = r.sum
	}
	f, err := r.blobs.Open(r.ctx, r.key, part)
	if err != nil {
		return fmt.Errorf("open %s at %d: %w", r.key, offset, err)
	}
	r.file, r.at = f, offset
	return nil
}
