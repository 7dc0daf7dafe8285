package feed

import (
	"context"
	"fmt"
	"io"

	"github.com/mantledeploy/mantle/internal/blob"
)

// rangeReader reads a file of the blob store at any place. Reading on where the last read ended costs nothing; elsewhere the
// file is opened anew. One goroutine at a time may use it.
type rangeReader struct {
	ctx   context.Context
	blobs blob.Store
	key   string
	size  int64
	file  *blob.File
	at    int64
}

// ReadAt implements io.ReaderAt.
func (r *rangeReader) ReadAt(p []byte, offset int64) (int, error) {
	if offset >= r.size {
		return 0, io.EOF
	}
	if r.file == nil || r.at != offset {
		r.close()
		f, err := r.blobs.Open(r.ctx, r.key, blob.Part{Offset: offset})
		if err != nil {
			return 0, fmt.Errorf("open %s at %d: %w", r.key, offset, err)
		}
		r.file, r.at = f, offset
	}
	n, err := io.ReadFull(r.file, p)
	r.at += int64(n)
	if err == io.ErrUnexpectedEOF {
		err = io.EOF
	}
	return n, err
}

func (r *rangeReader) close() {
	if r.file != nil {
		_ = r.file.Close() // read only
		r.file = nil
	}
}
