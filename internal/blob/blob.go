// Package blob keeps files by relative key: packages, artifacts, finished task logs.
//
// A key is written once and never replaced, so a reader never sees half a file or two versions of one: a new version
// is a new key, and the row in the database that names it decides. The database also holds each file's size and
// hashes; a store holds bytes only. Every package above the ground may use a Store; internal/server chooses the
// driver. Dir is the driver for a directory, local or shared; blobtest has the conformance suite for every driver.
package blob

import (
	"context"
	"errors"
	"io"
	"iter"
	"time"
)

// ErrCorrupt is the cause of the fault that a reader returns when a file is not what was once written.
var ErrCorrupt = errors.New("file is corrupt")

// Causes of faults of kind Unavailable: what is the matter with the store as a whole.
var (
	ErrFull     = errors.New("store is full")
	ErrReadOnly = errors.New("store is read-only")
	ErrDenied   = errors.New("store denies access")
	ErrAway     = errors.New("store is away")
)

// Info describes a file.
type Info struct {
	Key      string
	Size     int64
	Modified time.Time
}

// Written describes a file that has just been written. The hashes are in lower-case hex.
type Written struct {
	Key    string
	Size   int64
	SHA256 string
	SHA1   string
}

// Part says which part of a file is read, and what the whole is known to be. The zero Part is the whole file, unchecked.
type Part struct {
	Offset int64
	Length int64 // 0: to the end; what lies beyond the end is not an error
	// SHA256 of the whole file, in hex. A reader of the whole file returns a fault (cause ErrCorrupt) instead of
	// io.EOF where it differs; a part cannot be checked.
	SHA256 string
}

// File is an open file.
type File struct {
	io.ReadCloser
	Size int64 // of the whole file
}

// Store keeps files. Its methods may be called by many goroutines and from many nodes at once. A missing file is a
// fault of kind NotFound; a store that is full, read-only or away is one of kind Unavailable, and nothing is left
// behind; a key that CheckKey refuses is Invalid.
type Store interface {
	// Put writes a new file. It becomes visible whole, on the disk, when Put returns without error. A key that exists
	// is a Conflict.
	Put(ctx context.Context, key string, content io.Reader) (Written, error)
	// Open opens a file for reading. The caller closes it.
	Open(ctx context.Context, key string, part Part) (*File, error)
	// Stat describes a file.
	Stat(ctx context.Context, key string) (Info, error)
	// Delete removes a file. One that is not there is no error: the aim is reached.
	Delete(ctx context.Context, key string) error
	// List yields the files whose key begins with the prefix, in the byte order of their keys. It ends after an error.
	List(ctx context.Context, prefix string) iter.Seq2[Info, error]
}
