package release

import (
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/feed"
	"github.com/mantledeploy/mantle/internal/process"
	"github.com/mantledeploy/mantle/internal/store"
)

// Missing returns the packages of the release's process that the built-in feed does not have (any more) in the chosen versions.
// What other feeds have is not known.
func (r *Release) Missing(tx *store.Tx, proc *process.Process) ([]Use, error) {
	var gone []Use
	for _, u := range Uses(proc) {
		version := r.Selected(u.ActionName, u.StepName, u.Reference)
		if !u.Resolvable || version == "" {
			continue
		}
		f, err := feed.Find(tx, r.SpaceID, u.FeedID)
		if fault.Is(err, fault.KindNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if f.Served() != nil {
			continue
		}
		if _, err = feed.Open(tx, r.SpaceID, u.PackageID, version); fault.Is(err, fault.KindNotFound) {
			gone = append(gone, u)
		} else if err != nil {
			return nil, err
		}
	}
	return gone, nil
}
