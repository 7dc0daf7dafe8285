package feed

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/mantledeploy/mantle/internal/blob"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/octodiff"
)

// keyPrefix is where packages lie in the blob store.
const keyPrefix = "packages/"

// Repository keeps the files of packages. It holds nothing of them in memory, whatever their size.
type Repository struct {
	Blobs  blob.Store
	Logger *slog.Logger
	// MaxSize bounds a package in bytes; 0 is no bound.
	MaxSize int64
	// Grace is how long the file of a package that was replaced or deleted stays for those who have read its row already.
	Grace time.Duration
}

// Store writes the file of an uploaded package under a new key and reads what its manifest says. The package exists once its
// row is inserted; where that fails, Discard the file. A content that ends with an error leaves nothing.
func (r *Repository) Store(ctx context.Context, spaceID string, name FileName, content io.Reader) (*Package, error) {
	p, err := r.put(ctx, spaceID, content)
	if err != nil {
		return nil, fmt.Errorf("keep the package %s: %w", name, err)
	}
	p.PackageID, p.Version, p.Extension = name.PackageID, name.Version.String(), name.Extension
	if err := r.describe(ctx, p); err != nil {
		r.Logger.Warn("package has no manifest that can be read", "package", p.ID(), "error", err)
	}
	if p.Title == "" {
		p.Title = p.PackageID
	}
	return p, nil
}

func (r *Repository) put(ctx context.Context, spaceID string, content io.Reader) (*Package, error) {
	p, err := r.putAt(ctx, keyPrefix+spaceID+"/"+secret.NewID(), content)
	if err == nil {
		p.SpaceID = spaceID
	}
	return p, err
}

// putAt writes a file that must not be empty.
func (r *Repository) putAt(ctx context.Context, key string, content io.Reader) (*Package, error) {
	written, err := r.Blobs.Put(ctx, key, &boundedReader{r: content, left: r.MaxSize, limit: r.MaxSize})
	if err != nil {
		return nil, err
	}
	p := &Package{BlobKey: key, Size: written.Size, SHA1: written.SHA1, SHA256: written.SHA256}
	if p.Size == 0 {
		r.Discard(ctx, p)
		return nil, fault.Invalid("the file is empty; push the package itself")
	}
	return p, nil
}

// Discard removes the file of a package that has no row, or not any more. It works on when ctx is done: the caller may be gone.
func (r *Repository) Discard(ctx context.Context, p *Package) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	if err := r.Blobs.Delete(ctx, p.BlobKey); err != nil {
		r.Logger.Warn("file of a deleted package stays until the next sweep", "key", p.BlobKey, "error", err)
	}
}

// Retire discards the file of a package whose row was replaced or deleted, once the time of grace is over. Where this process ends before,
// the sweep does it.
func (r *Repository) Retire(ctx context.Context, p *Package) {
	if r.Grace == 0 {
		r.Discard(ctx, p)
		return
	}
	ctx = context.WithoutCancel(ctx)
	time.AfterFunc(r.Grace, func() { r.Discard(ctx, p) })
}

// boundedReader fails once more than limit bytes were read. A limit of 0 is none.
type boundedReader struct {
	r           io.Reader
	left, limit int64
}

func (b *boundedReader) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if b.limit == 0 {
		return n, err
	}
	if b.left -= int64(n); b.left < 0 {
		return n, fault.TooLarge("the package is larger than the limit of %d bytes", b.limit)
	}
	return n, err
}

// signatureChunks bounds the signature of a file: about 26 bytes for each chunk, held in memory.
const signatureChunks = 100_000

// Signature writes the signature by which a client makes a delta to a newer version. ok is false for a file so large that the
// signature would be too.
func (r *Repository) Signature(ctx context.Context, p *Package, w io.Writer) (ok bool, err error) {
	chunk := max(octodiff.DefaultChunkSize, int(min(p.Size/signatureChunks+1, octodiff.MaxChunkSize)))
	if p.Size/int64(chunk) > signatureChunks {
		return false, nil
	}
	f, err := r.Blobs.Open(ctx, p.BlobKey, blob.Part{SHA256: p.SHA256})
	if err != nil {
		return false, fmt.Errorf("open the package %s: %w", p.ID(), err)
	}
	defer f.Close()
	return true, octodiff.WriteSignature(w, f, octodiff.SignatureOptions{ChunkSize: chunk})
}

// Patch applies a delta to the base and stores the result as the file of the named package.
func (r *Repository) Patch(ctx context.Context, base *Package, name FileName, delta io.Reader) (*Package, error) {
	basis := r.Reader(ctx, base)
	defer basis.Close()
	out, in := io.Pipe()
	patched := make(chan error, 1)
	go func() {
		err := octodiff.Patch(in, basis, base.Size, delta, patchLimit(base.Size, r.MaxSize))
		in.CloseWithError(err)
		patched <- err
	}()
	p, err := r.Store(ctx, base.SpaceID, name, out)
	out.CloseWithError(errStopped) // where Store gave up early, Patch must not wait for a reader
	if patchErr := <-patched; patchErr != nil && !errors.Is(patchErr, errStopped) {
		if errors.Is(patchErr, octodiff.ErrCorrupt) || errors.Is(patchErr, octodiff.ErrMismatch) {
			return nil, fault.Invalid("the delta for %s cannot be applied to version %s: %v; push the whole package", name, base.Version, patchErr).Because(patchErr)
		}
		return nil, patchErr
	}
	return p, err
}

var errStopped = errors.New("the result is not wanted any more")

// patchLimit bounds what a delta may become: a few bytes of it can copy the base again and again.
func patchLimit(base, most int64) int64 {
	limit := 8*base + 1<<30
	if most > 0 {
		return min(limit, most)
	}
	return limit
}

// Sweep removes the files of packages that no row names and that were written before the time: uploads whose server died, and all
// of spaces that were deleted. It returns how many there were.
func (r *Repository) Sweep(ctx context.Context, db *store.DB, before time.Time) (int, error) {
	err := db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec("DELETE FROM package WHERE space_id NOT IN (SELECT id FROM space)")
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("remove the packages of deleted spaces: %w", err)
	}
	return r.sweep(ctx, db, keyPrefix, "package", before)
}

// sweep removes the files below a prefix that no row of the table names and that were written before the time.
func (r *Repository) sweep(ctx context.Context, db *store.DB, prefix, table string, before time.Time) (int, error) {
	removed := 0
	for info, err := range r.Blobs.List(ctx, prefix) {
		if err != nil {
			return removed, fmt.Errorf("list the files of packages: %w", err)
		}
		if !info.Modified.Before(before) {
			continue
		}
		var rows int
		err := db.Read(ctx, func(tx *store.Tx) error {
			return tx.QueryRow("SELECT COUNT(*) FROM "+table+" WHERE blob_key = $1", info.Key).Scan(&rows)
		})
		if err != nil {
			return removed, err
		}
		if rows > 0 {
			continue
		}
		if err := r.Blobs.Delete(ctx, info.Key); err != nil {
			return removed, err
		}
		removed++
	}
	return removed, nil
}

// Reader returns a reader of the package's file, which is opened by the first read. Whoever reads all of it from the
// beginning gets an error at the end where the file is not what was pushed.
func (r *Repository) Reader(ctx context.Context, p *Package) *blob.Seeker {
	return blob.NewSeeker(ctx, r.Blobs, p.BlobKey, p.Size, p.SHA256)
}
