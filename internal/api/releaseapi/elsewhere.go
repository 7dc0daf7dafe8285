package releaseapi

import (
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/executor/remotefeed"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/release"
	"github.com/mantledeploy/mantle/internal/store"
)

// askElsewhere asks feeds elsewhere for the versions that a draft chooses from: over the network, so outside of any transaction.
func (s *Releases) askElsewhere(c *api.Call, draft func(*store.Tx) (release.Draft, error)) (map[release.Elsewhere][]string, error) {
	type question struct {
		release.Elsewhere
		packageID string
		feed      remotefeed.Feed
	}
	var questions []question
	err := c.Read(func(tx *store.Tx) error {
		questions = nil
		d, err := draft(tx)
		if err != nil {
			return err
		}
		asks, err := d.Asks(tx)
		if err != nil {
			return err
		}
		for what, ask := range asks {
			f := ask.Feed
			password, err := f.Password.Open(c.Engine.Keyring, f.ID)
			if err != nil {
				return err
			}
			questions = append(questions, question{what, ask.PackageID, remotefeed.Feed{Name: f.Name, Address: f.FeedURI, Username: f.Username, Password: password}})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	known := map[release.Elsewhere][]string{}
	for _, q := range questions {
		found, err := remotefeed.Versions(c.Request.Context(), q.feed, q.packageID)
		if err != nil {
			return nil, fault.Invalid("the newest version of the package %q cannot be found out: %v; or name the version", q.packageID, err).Because(err)
		}
		known[q.Elsewhere] = nil
		for _, v := range found {
			if !v.Unlisted {
				known[q.Elsewhere] = append(known[q.Elsewhere], v.Version)
			}
		}
	}
	return known, nil
}
