package deployment

import (
	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/process"
	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/release"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/tenant"
)

// Ended writes the end of a deployment's run into the document, the history and the audit, in the transaction that ends the task.
// After a success the release goes on by itself to where its lifecycle says so.
func (w *Deployer) Ended(tx *store.Tx, plan *process.Plan, state string) error {
	d, err := Deployments().GetForUpdate(tx, plan.Run.ID)
	if fault.Is(err, fault.KindNotFound) {
		return nil // it was deleted meanwhile
	}
	if err != nil {
		return err
	}
	if err := settle(tx, d.ID, plan.Run.TaskID, state); err != nil {
		return err
	}
	what := Success
	if state != stateSuccess {
		what = Failed
		d.FailureEncountered = true
		if err := Deployments().Update(tx, d); err != nil {
			return err
		}
	}
	e, err := eventOf(tx, d, what)
	if err != nil {
		return err
	}
	if err := w.record(tx, e); err != nil || state != stateSuccess {
		return err
	}
	return w.goOn(tx, d)
}

// eventOf looks the names up that an event needs.
func eventOf(tx *store.Tx, d *Deployment, what string) (Event, error) {
	e := Event{What: what, Deployment: d}
	p, err := project.Projects().Get(tx, d.ProjectID)
	if err != nil {
		return e, err
	}
	r, err := release.Releases().Get(tx, d.ReleaseID)
	if err != nil {
		return e, err
	}
	env, err := environment.Environments().Get(tx, d.EnvironmentID)
	if err != nil {
		return e, err
	}
	e.Project, e.Version, e.Environment = p.Name, r.Version, env.Name
	if d.TenantID == nil {
		return e, nil
	}
	t, err := tenant.Tenants().Get(tx, *d.TenantID)
	if err != nil {
		return e, err
	}
	e.Tenant = t.Name
	return e, nil
}

// goOn deploys the release to the environments that are due after a success.
func (w *Deployer) goOn(tx *store.Tx, d *Deployment) error {
	r, err := release.Releases().Get(tx, d.ReleaseID)
	if err != nil {
		return err
	}
	if d.TenantID == nil {
		return w.automatic(tx, r, nil)
	}
	t, err := tenant.Tenants().Get(tx, *d.TenantID)
	if err != nil {
		return err
	}
	return w.automatic(tx, r, []*tenant.Tenant{t})
}

// ReleaseCreated deploys a new release to the environments that its lifecycle names for that.
func (w *Deployer) ReleaseCreated(tx *store.Tx, r *release.Release) error {
	p, err := project.Projects().Get(tx, r.ProjectID)
	if err != nil || p.IsDisabled {
		return err
	}
	if p.TenantedDeploymentMode != project.Tenanted {
		if err := w.automatic(tx, r, nil); err != nil {
			return err
		}
	}
	if p.TenantedDeploymentMode == project.Untenanted {
		return nil
	}
	tenants, err := tenant.Connected(tx, r.SpaceID, r.ProjectID, "")
	if err != nil || len(tenants) == 0 {
		return err
	}
	return w.automatic(tx, r, tenants)
}

// automatic deploys the release to what is due: for each of the tenants, or (nil) for none. What is refused (no targets, a
// prompted variable without a value) is left to people: the success that led here stands.
func (w *Deployer) automatic(tx *store.Tx, r *release.Release, tenants []*tenant.Tenant) error {
	s, err := SubjectOf(tx, r)
	if err != nil {
		return err
	}
	if tenants == nil {
		tenants = []*tenant.Tenant{nil}
	}
	for _, t := range tenants {
		if s.Takes(t) != nil {
			continue
		}
		for _, id := range s.Progression(t).Automatic() {
			if err := w.automaticIn(tx, r, id, t); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *Deployer) automaticIn(tx *store.Tx, r *release.Release, environmentID string, t *tenant.Tenant) error {
	tenantID := ""
	if t != nil {
		tenantID = t.ID
	}
	rows, err := Find{ReleaseID: r.ID, EnvironmentIDs: []string{environmentID}, TenantIDs: []string{tenantID}}.All(tx)
	if err != nil || len(rows) > 0 { // it was tried, or is under way: people decide
		return err
	}
	_, err = w.Create(tx, Request{Release: r, EnvironmentID: environmentID, Tenant: t})
	if fault.Is(err, fault.KindInvalid) {
		return nil
	}
	return err
}

// Rerun makes the deployment of a task that has ended once more: the same release, place and choices, now.
func (w *Deployer) Rerun(tx *store.Tx, taskID string, by Author) (*Deployment, error) {
	old, err := ByTask(tx, taskID)
	if err != nil {
		return nil, err
	}
	if old == nil {
		return nil, fault.Invalid("the task %q deploys nothing that could be deployed again", taskID)
	}
	rows, err := Find{IDs: []string{old.ID}}.All(tx)
	if err != nil {
		return nil, err
	}
	if len(rows) == 1 && !rows[0].Ended() {
		return nil, fault.Invalid("the task %q has not ended yet; cancel it, or wait for its end, before you run it again", taskID)
	}
	r, err := release.Releases().Get(tx, old.ReleaseID)
	if err != nil {
		return nil, err
	}
	request := Request{
		Release: r, EnvironmentID: old.EnvironmentID, Author: by, Comments: old.Comments, Skip: old.SkipActions, Specific: old.SpecificMachineIDs, Excluded: old.ExcludedMachineIDs,
		Guided: &old.UseGuidedFailure, ForceDownload: old.ForcePackageDownload, ForceRedeploy: old.ForcePackageRedeployment, FailTargetDiscovery: old.FailTargetDiscovery,
		DebugMode: old.DebugMode, Priority: old.Priority, SpecificTags: old.SpecificTargetTagIDs, ExcludedTags: old.ExcludedTargetTagIDs, Variables: map[string]string{},
	}
	for id, text := range old.FormValues {
		request.Variables[id] = text
	}
	for id, sealed := range old.Prompted {
		text, err := sealed.Open(w.Keys, old.ID)
		if err != nil {
			return nil, err
		}
		request.Variables[id] = text.Reveal()
	}
	if old.TenantID != nil {
		if request.Tenant, err = tenant.Tenants().Get(tx, *old.TenantID); err != nil {
			return nil, err
		}
	}
	return w.Create(tx, request)
}
