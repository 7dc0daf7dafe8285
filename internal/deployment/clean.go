package deployment

import (
	"github.com/mantledeploy/mantle/internal/process"
	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/store"
)

// Cleaning says what the targets keep of old installations, by the policy that the deployment noted when it was made; nil: everything.
func Cleaning(tx *store.Tx, deploymentID string) (*process.Cleaning, error) {
	d, err := Deployments().Get(tx, deploymentID)
	if err != nil {
		return nil, err
	}
	strategy, unit, n := project.KeepDefault, "", 0
	if p := d.TentacleRetentionPeriod; p != nil {
		strategy, unit, n = p.Strategy, p.Unit, p.QuantityToKeep
	}
	if strategy == project.KeepDefault {
		space, err := project.RetentionOf(tx, d.SpaceID, project.LifecycleTentacle)
		if err != nil || space == nil || space.QuantityToKeep == nil || space.Unit == nil {
			return nil, err
		}
		strategy, unit, n = space.Strategy, *space.Unit, *space.QuantityToKeep
	}
	switch {
	case strategy != project.KeepCount || n <= 0:
		return nil, nil
	case unit == project.Days:
		return &process.Cleaning{Days: n}, nil
	case unit == project.Items:
		return &process.Cleaning{Releases: n}, nil
	}
	return nil, nil
}
