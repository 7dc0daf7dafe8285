// Package remotefeed asks NuGet feeds that are not the server's own what they hold, in both versions of NuGet's protocol, and fetches their
// packages. It keeps nothing, and asks once: internal/executor/acquire tries again, and keeps. The faces import it too.
//
// A feed is somebody else's server: every question has a time limit, every answer a size limit. Credentials go to the feed's own host alone,
// also when it sends the question elsewhere; addresses of the local link are never asked.
package remotefeed

import (
	"context"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/feed"
	"github.com/mantledeploy/mantle/internal/secret"
)

const (
	// patience is how long one question may take, with all of its requests.
	patience = 30 * time.Second
	// maxAnswer is how long one answer may be.
	maxAnswer = 16 << 20
	// maxPages is how many pages of a list are read.
	maxPages = 20
)

// Feed is a feed, and with what it is entered. Where there is no password there are no credentials.
type Feed struct {
	Name, Address, Username string
	Password                secret.Text
}

// Version is one version of a package. The version 3 of the protocol lists no more than the version itself.
type Version struct {
	PackageID, Version, Title, ReleaseNotes string
	Published                               time.Time
	Size                                    int64
	// Unlisted: the feed keeps the version for those who name it, and does not want it to be chosen.
	Unlisted bool
}

// Speaks reports whether feeds of the type can be asked.
func Speaks(feedType string) bool { return feedType == feed.NuGet }

// Search returns the packages of one page that a feed finds for a term, and how many it says there are.
func Search(ctx context.Context, f Feed, term string, skip, take int) ([]feed.Description, int, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	s, err := open(f)
	if err != nil {
		return nil, 0, err
	}
	if s.isVersion3() {
		return s.search3(ctx, term, skip, take)
	}
	return s.search2(ctx, term, skip, take)
}

// Versions returns the versions of a package, in the feed's order; none where the feed does not have it.
func Versions(ctx context.Context, f Feed, packageID string) ([]Version, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	s, err := open(f)
	if err != nil {
		return nil, err
	}
	if s.isVersion3() {
		return s.versions3(ctx, packageID)
	}
	return s.versions2(ctx, packageID)
}

// source is a feed whose address was read.
type source struct {
	Feed
	address *url.URL
}

func open(f Feed) (*source, error) {
	u, err := url.Parse(strings.TrimSpace(f.Address))
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return nil, fault.Invalid("the feed %q has no address that can be asked; give it one that begins with https:// or http://", f.Name)
	case u.User != nil:
		return nil, fault.Invalid("the address of the feed %q has a user name in it; put user name and password into their own fields", f.Name)
	}
	return &source{f, u}, nil
}

// isVersion3 tells by the address, as NuGet's clients do: version 3 begins with the document index.json.
func (s *source) isVersion3() bool { return strings.EqualFold(path.Ext(s.address.Path), ".json") }
