// Package cloud keeps files in an object store: Amazon S3 and what speaks its protocol, Azure Blob Storage, Google Cloud Storage.
//
// A location is a URL: s3://BUCKET, azblob://CONTAINER or gs://BUCKET, with a prefix as its path and the driver's options as its
// query (region, endpoint, use_path_style …). Credentials come from each node's own environment, in the ways that the provider's tools
// know, and are never part of the URL. The SDKs are large, so only cmd/mantle imports this package, and its tests.
package cloud

import (
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	driver "gocloud.dev/blob"
	_ "gocloud.dev/blob/azureblob" // the scheme azblob
	_ "gocloud.dev/blob/gcsblob"   // the scheme gs
	_ "gocloud.dev/blob/s3blob"    // the scheme s3
	"gocloud.dev/gcerrors"

	"github.com/mantledeploy/mantle/internal/blob"
	"github.com/mantledeploy/mantle/internal/fault"
)

// Open is the blob.Opener of a program that links this package: URLs of object stores, and paths of directories.
func Open(ctx context.Context, location string) (blob.Store, error) {
	if !blob.IsURL(location) {
		return blob.OpenPath(ctx, location)
	}
	target, err := parse(location)
	if err != nil {
		return nil, err
	}
	return &Bucket{location: location, target: target}, nil
}

// parse checks a location and returns the URL that the driver is opened with.
func parse(location string) (string, error) {
	u, err := url.Parse(location)
	if err != nil {
		return "", fault.Invalid("the location is not a URL; write for example s3://BUCKET/PREFIX?region=eu-west-1")
	}
	if u.User != nil {
		return "", fault.Invalid("the location of %s://%s holds credentials, which every node and every administrator would see; give them to each node's environment instead", u.Scheme, u.Host)
	}
	if !slices.Contains([]string{"s3", "azblob", "gs"}, u.Scheme) {
		return "", fault.Invalid("%s:// is no store of files that Mantle knows; give the path of a directory, or s3://BUCKET, azblob://CONTAINER or gs://BUCKET", u.Scheme)
	}
	if u.Host == "" {
		return "", fault.Invalid("the location %s names no bucket; write %s://BUCKET", location, u.Scheme)
	}
	if prefix := strings.Trim(u.Path, "/"); prefix != "" {
		if err := blob.CheckKey(prefix); err != nil {
			return "", err
		}
		q := u.Query()
		q.Set("prefix", prefix+"/")
		u.RawQuery = q.Encode()
	}
	u.Path = ""
	return u.String(), nil
}

// Bucket is the Store in an object store.
type Bucket struct {
	location, target string

	mu   sync.Mutex
	open *driver.Bucket
}

// bucket opens the driver with the first call: credentials may be missing at first.
func (b *Bucket) bucket(ctx context.Context) (*driver.Bucket, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.open != nil {
		return b.open, nil
	}
	opened, err := driver.OpenBucket(context.WithoutCancel(ctx), b.target)
	if err != nil {
		return nil, fault.Unavailable("the file store %s cannot be opened; look at the URL's options and at this node's credentials for it", b.location).Because(errors.Join(blob.ErrAway, err))
	}
	b.open = opened
	return opened, nil
}

// Close lets go of the driver's connections.
func (b *Bucket) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.open == nil {
		return nil
	}
	err := b.open.Close()
	b.open = nil
	return err
}

// Put implements Store. The upload is one conditional write: it happens whole or not at all, and only where the key is free.
func (b *Bucket) Put(ctx context.Context, key string, content io.Reader) (blob.Written, error) {
	if err := blob.CheckKey(key); err != nil {
		return blob.Written{}, err
	}
	bucket, err := b.bucket(ctx)
	if err != nil {
		return blob.Written{}, err
	}
	if found, err := bucket.Exists(ctx, key); err == nil && found {
		return blob.Written{}, exists(key) // before the bytes are sent, as a courtesy; the condition decides
	}
	source := blob.NewIntake(ctx, content)
	head := make([]byte, smallFile)
	n, err := io.ReadFull(source, head)
	if source.Err() != nil {
		return blob.Written{}, source.Err()
	}
	if small := err != nil; small {
		err = b.putSmall(ctx, bucket, key, head[:n])
	} else {
		err = b.upload(ctx, bucket, key, io.MultiReader(bytes.NewReader(head), source), source)
	}
	if err != nil {
		return blob.Written{}, err
	}
	w := source.Written()
	w.Key = key
	return w, nil
}

// smallFile is up to where a content is held in memory, so that it can be sent more than once.
const smallFile = 256 << 10

// putSmall sends a small content, again where the service was in the way of itself.
func (b *Bucket) putSmall(ctx context.Context, bucket *driver.Bucket, key string, content []byte) (err error) {
	for try := range 5 {
		err = b.upload(ctx, bucket, key, bytes.NewReader(content), nil)
		if try > 0 && fault.Is(err, fault.KindConflict) { // the answer to the try before may have been lost
			if there, e := bucket.ReadAll(ctx, key); e == nil && bytes.Equal(there, content) {
				return nil
			}
		}
		if !fault.Is(err, fault.KindUnavailable) {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(time.Duration(try+1) * 50 * time.Millisecond):
		}
	}
	return err
}

// upload makes one write of what r gives. source, where there is one, is what r reads from.
func (b *Bucket) upload(ctx context.Context, bucket *driver.Bucket, key string, r io.Reader, source *blob.Intake) error {
	upload, cancel := context.WithCancel(ctx)
	defer cancel()
	if source != nil {
		// A driver may take the end of a content that failed for its end: only an ended context makes it drop what it has.
		r = &cancelling{r, source, cancel}
	}
	// Upload and not a Writer: the Azure driver's Writer fails badly after an upload that was refused.
	err := bucket.Upload(upload, key, r, &driver.WriterOptions{ContentType: "application/octet-stream", IfNotExist: true})
	if source != nil && source.Err() != nil {
		return source.Err()
	}
	if err != nil {
		return b.putError(ctx, bucket, key, err)
	}
	return nil
}

// cancelling ends the upload's context when its content fails.
type cancelling struct {
	r      io.Reader
	source *blob.Intake
	cancel context.CancelFunc
}

func (c *cancelling) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if c.source.Err() != nil {
		c.cancel()
	}
	return n, err
}

func exists(key string) error {
	return fault.Conflict("there is already a file %s; a file is never replaced, write a new key", key)
}

// putError tells a key that is taken from a store that fails: the services have several words for the former.
func (b *Bucket) putError(ctx context.Context, bucket *driver.Bucket, key string, err error) error {
	switch gcerrors.Code(err) {
	case gcerrors.FailedPrecondition, gcerrors.AlreadyExists:
		return exists(key)
	case gcerrors.Unknown:
		if found, e := bucket.Exists(ctx, key); e == nil && found {
			return exists(key)
		}
	}
	return b.classify(ctx, "write "+key, err)
}

// Open implements Store.
func (b *Bucket) Open(ctx context.Context, key string, part blob.Part) (*blob.File, error) {
	if err := blob.CheckKey(key); err != nil {
		return nil, err
	}
	if part.Offset < 0 || part.Length < 0 {
		return nil, fault.Invalid("the part of %s from %d, %d long, is not possible", key, part.Offset, part.Length)
	}
	bucket, err := b.bucket(ctx)
	if err != nil {
		return nil, err
	}
	if part.Offset > 0 { // services refuse a range that begins beyond the end
		info, err := b.Stat(ctx, key)
		if err != nil {
			return nil, err
		}
		if part.Offset >= info.Size {
			return &blob.File{ReadCloser: io.NopCloser(strings.NewReader("")), Size: info.Size}, nil
		}
	}
	length := int64(-1)
	if part.Length > 0 {
		length = part.Length
	}
	r, err := bucket.NewRangeReader(ctx, key, part.Offset, length, nil)
	if err != nil {
		return nil, b.readError(ctx, key, err)
	}
	named := &namedErrors{r, func(err error) error { return b.readError(ctx, key, err) }}
	return &blob.File{ReadCloser: blob.NewReader(named, key, part, r.Size()), Size: r.Size()}, nil
}

// namedErrors gives the errors of a driver's reader their names.
type namedErrors struct {
	io.ReadCloser
	name func(error) error
}

func (r *namedErrors) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		err = r.name(err)
	}
	return n, err
}

// Stat implements Store.
func (b *Bucket) Stat(ctx context.Context, key string) (blob.Info, error) {
	if err := blob.CheckKey(key); err != nil {
		return blob.Info{}, err
	}
	bucket, err := b.bucket(ctx)
	if err != nil {
		return blob.Info{}, err
	}
	a, err := bucket.Attributes(ctx, key)
	if err != nil {
		return blob.Info{}, b.readError(ctx, key, err)
	}
	return blob.Info{Key: key, Size: a.Size, Modified: a.ModTime.UTC()}, nil
}

// Delete implements Store.
func (b *Bucket) Delete(ctx context.Context, key string) error {
	if err := blob.CheckKey(key); err != nil {
		return err
	}
	bucket, err := b.bucket(ctx)
	if err != nil {
		return err
	}
	if err := bucket.Delete(ctx, key); err != nil && gcerrors.Code(err) != gcerrors.NotFound {
		return b.classify(ctx, "delete "+key, err)
	}
	return nil
}

// List implements Store.
func (b *Bucket) List(ctx context.Context, prefix string) iter.Seq2[blob.Info, error] {
	return func(yield func(blob.Info, error) bool) {
		bucket, err := b.bucket(ctx)
		if err != nil {
			yield(blob.Info{}, err)
			return
		}
		for files := bucket.List(&driver.ListOptions{Prefix: prefix}); ; {
			o, err := files.Next(ctx)
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(blob.Info{}, b.classify(ctx, "list "+prefix, err))
				return
			}
			if blob.CheckKey(o.Key) != nil { // not one of ours
				continue
			}
			if !yield(blob.Info{Key: o.Key, Size: o.Size, Modified: o.ModTime.UTC()}, nil) {
				return
			}
		}
	}
}

func (b *Bucket) readError(ctx context.Context, key string, err error) error {
	if gcerrors.Code(err) == gcerrors.NotFound {
		return fault.NotFound("there is no file %s", key)
	}
	return b.classify(ctx, "read "+key, err)
}

// classify names what the service says about the store as a whole.
func (b *Bucket) classify(ctx context.Context, what string, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	cause, hint := blob.ErrAway, "cannot be reached, or refuses; look at the network and at the service's own state"
	switch gcerrors.Code(err) {
	case gcerrors.NotFound:
		hint = "is not there; make the bucket, or correct its name"
	case gcerrors.PermissionDenied:
		cause, hint = blob.ErrDenied, "does not let this node in; give its credentials the right to read, write, list and delete there"
	case gcerrors.ResourceExhausted:
		cause, hint = blob.ErrFull, "is full or asks for patience; raise its quota"
	}
	return fault.Unavailable("cannot %s: the file store %s %s", what, b.location, hint).Because(errors.Join(cause, err))
}
