package deployment

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/infrastructure"
	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/release"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/tenant"
)

// Request is a deployment that somebody asks for. Steps, machines and variables may be given by name or by ID.
type Request struct {
	Release       *release.Release
	EnvironmentID string
	Tenant        *tenant.Tenant
	Author        Author
	Comments      *string
	Skip          []string
	Specific      []string
	Excluded      []string
	Variables     map[string]string
	// Guided is nil for what the project, or the environment, says.
	Guided                       *bool
	ForceDownload, ForceRedeploy bool
	FailTargetDiscovery          bool
	DebugMode, Priority          string
	QueueTime, QueueTimeExpiry   *time.Time
	SpecificTags, ExcludedTags   []string
}

// Create makes a deployment and queues its task, or says why it may not be.
func (w *Deployer) Create(tx *store.Tx, r Request) (*Deployment, error) {
	if err := release.Hold(tx, r.Release.ID); err != nil {
		return nil, err
	}
	s, err := SubjectOf(tx, r.Release)
	if err != nil {
		return nil, err
	}
	env, err := s.Environment(r.EnvironmentID)
	if err != nil {
		return nil, err
	}
	if s.Project.IsDisabled {
		return nil, fault.Invalid("the project %q is disabled; enable it before you deploy", s.Project.Name)
	}
	if err := s.Takes(r.Tenant); err != nil {
		return nil, err
	}
	progress := s.Progression(r.Tenant)
	if err := progress.May(env.ID); err != nil {
		return nil, err
	}
	d, err := w.draft(tx, s, env, r)
	if err != nil {
		return nil, err
	}
	if err := w.checkTargets(tx, s, d, r.Tenant); err != nil {
		return nil, err
	}
	d.retain(s, progress)
	if err := d.describeChanges(tx, s); err != nil {
		return nil, err
	}
	return d, w.queue(tx, s, env, r, d, progress)
}

// draft makes the document.
func (w *Deployer) draft(tx *store.Tx, s *Subject, env *environment.Environment, r Request) (*Deployment, error) {
	d := &Deployment{
		Name: "Deploy to " + env.Name, ReleaseID: s.Release.ID, ProjectID: s.Project.ID, ChannelID: s.Channel.ID, EnvironmentID: env.ID,
		DeploymentProcessID: s.Release.ProjectDeploymentProcessSnapshotID, Created: tx.Now, DeployedBy: r.Author.Name, DeployedByID: r.Author.ID, Comments: r.Comments,
		ForcePackageDownload: r.ForceDownload || s.Project.ForcePackageDownload, ForcePackageRedeployment: r.ForceRedeploy, FailTargetDiscovery: r.FailTargetDiscovery,
		DebugMode: r.DebugMode, Priority: r.Priority, QueueTime: r.QueueTime, QueueTimeExpiry: r.QueueTimeExpiry,
		SpecificTargetTagIDs: r.SpecificTags, ExcludedTargetTagIDs: r.ExcludedTags,
	}
	d.SpaceID = s.Project.SpaceID
	if r.Tenant != nil {
		d.TenantID = &r.Tenant.ID
	}
	if d.DeployedBy == "" {
		d.DeployedBy = "system"
	}
	d.LastModifiedOn, d.LastModifiedBy = &d.Created, d.DeployedBy
	d.UseGuidedFailure = s.guided(env)
	if r.Guided != nil {
		d.UseGuidedFailure = *r.Guided
	}
	var err error
	if d.ID, _, err = tx.NextID(Deployments().Prefix); err != nil {
		return nil, err
	}
	if err := d.schedule(tx.Now); err != nil {
		return nil, err
	}
	if d.SkipActions, err = s.skipped(r.Skip); err != nil {
		return nil, err
	}
	if d.SpecificMachineIDs, err = machineIDs(tx, s.Project.SpaceID, r.Specific); err != nil {
		return nil, err
	}
	if d.ExcludedMachineIDs, err = machineIDs(tx, s.Project.SpaceID, r.Excluded); err != nil {
		return nil, err
	}
	sets, err := VariableSets(tx, s.Release.VariableSets())
	if err != nil {
		return nil, err
	}
	if err := d.answer(s.Prompts(sets, env.ID, r.Tenant), r.Variables, w.Keys); err != nil {
		return nil, err
	}
	d.complete()
	return d, nil
}

// guided tells whether people are asked when a step fails, unless they say otherwise.
func (s *Subject) guided(env *environment.Environment) bool {
	switch s.Project.DefaultGuidedFailureMode {
	case project.GuidedOn:
		return true
	case project.GuidedOff:
		return false
	}
	return env.UseGuidedFailure
}

// schedule checks the times. One that has passed means now.
func (d *Deployment) schedule(now time.Time) error {
	if d.QueueTime != nil && !d.QueueTime.After(now) {
		d.QueueTime = nil
	}
	due := now
	if d.QueueTime != nil {
		due = *d.QueueTime
	}
	if d.QueueTimeExpiry != nil && !d.QueueTimeExpiry.After(due) {
		return fault.Invalid("the deployment would expire at %s, before it is due at %s; give a later expiry", d.QueueTimeExpiry.Format(time.RFC3339), due.Format(time.RFC3339))
	}
	return nil
}

// skipped returns the IDs of the actions that the names or IDs mean: those of the steps, or single actions.
func (s *Subject) skipped(keys []string) ([]string, error) {
	ids := []string{}
	for _, key := range keys {
		found := false
		for _, step := range s.Process.Steps {
			whole := strings.EqualFold(key, step.Name) || key == step.ID || strings.EqualFold(key, step.Slug)
			for _, a := range step.Actions {
				if !whole && !strings.EqualFold(key, a.Name) && key != a.ID && !strings.EqualFold(key, a.Slug) {
					continue
				}
				if a.IsRequired {
					return nil, fault.Invalid("the step %q is required and cannot be skipped", a.Name)
				}
				found = true
				if !slices.Contains(ids, a.ID) {
					ids = append(ids, a.ID)
				}
			}
		}
		if !found {
			return nil, fault.Invalid("the release has no step %q to skip; its process was copied when the release was made", key)
		}
	}
	return ids, nil
}

// machineIDs finds machines of the space by name or ID.
func machineIDs(tx *store.Tx, spaceID string, keys []string) ([]string, error) {
	ids := []string{}
	for _, key := range keys {
		q := store.Query{Where: []store.Cond{store.Eq("space_id", spaceID), store.Eq("id", key)}}
		m, err := infrastructure.Machines().First(tx, q)
		if m == nil && err == nil {
			q.Where[1] = store.Eq("name_fold", store.Fold(key))
			m, err = infrastructure.Machines().First(tx, q)
		}
		if err != nil {
			return nil, err
		}
		if m == nil {
			return nil, fault.Invalid("the deployment target %q was not found in this space", key)
		}
		if !slices.Contains(ids, m.ID) {
			ids = append(ids, m.ID)
		}
	}
	return ids, nil
}

// retain notes how long files are kept on the targets: as the phase says, or the lifecycle.
func (d *Deployment) retain(s *Subject, progress *project.Progression) {
	d.TentacleRetentionPeriod = s.Lifecycle.TentacleRetentionPolicy
	if phase := progress.PhaseOf(d.EnvironmentID); phase != nil && phase.TentacleRetentionPolicy != nil {
		d.TentacleRetentionPeriod = phase.TentacleRetentionPolicy
	}
}

// queue writes the task, the document, the history and the event.
func (w *Deployer) queue(tx *store.Tx, s *Subject, env *environment.Environment, r Request, d *Deployment, progress *project.Progression) error {
	e := Event{What: Queued, Deployment: d, Project: s.Project.Name, Version: s.Release.Version, Environment: env.Name}
	if r.Tenant != nil {
		e.Tenant = r.Tenant.Name
	}
	job := Job{
		SpaceID: d.SpaceID, Description: "Deploy " + e.subject(), Exclusion: strings.Join([]string{d.ProjectID, d.EnvironmentID, d.Tenant()}, "|"),
		ProjectID: d.ProjectID, EnvironmentID: d.EnvironmentID, TenantID: d.Tenant(), CreatedBy: r.Author.ID, Arguments: Arguments{d.ID},
		NotBefore: d.QueueTime, ExpiresAt: d.QueueTimeExpiry,
	}
	if phase := progress.PhaseOf(env.ID); strings.EqualFold(d.Priority, "On") || strings.EqualFold(d.Priority, "LifecycleDefault") && phase != nil && phase.IsPriorityPhase {
		job.Priority = 1
	}
	var err error
	if d.TaskID, err = w.Enqueue(tx, job); err != nil {
		return err
	}
	if err := Deployments().Insert(tx, d); err != nil {
		return err
	}
	if err := d.remember(tx, s.Release.Version); err != nil {
		return err
	}
	return w.record(tx, e)
}

// subject says what is deployed where: "Acme release 1.0.0 to Production for Contoso".
func (e Event) subject() string {
	text := fmt.Sprintf("%s release %s to %s", e.Project, e.Version, e.Environment)
	if e.Tenant != "" {
		text += " for " + e.Tenant
	}
	return text
}

// record words an event and writes it.
func (w *Deployer) record(tx *store.Tx, e Event) error {
	words := map[string]string{Queued: "was queued", Started: "started", Success: "succeeded", Failed: "failed"}
	e.Message = "Deploy " + e.subject() + " " + words[e.What]
	if w.Record == nil {
		return nil
	}
	return w.Record(tx, e)
}
