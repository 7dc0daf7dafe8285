package acquire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/executor"
	"github.com/mantledeploy/mantle/internal/executor/remotefeed"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/feed"
	"github.com/mantledeploy/mantle/internal/task"
	"github.com/mantledeploy/mantle/internal/task/tasklog"
)

// fetch fetches the package and keeps it, in as many attempts as the feed allows.
func (a *Acquirer) fetch(ctx context.Context, w executor.Wish, s source) (*feed.Fetched, error) {
	if err := w.Note(ctx, tasklog.Info, fmt.Sprintf("Fetching %s %s from the feed %q.", w.PackageID, w.Version, s.feed.Name)); err != nil {
		return nil, err
	}
	attempts := max(s.feed.DownloadAttempts, 1)
	for attempt := 1; ; attempt++ {
		found, err := a.attempt(ctx, w, s)
		if err == nil {
			return found, a.DB.Write(ctx, found.Keep)
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		a.Logger.Info("a package could not be fetched", "feed", s.feed.ID, "package", w.PackageID, "version", w.Version, "attempt", attempt, "error", err)
		if !errors.Is(err, remotefeed.ErrPassing) {
			return nil, failure(w, s, err, "")
		}
		if attempt == attempts {
			return nil, failure(w, s, err, fmt.Sprintf(" It was tried %d times.", attempts))
		}
		wait := time.Duration(attempt*s.feed.DownloadRetryBackoffSeconds) * time.Second
		if err := w.Note(ctx, tasklog.Warning, fmt.Sprintf("Attempt %d of %d to fetch %s %s failed: %v. The next one is in %v.", attempt, attempts, w.PackageID, w.Version, said(err), wait)); err != nil {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(wait):
		}
	}
}

// attempt fetches the package once.
func (a *Acquirer) attempt(ctx context.Context, w executor.Wish, s source) (*feed.Fetched, error) {
	file, err := remotefeed.Open(ctx, s.Feed, w.PackageID, w.Version)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	content := &watched{Reader: file}
	found, err := a.Repository.StoreFetched(ctx, s.feed, w.PackageID, w.Version, w.TaskID, content)
	if content.err != nil {
		return nil, content.err // what the store makes of it says less
	}
	return found, err
}

// watched remembers why reading ended before the end.
type watched struct {
	io.Reader
	err error
}

func (r *watched) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err != nil && err != io.EOF {
		r.err = err
	}
	return n, err
}

// said is what an error says to people.
func said(err error) string {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Error()
	}
	return "the server has an error of its own; look into its log"
}

// failure names the package, its feed, the reason and the way out.
func failure(w executor.Wish, s source, err error, more string) error {
	out := ""
	switch {
	case fault.Is(err, fault.KindNotFound):
		out = " Push it to the feed, or make a release with a version that the feed has."
	case fault.Is(err, fault.KindInvalid) && !errors.Is(err, remotefeed.ErrPassing):
		out = " Correct the feed, or the package in it, and deploy again."
	case fault.Is(err, fault.KindUnavailable):
		out = " Deploy again when the server's file store is well."
	}
	from, why := fmt.Sprintf(" from the feed %q", s.feed.Name), said(err)
	if strings.Contains(why, from[len(" from "):]) {
		from = ""
	}
	return task.Failf("Version %s of the package %q could not be fetched%s: %s.%s%s", w.Version, w.PackageID, from, why, more, out)
}
