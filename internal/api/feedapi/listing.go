package feedapi

import (
	"encoding/json"
	"net/http"

	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/feed"
	"github.com/mantledeploy/mantle/internal/store"
)

// listing is what older clients ask a feed for: one list of packages, or of their versions.
type listing struct {
	packageID, versionRange, tag             string
	partial, everyVersion, notes, preRelease bool
	take                                     int
}

func readListing(c *api.Call) (l listing, err error) {
	l.packageID, l.versionRange, l.tag = c.Query("packageId"), c.Query("versionRange"), c.Query("preReleaseTag")
	for name, at := range map[string]*bool{"partialMatch": &l.partial, "includeMultipleVersions": &l.everyVersion, "includeNotes": &l.notes, "includePreRelease": &l.preRelease} {
		if *at, err = c.QueryBool(name); err != nil {
			return l, err
		}
	}
	l.take, err = c.QueryInt("take", 30)
	return l, err
}

// listFeed answers with a plain array.
func (ps packages) listFeed(c *api.Call, set *api.Set[feed.Feed]) error {
	l, err := readListing(c)
	if err != nil {
		return err
	}
	out := []json.RawMessage{}
	err = c.Read(func(tx *store.Tx) error {
		out = out[:0]
		f, err := served(c, tx, set)
		if err != nil {
			return err
		}
		found, err := l.find(tx, c.SpaceID())
		if err != nil {
			return err
		}
		for _, p := range found {
			text, err := ps.show(c, tx, p, f.ID, l.notes)
			if err != nil {
				return err
			}
			out = append(out, text)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, out)
}

func (l listing) find(tx *store.Tx, spaceID string) ([]*feed.Package, error) {
	ids := []string{l.packageID}
	if l.partial || l.packageID == "" {
		some, _, err := feed.Describe(tx, spaceID, l.packageID, 0, max(l.take, 1))
		if err != nil {
			return nil, err
		}
		ids = nil
		for _, d := range some {
			ids = append(ids, d.PackageID)
		}
	}
	var list []*feed.Package
	for _, id := range ids {
		query := feed.Versions{SpaceID: spaceID, PackageID: id, Range: l.versionRange, Tag: l.tag, Prerelease: l.preRelease || l.tag != "", Take: 1}
		if l.everyVersion {
			query.Take = 0
		}
		some, _, err := query.Find(tx)
		if err != nil {
			return nil, err
		}
		list = append(list, some...)
	}
	return list[:min(len(list), l.take)], nil
}
