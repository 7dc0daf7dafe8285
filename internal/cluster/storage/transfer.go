package storage

import (
	"context"
	"fmt"
	"io"

	"github.com/mantledeploy/mantle/internal/blob"
	"github.com/mantledeploy/mantle/internal/fault"
)

// transfer copies a file from one store to another and reads it there, comparing the hash. A file that is there already counts when
// it is the same; one that is not was left by somebody else's copying, and is replaced. want is the file's recorded hash, or "".
func transfer(ctx context.Context, key, want string, from, to blob.Store) error {
	for range 2 {
		sum, err := send(ctx, key, want, from, to)
		if fault.Is(err, fault.KindConflict) {
			if sum, err = sumOf(ctx, from, key, want); err != nil {
				return err
			}
			there, err := sumOf(ctx, to, key, "")
			if err != nil || there == sum {
				return err
			}
			if err := to.Delete(ctx, key); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		_, err = sumOf(ctx, to, key, sum)
		return err
	}
	return fault.Conflict("the file %s is written by somebody else at the same time", key)
}

// send copies a file and returns its hash.
func send(ctx context.Context, key, want string, from, to blob.Store) (string, error) {
	in, err := from.Open(ctx, key, blob.Part{SHA256: want})
	if err != nil {
		return "", err
	}
	defer in.Close()
	w, err := to.Put(ctx, key, in)
	return w.SHA256, err
}

// sumOf reads a file and returns its hash, compared with the wanted one where there is one.
func sumOf(ctx context.Context, files blob.Store, key, want string) (string, error) {
	f, err := files.Open(ctx, key, blob.Part{SHA256: want})
	if err != nil {
		return "", err
	}
	defer f.Close()
	in := blob.NewIntake(ctx, f)
	if _, err := io.Copy(io.Discard, in); err != nil {
		return "", fmt.Errorf("read %s again: %w", key, err)
	}
	return in.Written().SHA256, nil
}
