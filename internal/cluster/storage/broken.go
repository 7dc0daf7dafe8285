package storage

import (
	"context"
	"io"
	"iter"

	"github.com/mantledeploy/mantle/internal/blob"
)

// broken is the store at a location that this program cannot open.
type broken struct{ err error }

func (b broken) Put(context.Context, string, io.Reader) (blob.Written, error) {
	return blob.Written{}, b.err
}
func (b broken) Open(context.Context, string, blob.Part) (*blob.File, error) { return nil, b.err }
func (b broken) Stat(context.Context, string) (blob.Info, error)             { return blob.Info{}, b.err }
func (b broken) Delete(context.Context, string) error                        { return b.err }
func (b broken) List(context.Context, string) iter.Seq2[blob.Info, error] {
	return func(yield func(blob.Info, error) bool) { yield(blob.Info{}, b.err) }
}
