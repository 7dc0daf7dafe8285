package release

import (
	"encoding/json"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/feed"
	"github.com/mantledeploy/mantle/internal/process"
	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/variable"
)

// Draft is what a new release is made of.
type Draft struct {
	Project *project.Project
	// Channel is nil for the project's default one.
	Channel *project.Channel
	// Version is a version, a mask, or empty: then the project's versioning makes it.
	Version      string
	Notes        *string
	Choice       Choice
	CustomFields map[string]string
	GitResources []SelectedGitResource
	BuildInfo    []json.RawMessage
	// Author is the name of who makes it.
	Author string
	// TakeExisting returns a release that has the version already, instead of refusing.
	TakeExisting bool
}

// Make stores the release with its snapshots. existed tells that it was there before.
func (d Draft) Make(tx *store.Tx) (r *Release, existed bool, err error) {
	if err := feed.HoldPackages(tx, d.Project.SpaceID); err != nil {
		return nil, false, err
	}
	p := d.Project
	if p.IsDisabled {
		return nil, false, fault.Invalid("the project %q is disabled; enable it before you create a release", p.Name)
	}
	if d.Channel == nil {
		if d.Channel, err = project.DefaultChannel(tx, p.ID); err != nil {
			return nil, false, err
		}
	}
	if d.TakeExisting && d.Version != "" {
		if r, err = exists(tx, p.ID, d.Version); r != nil || err != nil {
			return r, r != nil, err
		}
	}
	proc, err := d.process(tx)
	if err != nil {
		return nil, false, err
	}
	r = &Release{ProjectID: p.ID, ChannelID: d.Channel.ID, ReleaseNotes: d.Notes, IgnoreChannelRules: d.Choice.IgnoreRules, Assembled: tx.Now,
		CustomFields: d.CustomFields, SelectedGitResources: d.GitResources, BuildInformation: d.BuildInfo}
	r.SpaceID = p.SpaceID
	r.LastModifiedOn, r.LastModifiedBy = &r.Assembled, d.Author
	if r.SelectedPackages, err = d.Choice.Resolve(tx, proc, d.Channel); err != nil {
		return nil, false, err
	}
	if r.Version, err = Number(tx, p, d.Channel, proc, r.SelectedPackages, d.Version); err != nil {
		return nil, false, err
	}
	r.complete()
	if err := CheckVersion(r.Version); err != nil {
		return nil, false, err
	}
	if old, err := exists(tx, p.ID, r.Version); err != nil || old != nil && d.TakeExisting {
		return old, true, err
	} else if old != nil {
		return nil, false, fault.Invalid("%s", takenVersion(r.Version))
	}
	if err := r.snapshot(tx, p, proc); err != nil {
		return nil, false, err
	}
	return r, false, Releases().Insert(tx, r)
}

// process reads the project's process. It may have no step yet: such a release can be made, and not be deployed.
func (d Draft) process(tx *store.Tx) (*process.Process, error) {
	proc, err := process.Processes().Get(tx, process.IDOf(d.Project.ID))
	if fault.Is(err, fault.KindNotFound) {
		proc, err = process.New(d.Project.ID, d.Project.SpaceID), nil
	}
	return proc, err
}

// snapshot takes copies of the process and the variables as they are now.
func (r *Release) snapshot(tx *store.Tx, p *project.Project, proc *process.Process) error {
	copied, err := proc.Snapshot(tx)
	if err != nil {
		return err
	}
	r.ProjectDeploymentProcessSnapshotID = copied.ID
	return r.SnapshotVariables(tx, p)
}

// SnapshotVariables takes copies of the project's variables and of its library sets as they are now; the release is not stored.
func (r *Release) SnapshotVariables(tx *store.Tx, p *project.Project) error {
	own, err := variable.Snapshot(tx, variable.IDOf(p.ID))
	if err != nil {
		return err
	}
	r.ProjectVariableSetSnapshotID, r.LibraryVariableSetSnapshotIDs = own.ID, []string{}
	for _, id := range p.IncludedLibraryVariableSetIDs {
		library, err := variable.LibrarySets().Get(tx, id)
		if err != nil {
			return err
		}
		s, err := variable.Snapshot(tx, library.VariableSetID)
		if err != nil {
			return err
		}
		r.LibraryVariableSetSnapshotIDs = append(r.LibraryVariableSetSnapshotIDs, s.ID)
	}
	return nil
}

// Changes tell what has become different since a release was made.
type Changes struct{ Process, Variables, Libraries bool }

// Changed compares a release's copies with what they were made of.
func Changed(tx *store.Tx, r *Release, p *project.Project) (c Changes, err error) {
	proc, err := process.Processes().Get(tx, process.IDOf(p.ID))
	if err != nil {
		return c, err
	}
	copied, err := process.Processes().Get(tx, r.ProjectDeploymentProcessSnapshotID)
	if err != nil {
		return c, err
	}
	c.Process = copied.Version != proc.Version
	if c.Variables, err = setChanged(tx, variable.IDOf(p.ID), r.ProjectVariableSetSnapshotID); err != nil {
		return c, err
	}
	c.Libraries = len(p.IncludedLibraryVariableSetIDs) != len(r.LibraryVariableSetSnapshotIDs)
	for i, id := range p.IncludedLibraryVariableSetIDs {
		if c.Libraries {
			break
		}
		if c.Libraries, err = setChanged(tx, variable.IDOf(id), r.LibraryVariableSetSnapshotIDs[i]); err != nil {
			return c, err
		}
	}
	return c, nil
}

func setChanged(tx *store.Tx, id, snapshotID string) (bool, error) {
	s, err := variable.Sets().Get(tx, id)
	if err != nil {
		return false, err
	}
	copied, err := variable.Sets().Get(tx, snapshotID)
	if err != nil {
		return false, err
	}
	return copied.OwnerID != s.OwnerID || copied.Version != s.Version, nil
}
