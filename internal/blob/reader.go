package blob

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"strings"

	"github.com/mantledeploy/mantle/internal/fault"
)

// NewReader returns the part of an open file, positioned at the part's offset, for drivers: it ends where the part does, and checks
// the hash of a whole file.
func NewReader(f io.ReadCloser, key string, part Part, size int64) io.ReadCloser {
	r := &reader{ReadCloser: f, from: f, key: key}
	if part.Length > 0 {
		r.from = io.LimitReader(f, part.Length)
	}
	if whole := part.Offset == 0 && (part.Length == 0 || part.Length >= size); whole && part.SHA256 != "" {
		r.want, r.sum = strings.ToLower(part.SHA256), sha256.New()
	}
	return r
}

type reader struct {
	io.ReadCloser
	from io.Reader
	key  string
	want string
	sum  hash.Hash // nil: not checked
}

func (r *reader) Read(p []byte) (int, error) {
	n, err := r.from.Read(p)
	if r.sum == nil {
		return n, err
	}
	r.sum.Write(p[:n])
	if err == io.EOF {
		if got := hex.EncodeToString(r.sum.Sum(nil)); got != r.want {
			return n, fault.Unavailable("the file %s is damaged: its SHA-256 is %s, and %s was recorded when it was written; restore it from a backup, or upload it again", r.key, got, r.want).Because(ErrCorrupt)
		}
	}
	return n, err
}
