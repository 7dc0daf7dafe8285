package project

import (
	"strings"

	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
)

// SpaceRetention is what a space keeps where a lifecycle or a runbook has the Strategy Default.
type SpaceRetention struct {
	store.Meta
	space.Member
	Name string
	// RetentionType says of what it is the default; a space has one of each.
	RetentionType string
	// Strategy is Forever or Count; only what is counted has a number and a unit.
	Strategy       string
	QuantityToKeep *int
	Unit           *string
}

// Types of retention.
const (
	LifecycleRelease  = "LifecycleRelease"
	LifecycleTentacle = "LifecycleTentacle"
	RunbookRetention  = "RunbookRetention"
)

// runsKept is how many runs of a runbook a new space keeps in each environment.
const runsKept = 100

// SpaceRetentions are the defaults of the spaces.
func SpaceRetentions() *store.Collection[SpaceRetention] {
	return &store.Collection[SpaceRetention]{
		Table: "retention_policy", Prefix: "RetentionPolicies-", Noun: "retention policy",
		Columns: []store.Column[SpaceRetention]{
			{Name: "space_id", Value: func(r *SpaceRetention) any { return r.SpaceID }},
			{Name: "retention_type", Value: func(r *SpaceRetention) any { return store.Fold(r.RetentionType) }},
		},
	}
}

// RetentionOf returns the default of a space for a type.
func RetentionOf(tx *store.Tx, spaceID, retentionType string) (*SpaceRetention, error) {
	return SpaceRetentions().First(tx, store.Query{Where: []store.Cond{store.Eq("space_id", spaceID), store.Eq("retention_type", store.Fold(retentionType))}})
}

// Prepare completes a default; what it is the default of stays.
func (r *SpaceRetention) Prepare(old *SpaceRetention) {
	if old != nil {
		r.Name, r.RetentionType = old.Name, old.RetentionType
	}
	if strings.EqualFold(r.Strategy, KeepForever) {
		r.Strategy, r.QuantityToKeep, r.Unit = KeepForever, nil, nil
		return
	}
	unit := normalUnit(deref(r.Unit))
	r.Unit = &unit
}

// Validate returns what is wrong with a default.
func (r *SpaceRetention) Validate() []string {
	found := oneOf("Strategy", r.Strategy, KeepForever, KeepCount)
	if r.Strategy != KeepCount {
		return found
	}
	found = append(found, oneOf("Unit", deref(r.Unit), Days, Items)...)
	if r.QuantityToKeep == nil || *r.QuantityToKeep < 1 {
		found = append(found, "QuantityToKeep is missing or below 1; keep 1 or more, or choose the Strategy "+KeepForever)
	}
	return found
}

// seedRetention makes the defaults of a new space.
func seedRetention(tx *store.Tx, spaceID string) error {
	most, unit := runsKept, Items
	for _, r := range []SpaceRetention{
		{Name: "Releases", RetentionType: LifecycleRelease, Strategy: KeepForever},
		{Name: "Files on deployment targets", RetentionType: LifecycleTentacle, Strategy: KeepForever},
		{Name: "Runs of runbooks", RetentionType: RunbookRetention, Strategy: KeepCount, QuantityToKeep: &most, Unit: &unit},
	} {
		r.SpaceID = spaceID
		if err := SpaceRetentions().Insert(tx, &r); err != nil {
			return err
		}
	}
	return nil
}
