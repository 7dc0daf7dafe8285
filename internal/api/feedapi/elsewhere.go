package feedapi

import (
	"slices"

	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/executor/remotefeed"
	"github.com/mantledeploy/mantle/internal/feed"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/versioning"
)

// askedFeed is the feed of a call. One that is elsewhere is asked over the network, outside of any transaction.
type askedFeed struct {
	id        string
	elsewhere bool
	remotefeed.Feed
}

// theFeed loads the call's feed, if this server can ask it.
func theFeed(c *api.Call, set *api.Set[feed.Feed]) (askedFeed, error) {
	var asked askedFeed
	err := c.Read(func(tx *store.Tx) error {
		f, err := set.Load(c, tx, c.Param("id"))
		if err != nil {
			return err
		}
		asked = askedFeed{id: f.ID, elsewhere: remotefeed.Speaks(f.FeedType)}
		if !asked.elsewhere {
			return f.Served()
		}
		password, err := f.Password.Open(c.Engine.Keyring, f.ID)
		asked.Feed = remotefeed.Feed{Name: f.Name, Address: f.FeedURI, Username: f.Username, Password: password}
		return err
	})
	return asked, err
}

// versions returns the versions of one page, the newest first, and how many there are in all.
func (a askedFeed) versions(c *api.Call, query feed.Versions) ([]Version, int, error) {
	list := []Version{}
	if a.elsewhere {
		return a.versionsElsewhere(c, query)
	}
	var total int
	err := c.Read(func(tx *store.Tx) error {
		found, n, err := query.Find(tx)
		list, total = list[:0], n
		for _, p := range found {
			list = append(list, Version{ID: p.ID(), PackageID: p.PackageID, FeedID: a.id, Version: p.Version, Title: p.Title, Published: p.Published, ReleaseNotes: &p.ReleaseNotes, SizeBytes: p.Size})
		}
		return err
	})
	return list, total, err
}

func (a askedFeed) versionsElsewhere(c *api.Call, query feed.Versions) ([]Version, int, error) {
	admits, err := query.Admits()
	if err != nil {
		return nil, 0, err
	}
	found, err := remotefeed.Versions(c.Request.Context(), a.Feed, query.PackageID)
	if err != nil {
		return nil, 0, err
	}
	type parsed struct {
		remotefeed.Version
		number versioning.NuGet
	}
	var all []parsed
	for _, v := range found {
		if n, err := versioning.ParseNuGet(v.Version); err == nil && admits(v.Version) && !v.Unlisted {
			all = append(all, parsed{v, n})
		}
	}
	slices.SortStableFunc(all, func(x, y parsed) int { return y.number.Compare(x.number) })
	list := []Version{}
	for _, p := range all[min(query.Skip, len(all)):] {
		if query.Take > 0 && len(list) == query.Take {
			break
		}
		v := p.Version
		list = append(list, Version{ID: "packages-" + v.PackageID + "." + v.Version, PackageID: v.PackageID, FeedID: a.id, Version: v.Version, Title: v.Title, Published: v.Published, ReleaseNotes: &v.ReleaseNotes, SizeBytes: v.Size})
	}
	return list, len(all), nil
}
