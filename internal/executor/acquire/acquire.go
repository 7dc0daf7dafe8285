// Package acquire brings the packages that a deployment wants to the server: from the built-in feed, whose files are there, and from NuGet
// feeds elsewhere, whose packages are fetched once and kept in the store that all nodes share. How a feed is asked is remotefeed's, what is
// kept and for how long is internal/feed's. Feeds of other types are refused. internal/server imports it.
package acquire

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"

	"github.com/mantledeploy/mantle/internal/blob"
	"github.com/mantledeploy/mantle/internal/executor"
	"github.com/mantledeploy/mantle/internal/executor/remotefeed"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/feed"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/task"
	"github.com/mantledeploy/mantle/versioning"
)

// Config wires an Acquirer.
type Config struct {
	DB         *store.DB
	Repository *feed.Repository
	Keys       *secret.Keyring
	Logger     *slog.Logger
}

// Acquirer opens packages for the executor.
type Acquirer struct {
	Config
	mu sync.Mutex
	// flights are the downloads that are under way on this node.
	flights map[string]*flight
}

var _ executor.Packages = (*Acquirer)(nil)

// New returns an Acquirer.
func New(c Config) *Acquirer { return &Acquirer{Config: c, flights: map[string]*flight{}} }

// source is where a package comes from: the built-in feed has it, or a feed elsewhere is asked.
type source struct {
	builtIn *feed.Package
	feed    *feed.Feed
	remotefeed.Feed
}

// Open finds the package, and fetches it where that must be. A *task.Failure says why there is none.
func (a *Acquirer) Open(ctx context.Context, w executor.Wish) (executor.Package, error) {
	s, err := a.source(ctx, w)
	if fault.KindOf(err) != fault.Unexpected && !fault.Is(err, fault.KindUnavailable) {
		return executor.Package{}, task.Failf("%v.", err)
	}
	if err != nil {
		return executor.Package{}, err
	}
	if p := s.builtIn; p != nil {
		return executor.Package{
			ID: p.PackageID, Version: p.Version, Extension: p.Extension, SHA1: p.SHA1, Size: p.Size, Format: versioning.FormatSemver,
			Open: func(ctx context.Context) (io.ReadCloser, error) { return a.file(ctx, p.BlobKey, p.SHA256) },
		}, nil
	}
	p, err := a.fetched(ctx, w, s)
	if err != nil {
		return executor.Package{}, err
	}
	return executor.Package{
		ID: p.PackageID, Version: w.Version, Extension: feed.NuGetExtension, SHA1: p.SHA1, Size: p.Size, Format: versioning.FormatSemver,
		Open: func(ctx context.Context) (io.ReadCloser, error) { return a.reopen(ctx, w, s, p) },
	}, nil
}

func (a *Acquirer) file(ctx context.Context, key, sha256 string) (io.ReadCloser, error) {
	return a.Repository.Blobs.Open(ctx, key, blob.Part{SHA256: sha256})
}

// reopen opens the file of a fetched package. One that was let go of meanwhile is fetched again.
func (a *Acquirer) reopen(ctx context.Context, w executor.Wish, s source, p *feed.Fetched) (io.ReadCloser, error) {
	file, err := a.file(ctx, p.BlobKey, p.SHA256)
	if !fault.Is(err, fault.KindNotFound) {
		return file, err
	}
	if err := a.DB.Write(ctx, p.Forget); err != nil {
		return nil, err
	}
	again, err := a.fetched(ctx, w, s)
	if err != nil {
		return nil, err
	}
	if again.SHA1 != p.SHA1 {
		return nil, task.Failf("The feed %q has another file as version %s of the package %q than a while ago. Deploy again.", s.feed.Name, w.Version, p.PackageID)
	}
	return a.file(ctx, again.BlobKey, again.SHA256)
}

// source finds out where the package comes from.
func (a *Acquirer) source(ctx context.Context, w executor.Wish) (s source, err error) {
	err = a.DB.Read(ctx, func(tx *store.Tx) (err error) {
		s = source{}
		if s.feed, err = feed.Of(tx, w.SpaceID, w.FeedID); err != nil {
			return err
		}
		if s.feed.FeedType == feed.BuiltIn {
			s.builtIn, err = feed.Open(tx, w.SpaceID, w.PackageID, w.Version)
			return err
		}
		if err := s.feed.Fetchable(); err != nil {
			return err
		}
		password, err := s.feed.Password.Open(a.Keys, s.feed.ID)
		s.Feed = remotefeed.Feed{Name: s.feed.Name, Address: s.feed.FeedURI, Username: s.feed.Username, Password: password}
		return err
	})
	return s, err
}

// fetched returns what was kept of the package, or fetches it.
func (a *Acquirer) fetched(ctx context.Context, w executor.Wish, s source) (*feed.Fetched, error) {
	waiting, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case <-w.Cancelled:
			cancel(task.ErrCanceled)
		case <-waiting.Done():
		}
	}()
	for {
		kept, err := a.kept(ctx, w, s) // a task that is cancelled finds what there is: it may have to end what it has begun with it
		if kept != nil || err != nil {
			return kept, err
		}
		f, mine := a.join(w, s)
		if mine {
			if f.found, f.err = a.kept(ctx, w, s); f.found == nil && f.err == nil { // another one may have landed meanwhile
				f.found, f.err = a.fetch(waiting, w, s)
			}
			a.leave(w, s, f)
			return f.found, f.err
		}
		select {
		case <-waiting.Done():
			return nil, context.Cause(waiting)
		case <-f.done:
		}
		var failure *task.Failure
		if f.err == nil || errors.As(f.err, &failure) {
			return f.found, f.err
		} // otherwise its task went: the next one fetches
	}
}

// kept returns what was fetched before; where everything is wanted anew, by this very task.
func (a *Acquirer) kept(ctx context.Context, w executor.Wish, s source) (kept *feed.Fetched, err error) {
	err = a.DB.Write(ctx, func(tx *store.Tx) (err error) {
		kept, err = feed.FindFetched(tx, s.feed, w.PackageID, w.Version)
		return err
	})
	if fault.Is(err, fault.KindInvalid) {
		return nil, task.Failf("%v.", err)
	}
	if kept != nil && w.Anew && kept.TaskID != w.TaskID {
		kept = nil
	}
	return kept, err
}

// flight is a download that several may wait for.
type flight struct {
	done  chan struct{}
	found *feed.Fetched
	err   error
}

func nameOf(w executor.Wish, s source) string {
	name := []string{s.feed.ID, s.feed.FeedURI, store.Fold(w.PackageID), w.Version}
	if w.Anew {
		name = append(name, w.TaskID)
	}
	return strings.Join(name, "\n")
}

// join returns the download of the package that is under way, or a new one, which is the caller's.
func (a *Acquirer) join(w executor.Wish, s source) (f *flight, mine bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	name := nameOf(w, s)
	if f := a.flights[name]; f != nil {
		return f, false
	}
	f = &flight{done: make(chan struct{})}
	a.flights[name] = f
	return f, true
}

func (a *Acquirer) leave(w executor.Wish, s source, f *flight) {
	a.mu.Lock()
	delete(a.flights, nameOf(w, s))
	a.mu.Unlock()
	close(f.done)
}
