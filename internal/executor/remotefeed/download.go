package remotefeed

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/versioning"
)

const (
	// stall is how long a download may bring nothing.
	stall = time.Minute
	// downloadPatience is how long a whole download may take.
	downloadPatience = 2 * time.Hour
	// maxPackage is how large a package may be.
	maxPackage = 10 << 30
)

// Open finds a version of a package and begins to fetch its file, which the caller closes. It is a fault of kind NotFound where the feed does
// not have it. Reading ends with a fault where the file does not come whole, in time and in bounds; errors that are ErrPassing may be tried
// again.
func Open(ctx context.Context, f Feed, packageID, version string) (io.ReadCloser, error) {
	wanted, err := versioning.ParseNuGet(version)
	if err != nil {
		return nil, fault.Invalid("%q is no version that a NuGet feed can have: %v", version, err)
	}
	if strings.Trim(packageID, ".") == "" {
		return nil, fault.Invalid("%q is no package's ID", packageID)
	}
	s, err := open(f)
	if err != nil {
		return nil, err
	}
	var file io.ReadCloser
	if s.isVersion3() {
		file, err = s.open3(ctx, packageID, wanted)
	} else {
		file, err = s.open2(ctx, packageID, wanted)
	}
	if err == nil && file == nil {
		return nil, fault.NotFound("the feed %q does not have version %s of the package %q", s.Name, version, packageID)
	}
	return file, err
}

// open3 fetches the version's file under its normalized name or, where there is none, as the feed writes it.
func (s *source) open3(ctx context.Context, packageID string, wanted versioning.NuGet) (io.ReadCloser, error) {
	find, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	address, err := s.service(find, flatContainer)
	if err != nil {
		return nil, err
	}
	id, usual := strings.ToLower(packageID), strings.ToLower(wanted.Normalized())
	at := func(version string) *url.URL {
		return address.JoinPath(url.PathEscape(id), url.PathEscape(version), url.PathEscape(id+"."+version+".nupkg"))
	}
	if file, err := s.download(ctx, at(usual)); file != nil || err != nil {
		return file, err
	}
	listed, err := s.flatVersions(find, address, packageID)
	for _, v := range listed {
		if n, err := versioning.ParseNuGet(v.Version); err == nil && n.Compare(wanted) == 0 && strings.ToLower(v.Version) != usual {
			return s.download(ctx, at(strings.ToLower(v.Version)))
		}
	}
	return nil, err
}

// open2 fetches the version's file.
func (s *source) open2(ctx context.Context, packageID string, wanted versioning.NuGet) (io.ReadCloser, error) {
	find, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	address, err := s.file2(find, packageID, wanted)
	if err != nil || address == nil {
		return nil, err
	}
	return s.download(ctx, address)
}

// file2 returns where the version lies: as its own entry says, or that in the list of all versions; nil where there is no such version.
func (s *source) file2(ctx context.Context, packageID string, wanted versioning.NuGet) (found *url.URL, err error) {
	address := s.address.JoinPath("Packages(Id=" + quoted(packageID) + ",Version=" + quoted(wanted.Normalized()) + ")")
	text, err := s.get(ctx, address)
	if err == nil && text != nil {
		var e entry
		if err := xml.Unmarshal(text, &e); err != nil {
			return nil, s.strange(err)
		}
		return e.file(s, address)
	}
	if err != nil && (errors.Is(err, ErrPassing) || ctx.Err() != nil) {
		return nil, err
	}
	// The feed knows no single entries, or writes the version otherwise.
	err = s.pages(ctx, packageID, func(at *url.URL, a *atom) (bool, error) {
		for _, e := range a.Entries {
			if n, err := versioning.ParseNuGet(e.Properties.Version); err != nil || n.Compare(wanted) != 0 {
				continue
			}
			found, err = e.file(s, at)
			return false, err
		}
		return true, nil
	})
	return found, err
}

// file is where the entry's package lies.
func (e *entry) file(s *source, at *url.URL) (*url.URL, error) {
	if e.Content.Source == "" {
		return nil, s.strange(errors.New("an entry without content"))
	}
	to, err := url.Parse(e.Content.Source)
	if err != nil {
		return nil, s.strange(err)
	}
	return at.ResolveReference(to), nil
}

// download is a file on its way.
type download struct {
	source  *source
	address *url.URL
	body    io.ReadCloser
	// ctx ends with the download, and says why it ended early; end frees what the download holds.
	ctx     context.Context //nolint:containedctx // the download's own
	end     func()
	stalled *time.Timer
	left    int64
}

var (
	errStalled = errors.New("no byte for too long")
	errTooLong = errors.New("too slow")
)

// download begins to fetch a file; nil where there is none.
func (s *source) download(ctx context.Context, address *url.URL) (io.ReadCloser, error) {
	ctx, stop := context.WithTimeoutCause(ctx, downloadPatience, errTooLong)
	ctx, cancel := context.WithCancelCause(ctx)
	client := s.client()
	end := func() { cancel(context.Canceled); stop(); client.CloseIdleConnections() }
	answer, err := s.send(ctx, client, address, http.Header{"Accept": {"application/octet-stream, application/zip, */*"}, "Accept-Encoding": {"identity"}})
	if err != nil || answer == nil {
		end()
		return nil, err
	}
	if answer.ContentLength > maxPackage {
		answer.Body.Close()
		end()
		return nil, s.tooLarge()
	}
	d := &download{source: s, address: address, body: answer.Body, ctx: ctx, end: end, left: maxPackage}
	d.stalled = time.AfterFunc(stall, func() { cancel(errStalled) })
	return d, nil
}

func (s *source) tooLarge() error {
	return fault.TooLarge("the package is larger than %d GiB, which is not fetched; split it", maxPackage>>30)
}

// Read implements io.Reader.
func (d *download) Read(p []byte) (int, error) {
	n, err := d.body.Read(p)
	d.stalled.Reset(stall)
	if d.left -= int64(n); d.left < 0 {
		return n, d.source.tooLarge()
	}
	if err == nil || err == io.EOF {
		return n, err
	}
	why := "the download broke off"
	switch cause := context.Cause(d.ctx); {
	case errors.Is(cause, errStalled):
		why = fmt.Sprintf("the download brought nothing for %d seconds", int(stall.Seconds()))
	case errors.Is(cause, errTooLong):
		return n, fault.Invalid("the download from the feed %q at %s took more than %d hours", d.source.Name, d.address.Host, int(downloadPatience.Hours())).Because(cause)
	case d.ctx.Err() != nil:
		return n, cause
	}
	return n, fault.Invalid("%s (the feed %q at %s)", why, d.source.Name, d.address.Host).Because(fmt.Errorf("%w: %w", ErrPassing, err))
}

// Close ends the download.
func (d *download) Close() error {
	d.stalled.Stop()
	err := d.body.Close()
	d.end()
	return err
}
