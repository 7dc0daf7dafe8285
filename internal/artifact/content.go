package artifact

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"

	"github.com/mantledeploy/mantle/internal/blob"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
)

// File is what an artifact holds.
type File struct {
	Key    string
	Size   int64
	SHA256 string
	At     time.Time
}

// Content returns the file that the artifact holds, or a fault of kind NotFound.
func Content(tx *store.Tx, artifactID string) (File, error) {
	f := File{}
	var at store.Time
	err := tx.QueryRow("SELECT key, size, sha256, at FROM artifact_file WHERE artifact_id = $1 AND current = $2", artifactID, true).Scan(&f.Key, &f.Size, &f.SHA256, &at)
	if errors.Is(err, store.ErrNoRow) {
		return f, fault.NotFound("the artifact %q has no content yet; put it at its content", artifactID)
	}
	f.At = at.Time
	return f, err
}

// Receive stores a file for the artifact, which does not hold it before Settle. What is never settled is swept.
func Receive(ctx context.Context, db *store.DB, files blob.Store, spaceID, artifactID string, content io.Reader) (File, error) {
	key := fmt.Sprintf("artifacts/%s/%s/%s", spaceID, artifactID, uuid.NewString())
	err := db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec("INSERT INTO artifact_file (key, artifact_id, current, size, sha256, at) VALUES ($1, $2, $3, 0, '', $4)", key, artifactID, false, store.At(tx.Now))
		return err
	})
	if err != nil {
		return File{}, err
	}
	written, err := files.Put(ctx, key, content)
	if err != nil {
		return File{}, errors.Join(err, Discard(context.WithoutCancel(ctx), db, files, key))
	}
	return File{Key: key, Size: written.Size, SHA256: written.SHA256}, nil
}

// Settle makes the received file what the artifact holds, and returns the key of the file that it held before, or nothing.
func Settle(tx *store.Tx, a *Artifact, f File) (before string, err error) {
	old, err := Content(tx, a.ID)
	if err != nil && !fault.Is(err, fault.KindNotFound) {
		return "", err
	}
	n, err := tx.Exec("UPDATE artifact_file SET current = $2, size = $3, sha256 = $4, at = $5 WHERE key = $1", f.Key, true, f.Size, f.SHA256, store.At(tx.Now))
	if err == nil && n == 0 {
		err = fault.Conflict("the upload took so long that its file was swept; send it again")
	}
	if err != nil {
		return "", err
	}
	_, err = tx.Exec("UPDATE artifact_file SET current = $3, at = $4 WHERE artifact_id = $1 AND key <> $2 AND current = $5", a.ID, f.Key, false, store.At(tx.Now), true)
	a.SizeInBytes = f.Size
	return old.Key, err
}

// Discard deletes a file and forgets it. A file that is gone already is only forgotten.
func Discard(ctx context.Context, db *store.DB, files blob.Store, keys ...string) error {
	var errs []error
	for _, key := range keys {
		if err := files.Delete(ctx, key); err != nil {
			errs = append(errs, err)
			continue
		}
		errs = append(errs, db.Write(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec("DELETE FROM artifact_file WHERE key = $1", key)
			return err
		}))
	}
	return errors.Join(errs...)
}

// Files returns the keys of all files of an artifact.
func Files(tx *store.Tx, artifactID string) ([]string, error) {
	return keys(tx, "SELECT key FROM artifact_file WHERE artifact_id = $1 ORDER BY key", artifactID)
}

// Sweep deletes files that no artifact holds: their artifact (or its space) was deleted, they were replaced, or their upload was not
// finished within the age. It is a duty of the cluster, now and then.
func Sweep(ctx context.Context, db *store.DB, files blob.Store, age time.Duration) error {
	var lost []string
	err := db.Read(ctx, func(tx *store.Tx) (err error) {
		lost, err = keys(tx, `SELECT key FROM artifact_file f WHERE NOT EXISTS (SELECT 1 FROM artifact a WHERE a.id = f.artifact_id)
			OR (current = $1 AND at < $2) ORDER BY key LIMIT 1000`, false, store.At(tx.Now.Add(-age)))
		return err
	})
	if err != nil {
		return err
	}
	return Discard(ctx, db, files, lost...)
}

func keys(tx *store.Tx, query string, args ...any) (found []string, err error) {
	err = tx.Query(query, args, func(row *store.Row) error {
		var key string
		err := row.Scan(&key)
		found = append(found, key)
		return err
	})
	return found, err
}
