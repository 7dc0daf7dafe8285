package retention

import (
	"context"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/audit"
	"github.com/mantledeploy/mantle/internal/feed"
	"github.com/mantledeploy/mantle/internal/process"
	"github.com/mantledeploy/mantle/internal/release"
	"github.com/mantledeploy/mantle/internal/store"
)

// chosen are the packages that the releases of a space have chosen.
type chosen struct {
	keys map[feed.Key]bool
	// anyOf are versions that some package has whose ID is not known before a deployment, or whose process cannot be read.
	anyOf map[string]bool
	// seq is the number of the last release that was looked at.
	seq       int64
	processes map[string]*process.Process
}

// releasesAtATime bounds a read of releases.
const releasesAtATime = 200

// look adds what the next releases of the space have chosen, and tells whether there may be more.
func (c *chosen) look(tx *store.Tx, spaceID string) (more bool, err error) {
	next := store.Query{Where: []store.Cond{store.Eq("space_id", spaceID), store.AtLeast("seq", c.seq+1)}, OrderBy: []string{"seq"}, Take: releasesAtATime}
	releases, err := release.Releases().Find(tx, next)
	if err != nil {
		return false, err
	}
	for _, r := range releases {
		p, err := c.process(tx, r.ProjectDeploymentProcessSnapshotID)
		if err != nil {
			return false, err
		}
		c.add(r, p)
	}
	if n := len(releases); n > 0 {
		last := releases[n-1].ID
		if err := tx.QueryRow("SELECT seq FROM project_release WHERE id = $1", last).Scan(&c.seq); err != nil {
			return false, err
		}
	}
	return len(releases) == releasesAtATime, nil
}

// process reads a process once; nil is one that cannot be read.
func (c *chosen) process(tx *store.Tx, id string) (*process.Process, error) {
	p, known := c.processes[id]
	if known {
		return p, nil
	}
	p, err := process.Processes().Get(tx, id)
	if err != nil && (store.Lost(err) || tx.Context().Err() != nil) {
		return nil, err
	}
	if err != nil {
		p = nil
	}
	c.processes[id] = p
	return p, nil
}

func (c *chosen) add(r *release.Release, p *process.Process) {
	found := map[string]bool{} // the versions whose packages the process names
	if p != nil {
		for _, s := range p.Steps {
			for _, a := range s.Actions {
				for _, ref := range a.Packages {
					version := r.Selected(a.Name, s.Name, ref.Name)
					found[version] = true
					if version == "" && ref.Version != nil {
						version = *ref.Version
					}
					c.take(ref.PackageID, version)
				}
			}
		}
	}
	for _, selected := range r.SelectedPackages {
		if !found[selected.Version] {
			c.take("", selected.Version)
		}
	}
}

func (c *chosen) take(packageID, version string) {
	key := feed.KeyOf(packageID, version)
	if packageID == "" || strings.Contains(packageID, "#{") {
		c.anyOf[key.Version] = true
		return
	}
	c.keys[key] = true
}

func (c *chosen) has(p *feed.Package) bool {
	key := feed.KeyOf(p.PackageID, p.Version)
	return c.keys[key] || c.anyOf[key.Version]
}

// packagesAtATime bounds a transaction that removes packages.
const packagesAtATime = 100

// packagesOf removes the packages of a space that are older than its built-in feed says, and that no release has chosen.
func (w *work) packagesOf(ctx context.Context, block, spaceID string, days int) (removed int, err error) {
	c := &chosen{seq: -1, keys: map[feed.Key]bool{}, anyOf: map[string]bool{}, processes: map[string]*process.Process{}}
	for more := true; more; {
		err := w.persist(ctx, func(ctx context.Context) error {
			return w.run.Read(ctx, func(tx *store.Tx) (err error) {
				more, err = c.look(tx, spaceID)
				return err
			})
		})
		if err != nil {
			return removed, err
		}
	}
	before := w.begun.AddDate(0, 0, -max(min(days, 36500), 1))
	for after, more := (feed.Key{}), true; more; {
		if w.run.IsCancelled() {
			return removed, nil
		}
		var gone []*feed.Package
		var last feed.Key
		err := w.persist(ctx, func(ctx context.Context) error {
			return w.run.Write(ctx, func(tx *store.Tx) (err error) {
				gone, last, more, err = removePackages(tx, c, spaceID, before, after)
				if err != nil || len(gone) == 0 {
					return err
				}
				return w.notePackages(tx, block, gone)
			})
		})
		if err != nil {
			return removed, err
		}
		for _, p := range gone {
			w.Repository.Retire(ctx, p)
		}
		after, removed = last, removed+len(gone)
	}
	return removed, nil
}

// removePackages removes some packages. Releases that were made since the others were looked at count too, and nobody makes one meanwhile.
func removePackages(tx *store.Tx, c *chosen, spaceID string, before time.Time, after feed.Key) (gone []*feed.Package, last feed.Key, more bool, err error) {
	if err := feed.SeizePackages(tx, spaceID); err != nil {
		return nil, after, false, err
	}
	for newer := true; newer; {
		if newer, err = c.look(tx, spaceID); err != nil {
			return nil, after, false, err
		}
	}
	old, last, err := feed.Old(tx, spaceID, before, after, packagesAtATime)
	if err != nil {
		return nil, after, false, err
	}
	for _, p := range old {
		if c.has(p) {
			continue
		}
		if err := p.Delete(tx); err != nil {
			return nil, after, false, err
		}
		_, err := audit.Record(tx, audit.Entry{
			Category: audit.PackageDeleted, SpaceID: spaceID, DocumentID: p.ID(), DocumentType: "Packages", Subjects: []audit.Subject{{ID: p.ID(), Name: p.PackageID}},
			Message: "Package " + p.PackageID + " version " + p.Version + " was deleted by the retention policy of the built-in feed",
		})
		if err != nil {
			return nil, after, false, err
		}
		gone = append(gone, p)
	}
	return gone, last, len(old) == packagesAtATime, nil
}
