package feed

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
)

const (
	// fetchedPrefix is where packages of other feeds lie in the blob store.
	fetchedPrefix = "fetched/"
	// MaxFetched is how much of them a server keeps, in bytes; what was used last stays.
	MaxFetched = 20 << 30
	// fetchedUnused is how long a package is kept that nobody uses.
	fetchedUnused = 30 * 24 * time.Hour
	// fetchedInUse is how long a package stays in any case after somebody looked it up: it is on its way to a machine.
	fetchedInUse = 2 * time.Hour
)

// Fetched is a version of a package of a feed elsewhere that was fetched and kept.
type Fetched struct {
	FeedID, FeedURI, PackageID, Version string
	// BlobKey names the file in the blob store.
	BlobKey string
	Size    int64
	// SHA1 and SHA256 are in lower-case hex.
	SHA1, SHA256 string
	// TaskID is the task that fetched it.
	TaskID string
}

// FindFetched returns what was kept of a version of a package of the feed, at the address that it has now, and notes that it was used; nil
// where nothing was.
func FindFetched(tx *store.Tx, f *Feed, packageID, version string) (*Fetched, error) {
	key, err := sortKey(version)
	if err != nil {
		return nil, err
	}
	p := &Fetched{FeedID: f.ID, FeedURI: f.FeedURI}
	err = tx.QueryRow(`SELECT package_id, version, blob_key, size, sha1, sha256, task_id FROM fetched_package
		WHERE feed_id = $1 AND package_fold = $2 AND version_key = $3 AND feed_uri = $4`, f.ID, store.Fold(packageID), key, f.FeedURI).
		Scan(&p.PackageID, &p.Version, &p.BlobKey, &p.Size, &p.SHA1, &p.SHA256, &p.TaskID)
	if errors.Is(err, store.ErrNoRow) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	_, err = tx.Exec("UPDATE fetched_package SET used_at = $2 WHERE blob_key = $1 AND used_at < $3", p.BlobKey, store.At(tx.Now), store.At(tx.Now.Add(-fetchedInUse/8)))
	return p, err
}

// StoreFetched writes the file of a version of a package that comes from the feed, and makes sure that it is that package. It is kept once its
// row is written; a file without one is swept.
func (r *Repository) StoreFetched(ctx context.Context, f *Feed, packageID, version, taskID string, content io.Reader) (*Fetched, error) {
	p, err := r.putAt(ctx, fetchedPrefix+f.ID+"/"+secret.NewID(), content)
	if err != nil {
		return nil, fmt.Errorf("keep the package %s %s: %w", packageID, version, err)
	}
	if err := r.isVersion(ctx, p, packageID, version); err != nil {
		r.Discard(ctx, p)
		return nil, err
	}
	return &Fetched{FeedID: f.ID, FeedURI: f.FeedURI, PackageID: p.PackageID, Version: version, BlobKey: p.BlobKey, Size: p.Size, SHA1: p.SHA1, SHA256: p.SHA256, TaskID: taskID}, nil
}

// isVersion refuses a file that is not the version of the package.
func (r *Repository) isVersion(ctx context.Context, p *Package, packageID, version string) error {
	name, err := r.identify(ctx, p)
	if err != nil {
		return err
	}
	wanted, err := sortKey(version)
	if err != nil {
		return err
	}
	if store.Fold(name.PackageID) != store.Fold(packageID) || string(name.Version.SortKey()) != string(wanted) {
		return fault.Invalid("the file is another package: its .nuspec says %s %s", name.PackageID, name.Version)
	}
	p.PackageID = name.PackageID
	return nil
}

// Keep writes the row of a package whose file is whole, in the place of what was kept before.
func (p *Fetched) Keep(tx *store.Tx) error {
	key, err := sortKey(p.Version)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO fetched_package (feed_id, package_fold, version_key, feed_uri, package_id, version, blob_key, size, sha1, sha256, task_id, used_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
		ON CONFLICT (feed_id, package_fold, version_key) DO UPDATE SET feed_uri = excluded.feed_uri, package_id = excluded.package_id, version = excluded.version,
		blob_key = excluded.blob_key, size = excluded.size, sha1 = excluded.sha1, sha256 = excluded.sha256, task_id = excluded.task_id, used_at = excluded.used_at`,
		p.FeedID, store.Fold(p.PackageID), key, p.FeedURI, p.PackageID, p.Version, p.BlobKey, p.Size, p.SHA1, p.SHA256, p.TaskID, store.At(tx.Now))
	return err
}

// Forget removes the row of a package whose file is gone.
func (p *Fetched) Forget(tx *store.Tx) error {
	_, err := tx.Exec("DELETE FROM fetched_package WHERE blob_key = $1", p.BlobKey)
	return err
}

// SweepFetched lets go of fetched packages that were not used for a month, whose feed is gone, or that are too many together, and removes the
// files that no row names. It returns how many files there were.
func (r *Repository) SweepFetched(ctx context.Context, db *store.DB, now time.Time) (int, error) {
	err := db.Write(ctx, func(tx *store.Tx) error { return trimFetched(tx, MaxFetched) })
	if err != nil {
		return 0, fmt.Errorf("let go of fetched packages: %w", err)
	}
	return r.sweep(ctx, db, fetchedPrefix, "fetched_package", now.Add(-fetchedInUse))
}

// trimFetched removes rows until the files of the others have no more bytes than most, the longest unused first.
func trimFetched(tx *store.Tx, most int64) error {
	_, err := tx.Exec("DELETE FROM fetched_package WHERE used_at < $1 OR feed_id NOT IN (SELECT id FROM feed)", store.At(tx.Now.Add(-fetchedUnused)))
	if err != nil {
		return err
	}
	var gone []string
	err = tx.Query("SELECT blob_key, size, used_at FROM fetched_package ORDER BY used_at DESC, blob_key", nil, func(row *store.Row) error {
		var key string
		var size int64
		var used store.Time
		if err := row.Scan(&key, &size, &used); err != nil {
			return err
		}
		if most -= size; most < 0 && used.Before(tx.Now.Add(-fetchedInUse)) {
			gone = append(gone, key)
		}
		return nil
	})
	for _, key := range gone {
		if err == nil {
			err = (&Fetched{BlobKey: key}).Forget(tx)
		}
	}
	return err
}
