package blob

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
)

// Intake is a content on its way into a store, for drivers: it counts and hashes what is read, stops when the context ends, and
// remembers whether it was the content that failed.
type Intake struct {
	ctx    context.Context
	r      io.Reader
	size   int64
	sha256 hash.Hash
	sha1   hash.Hash
	err    error
}

// NewIntake returns a reader of the content.
func NewIntake(ctx context.Context, content io.Reader) *Intake {
	return &Intake{ctx: ctx, r: content, sha256: sha256.New(), sha1: sha1.New()}
}

// Read implements io.Reader.
func (s *Intake) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		s.err = err
		return 0, err
	}
	n, err := s.r.Read(p)
	s.size += int64(n)
	s.sha256.Write(p[:n])
	s.sha1.Write(p[:n])
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

// Err returns what the content failed with, or nil where it did not fail.
func (s *Intake) Err() error { return s.err }

// Written describes what was read so far; the key is the driver's to set.
func (s *Intake) Written() Written {
	return Written{Size: s.size, SHA256: hex.EncodeToString(s.sha256.Sum(nil)), SHA1: hex.EncodeToString(s.sha1.Sum(nil))}
}
