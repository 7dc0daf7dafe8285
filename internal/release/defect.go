package release

import (
	"strings"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
)

// Defect is a reason why a release may not go on to further phases, until it is resolved.
type Defect struct {
	store.Meta
	space.Member
	ReleaseID   string `json:"ReleaseId"`
	Description string
	// Status is Unresolved or Resolved.
	Status string
}

// States of a defect.
const (
	Unresolved = "Unresolved"
	Resolved   = "Resolved"
)

// Defects are the defects of all releases.
func Defects() *store.Collection[Defect] {
	return &store.Collection[Defect]{
		Table: "release_defect", Prefix: "Defects-", Noun: "defect",
		Columns: []store.Column[Defect]{
			{Name: "space_id", Value: func(d *Defect) any { return d.SpaceID }},
			{Name: "release_id", Value: func(d *Defect) any { return d.ReleaseID }},
			{Name: "status", Value: func(d *Defect) any { return d.Status }},
		},
	}
}

// Blocked tells whether a defect of the release is unresolved.
func Blocked(tx *store.Tx, releaseID string) (bool, error) {
	n, err := Defects().Count(tx, store.Eq("release_id", releaseID), store.Eq("status", Unresolved))
	return n > 0, err
}

// Block reports a defect of the release. One that is unresolved is enough.
func (r *Release) Block(tx *store.Tx, description string) (*Defect, error) {
	if strings.TrimSpace(description) == "" {
		return nil, fault.Invalid("the defect has no Description; say why the release may not go on")
	}
	blocked, err := Blocked(tx, r.ID)
	if err != nil {
		return nil, err
	}
	if blocked {
		return nil, fault.Invalid("the release %s is blocked by a defect already; resolve that one first", r.Version)
	}
	d := &Defect{ReleaseID: r.ID, Description: description, Status: Unresolved}
	d.SpaceID = r.SpaceID
	return d, Defects().Insert(tx, d)
}

// Unblock resolves the unresolved defects of the release, and returns the last of them.
func (r *Release) Unblock(tx *store.Tx) (last *Defect, err error) {
	open, err := Defects().Find(tx, store.Query{Where: []store.Cond{store.Eq("release_id", r.ID), store.Eq("status", Unresolved)}})
	if err != nil {
		return nil, err
	}
	if len(open) == 0 {
		return nil, fault.Invalid("the release %s has no unresolved defect", r.Version)
	}
	for _, d := range open {
		d.Status = Resolved
		if err := Defects().Update(tx, d); err != nil {
			return nil, err
		}
	}
	return open[len(open)-1], nil
}

// RemoveDefects deletes the defects of a release.
func RemoveDefects(tx *store.Tx, releaseID string) error {
	_, err := tx.Exec("DELETE FROM release_defect WHERE release_id = $1", releaseID)
	return err
}
