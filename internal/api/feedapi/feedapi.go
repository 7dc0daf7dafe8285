// Package feedapi serves feeds and the packages of the built-in feed. internal/server imports it, and tests.
package feedapi

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/executor/remotefeed"
	"github.com/mantledeploy/mantle/internal/feed"
	"github.com/mantledeploy/mantle/internal/infrastructure/variant"
	"github.com/mantledeploy/mantle/internal/store"
)

// Config is what feeds are served with.
type Config struct {
	Repository *feed.Repository
	// Referrers find who forbids the deletion of a feed.
	Referrers []environment.Referrer
	// OnPushed runs in the transaction that makes a version of a package known, new or replaced.
	OnPushed func(tx *store.Tx, p *feed.Package) error
	// BuildInformation returns what is known about how a package was built, or nil.
	BuildInformation func(tx *store.Tx, spaceID, packageID, version string) (any, error)
}

// Register serves feeds and packages.
func Register(e *api.Engine, cfg Config) *api.Set[feed.Feed] {
	set := api.Register(e, api.Resource[feed.Feed]{
		Path: "feeds", Where: api.InSpace, Collection: feed.Feeds(),
		View: access.FeedView, Create: access.FeedEdit, Edit: access.FeedEdit, Delete: access.FeedEdit,
		RootLink: "Feeds", Filters: []api.Filter{api.FoldedOneOf("feedType", "feed_type")},
		Slug: func(d *feed.Feed) *string { return &d.Slug },
		Prepare: func(_ *api.Call, _ *store.Tx, doc, old *feed.Feed) error {
			if old != nil && old.FeedType == feed.BuiltIn {
				doc.Slug = old.Slug // every space finds its own by it
			}
			doc.Prepare(old)
			return nil
		},
		Validate: func(_ *api.Call, _ *store.Tx, doc, old *feed.Feed) ([]string, error) { return doc.Validate(old), nil },
		Referrers: func(_ *api.Call, tx *store.Tx, doc *feed.Feed) ([]string, error) {
			if doc.FeedType == feed.BuiltIn {
				return []string{"every space keeps its built-in feed"}, nil
			}
			return environment.Referrers(tx, doc.ID, cfg.Referrers)
		},
		Links:  feedLinks,
		Render: func(_ *api.Call, _ *store.Tx, doc *feed.Feed) (any, error) { return variant.Show(doc) },
	})
	e.AddLink("BuiltInFeedStats", "{s}/feeds/stats")
	registerSearch(e, set, packages{cfg})
	registerPackages(e, cfg)
	registerUploads(e, cfg)
	registerNuGet(e, cfg)
	return set
}

func feedLinks(_ *api.Call, doc *feed.Feed) api.Links {
	self := "{s}/feeds/" + doc.ID + "/packages"
	return api.Links{
		"SearchPackagesTemplate":        self + "/search{?term,skip,take}",
		"SearchPackageVersionsTemplate": self + "/versions{?packageId,take,skip,includePreRelease,versionRange,preReleaseTag,filter,includeReleaseNotes}",
		"SearchTemplate":                self + "{?packageId,partialMatch,includeMultipleVersions,includeNotes,includePreRelease,versionRange,preReleaseTag,take}",
		"NotesTemplate":                 self + "/notes{?packageId,version}",
	}
}

// Stats tells how much the built-in feed of a space holds.
type Stats struct{ TotalPackages int }

// Description is a package as searches show it.
type Description struct {
	ID            string `json:"Id"`
	Name          string
	Description   string
	LatestVersion string
}

// Version is one version of a package as feeds show it.
type Version struct {
	ID           string `json:"Id"`
	PackageID    string `json:"PackageId"`
	FeedID       string `json:"FeedId"`
	Version      string
	Title        string
	Published    time.Time
	ReleaseNotes *string
	SizeBytes    int64
}

func registerSearch(e *api.Engine, set *api.Set[feed.Feed], ps packages) {
	view := func(path, summary string, out any, queries string, handler func(*api.Call) error) api.Operation {
		op := api.Operation{Method: http.MethodGet, Path: "feeds/" + path, Where: api.InSpace, Permission: access.FeedView, Summary: summary, Out: out, Handler: handler}
		if queries != "" {
			op.Queries = strings.Split(queries, ",")
		}
		return op
	}
	search := view("{id}/packages/search", "Search the packages of a feed", Description{}, "term,skip,take", func(c *api.Call) error { return searchPackages(c, set) })
	versions := view("{id}/packages/versions", "List the versions of a package of a feed, the newest first", Version{},
		"packageId,take,skip,includePreRelease,versionRange,preReleaseTag,filter,includeReleaseNotes", func(c *api.Call) error { return searchVersions(c, set) })
	search.List, versions.List = true, true
	e.Handle(search, versions,
		view("{id}/packages", "List packages of a feed, or versions of one", []Package{}, "packageId,partialMatch,includeMultipleVersions,includeNotes,includePreRelease,versionRange,preReleaseTag,take",
			func(c *api.Call) error { return ps.listFeed(c, set) }),
		view("stats", "How much the built-in feed holds", Stats{}, "", stats),
		view("{id}/packages/notes", "The release notes of a version of a package, as text", nil, "packageId,version", func(c *api.Call) error { return notes(c, set) }),
	)
}

func stats(c *api.Call) error {
	var out Stats
	err := c.Read(func(tx *store.Tx) (err error) {
		out.TotalPackages, err = feed.Count(tx, c.SpaceID())
		return err
	})
	if err != nil {
		return err
	}
	text, err := c.Resource(out, api.Links{"Self": "{s}/feeds/stats"})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, text)
}

// served loads the call's feed, if this server is that feed.
func served(c *api.Call, tx *store.Tx, set *api.Set[feed.Feed]) (*feed.Feed, error) {
	f, err := set.Load(c, tx, c.Param("id"))
	if err != nil {
		return nil, err
	}
	return f, f.Served()
}

func searchPackages(c *api.Call, set *api.Set[feed.Feed]) error {
	page, err := c.Paging()
	if err != nil {
		return err
	}
	asked, err := theFeed(c, set)
	if err != nil {
		return err
	}
	var found []feed.Description
	total := 0
	if asked.elsewhere {
		found, total, err = remotefeed.Search(c.Request.Context(), asked.Feed, c.Query("term"), page.Skip, max(page.Take, 1))
	} else {
		err = c.Read(func(tx *store.Tx) (err error) {
			found, total, err = feed.Describe(tx, c.SpaceID(), c.Query("term"), page.Skip, page.Take)
			return err
		})
	}
	if err != nil {
		return err
	}
	if page.Take == 0 {
		found = nil // the count alone was asked for
	}
	items := []any{}
	for _, d := range found {
		text, err := c.Resource(Description{d.PackageID, d.PackageID, d.Description, d.LatestVersion}, api.Links{
			"SearchPackageVersionsTemplate": "{s}/feeds/" + asked.id + "/packages/versions?packageId=" + url.QueryEscape(d.PackageID) + "{&take,skip,includePreRelease,versionRange,preReleaseTag,filter,includeReleaseNotes}",
		})
		if err != nil {
			return err
		}
		items = append(items, text)
	}
	return c.JSON(http.StatusOK, c.Page("PackageDescription", "{s}/feeds/"+asked.id+"/packages/search", []string{"term", "skip", "take"}, page, total, items))
}

func searchVersions(c *api.Call, set *api.Set[feed.Feed]) error {
	page, err := c.Paging()
	if err != nil {
		return err
	}
	prerelease := true
	if c.Has("includePreRelease") {
		if prerelease, err = c.QueryBool("includePreRelease"); err != nil {
			return err
		}
	}
	withNotes, err := c.QueryBool("includeReleaseNotes")
	if err != nil {
		return err
	}
	asked, err := theFeed(c, set)
	if err != nil {
		return err
	}
	found, total, err := asked.versions(c, feed.Versions{
		SpaceID: c.SpaceID(), PackageID: c.Query("packageId"), Range: c.Query("versionRange"), Tag: c.Query("preReleaseTag"), Filter: c.Query("filter"),
		Prerelease: prerelease, Skip: page.Skip, Take: page.Take,
	})
	if err != nil {
		return err
	}
	if page.Take == 0 {
		found = nil
	}
	items := []any{}
	for _, v := range found {
		if !withNotes {
			v.ReleaseNotes = nil
		}
		text, err := c.Resource(v, api.Links{"Notes": "{s}/feeds/" + asked.id + "/packages/notes?packageId=" + url.QueryEscape(v.PackageID) + "&version=" + url.QueryEscape(v.Version)})
		if err != nil {
			return err
		}
		items = append(items, text)
	}
	names := []string{"packageId", "take", "skip", "includePreRelease", "versionRange", "preReleaseTag", "filter", "includeReleaseNotes"}
	return c.JSON(http.StatusOK, c.Page("PackageVersion", "{s}/feeds/"+asked.id+"/packages/versions", names, page, total, items))
}
