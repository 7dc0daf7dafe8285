package process

import (
	"fmt"
	"strings"

	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
)

const snapshotMark = "-s-"

// IsSnapshot tells whether the document is a release's copy.
func (p *Process) IsSnapshot() bool { return strings.Contains(p.ID, snapshotMark) }

// Snapshot stores a copy of the process as it is, and returns the copy. Two releases of the same version share one.
func (p *Process) Snapshot(tx *store.Tx) (*Process, error) {
	id := fmt.Sprintf("%s%s%d", p.ID, snapshotMark, p.Version)
	processes := Processes()
	existing, err := processes.First(tx, store.Query{Where: []store.Cond{store.Eq("id", id)}})
	if existing != nil || err != nil {
		return existing, err
	}
	taken := *p
	taken.Meta = store.Meta{ID: id}
	taken.LastSnapshotID = nil
	return &taken, processes.Insert(tx, &taken)
}

// New returns the empty process of a project.
func New(projectID, spaceID string) *Process {
	p := &Process{ProjectID: projectID, Steps: []Step{}}
	p.ID, p.SpaceID = IDOf(projectID), spaceID
	return p
}

// Clone returns a copy of the steps for another project; the copies get IDs of their own. Secrets are sealed anew for their new owner.
func (p *Process) Clone(projectID, spaceID string, keys *secret.Keyring) (*Process, error) {
	c := New(projectID, spaceID)
	c.Steps = make([]Step, len(p.Steps))
	for i, s := range p.Steps {
		s.ID = ""
		var err error
		if s.Properties, err = p.reseal(s.Properties, keys); err != nil {
			return nil, err
		}
		s.Actions = append([]Action(nil), s.Actions...)
		for j := range s.Actions {
			a := &s.Actions[j]
			a.ID, a.Packages = "", append([]PackageReference(nil), a.Packages...)
			if a.Properties, err = p.reseal(a.Properties, keys); err != nil {
				return nil, err
			}
		}
		c.Steps[i] = s
	}
	err := c.Prepare(New(projectID, spaceID), keys)
	return c, err
}

// reseal copies properties for another owner: the secrets are opened, to be sealed by Prepare.
func (p *Process) reseal(properties Properties, keys *secret.Keyring) (Properties, error) {
	copied := Properties{}
	for name, property := range properties {
		if property.Secret != nil {
			plain, err := p.Open(property, keys)
			if err != nil {
				return nil, err
			}
			fresh := secret.NewSensitive(plain.Reveal())
			property.Secret = &fresh
		}
		copied[name] = property
	}
	return copied, nil
}

// RemoveOf deletes the process of a project and its snapshots.
func RemoveOf(tx *store.Tx, projectID string) error {
	processes := Processes()
	all, err := processes.Find(tx, store.Query{Where: []store.Cond{store.Eq("project_id", projectID)}})
	if err != nil {
		return err
	}
	for _, p := range all {
		if err := processes.Delete(tx, p.ID); err != nil {
			return err
		}
	}
	return nil
}
