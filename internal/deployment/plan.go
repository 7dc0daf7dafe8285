package deployment

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/feed"
	"github.com/mantledeploy/mantle/internal/infrastructure"
	"github.com/mantledeploy/mantle/internal/process"
	"github.com/mantledeploy/mantle/internal/release"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/tenant"
	"github.com/mantledeploy/mantle/octostache"
)

// planner makes the plan of one deployment.
type planner struct {
	tx          *store.Tx
	deployer    *Deployer
	subject     *Subject
	deployment  *Deployment
	environment *environment.Environment
	tenant      *tenant.Tenant
	targets     []Target
	plan        *process.Plan
	// unknown collects what the plan cannot know yet; a preview does not mind.
	preview bool
	// sought tells that a step looked for targets, and found that one did find some.
	sought, found bool
	// missing says of the first step without targets why.
	missing string
}

// Plan computes the plan of a deployment's run from its release's snapshots and the machines as they are now.
func (w *Deployer) Plan(tx *store.Tx, deploymentID, taskID string) (*process.Plan, error) {
	d, err := Deployments().Get(tx, deploymentID)
	if err != nil {
		return nil, err
	}
	d.TaskID = taskID
	r, err := release.Releases().Get(tx, d.ReleaseID)
	if err != nil {
		return nil, err
	}
	s, err := SubjectOf(tx, r)
	if err != nil {
		return nil, err
	}
	p, err := w.planner(tx, s, d)
	if err != nil {
		return nil, err
	}
	if err := p.steps(); err != nil {
		return nil, err
	}
	return p.plan, p.enough()
}

// Start computes the plan of a run that starts, and notes the start in the document, the history and the audit.
func (w *Deployer) Start(tx *store.Tx, deploymentID, taskID string) (*process.Plan, error) {
	plan, err := w.Plan(tx, deploymentID, taskID)
	if err != nil {
		return nil, err
	}
	d, err := Deployments().Modify(tx, deploymentID, func(d *Deployment) error {
		d.DeployedToMachineIDs = plannedMachines(plan)
		return nil
	})
	if err != nil {
		return nil, err
	}
	e, err := eventOf(tx, d, Started)
	if err != nil {
		return nil, err
	}
	return plan, w.record(tx, e)
}

func plannedMachines(plan *process.Plan) []string {
	ids := []string{}
	for _, m := range plan.MachinesInOrder() {
		if !m.Worker {
			ids = append(ids, m.ID)
		}
	}
	return ids
}

func (w *Deployer) planner(tx *store.Tx, s *Subject, d *Deployment) (*planner, error) {
	p := &planner{tx: tx, deployer: w, subject: s, deployment: d}
	var err error
	if p.environment, err = s.Environment(d.EnvironmentID); err != nil {
		return nil, err
	}
	if d.TenantID != nil {
		if p.tenant, err = tenant.Tenants().Get(tx, *d.TenantID); err != nil {
			return nil, err
		}
	}
	if p.targets, err = targets(tx, s, d, p.tenant); err != nil {
		return nil, err
	}
	p.plan = &process.Plan{
		Format: process.PlanFormat,
		Run: process.RunOf{
			Kind: "Deployment", ID: d.ID, TaskID: d.TaskID, SpaceID: d.SpaceID, ProjectID: d.ProjectID, EnvironmentID: d.EnvironmentID, TenantID: d.Tenant(),
			ChannelID: d.ChannelID, ReleaseID: d.ReleaseID, ProcessID: d.DeploymentProcessID,
		},
		Steps: []process.PlannedStep{}, Machines: map[string]process.PlannedMachine{}, VariableSets: s.Release.VariableSets(),
		FormValues: d.FormValues, FailureGuided: d.UseGuidedFailure, ForceRedeploy: d.ForcePackageRedeployment, ForceDownload: d.ForcePackageDownload,
		SkipInstalled: s.Project.DefaultToSkipIfAlreadyInstalled,
	}
	p.plan.System, err = p.system()
	return p, err
}

func (p *planner) steps() error {
	for i := range p.subject.Process.Steps {
		step, err := p.step(i+1, &p.subject.Process.Steps[i])
		if err != nil {
			return err
		}
		p.plan.Steps = append(p.plan.Steps, *step)
	}
	return nil
}

func (p *planner) step(number int, s *process.Step) (*process.PlannedStep, error) {
	out := &process.PlannedStep{
		Number: number, ID: s.ID, Name: s.Name, Slug: s.Slug, Condition: s.Condition, ConditionTemplate: s.ConditionTemplate(), StartTrigger: s.StartTrigger,
		PackageRequirement: s.PackageRequirement, Window: s.Properties.Get(process.MaxParallelism), Machines: []string{}, Actions: []process.PlannedAction{},
	}
	at := Scope{StepID: s.ID}
	roles, err := p.evaluate(s.Properties.Get(process.TargetRoles), at, "the roles of the step \""+s.Name+"\"")
	if err != nil {
		return nil, err
	}
	out.Roles = split(roles)
	at.StepRoles = out.Roles
	runs := false
	for j := range s.Actions {
		a, err := p.action(out, j, s, &s.Actions[j], at)
		if err != nil {
			return nil, err
		}
		out.Actions = append(out.Actions, *a)
		runs = runs || a.Left == ""
	}
	if !runs {
		out.Left = whyLeft(out.Actions)
		return out, nil
	}
	p.machines(out)
	return out, nil
}

// whyLeft is the reason of the step's actions, if they have one in common.
func whyLeft(actions []process.PlannedAction) string {
	if len(actions) == 0 {
		return "The step has no action."
	}
	for _, a := range actions {
		if a.Left != actions[0].Left {
			return "None of the step's actions runs."
		}
	}
	return actions[0].Left
}

// machines puts the targets of the step's roles into the plan.
func (p *planner) machines(s *process.PlannedStep) {
	if len(s.Roles) == 0 {
		return
	}
	p.sought = true
	taking, left := inRoles(p.targets, s.Roles)
	for _, t := range taking {
		s.Machines = append(s.Machines, t.Machine.ID)
		p.plan.Machines[t.Machine.ID] = process.PlannedMachine{ID: t.Machine.ID, Name: t.Machine.Name, Roles: t.Machine.Roles}
	}
	if len(taking) > 0 {
		p.found = true
		return
	}
	why := noTargets(p.environment.Name, s.Roles, left)
	s.Left = "It has no targets: " + why + "."
	if p.missing == "" {
		p.missing = fmt.Sprintf("the step %q cannot run: %s", s.Name, why)
	}
}

// enough refuses a deployment whose steps look for targets and find none at all, unless the project allows it.
func (p *planner) enough() error {
	policy := p.subject.Project.ProjectConnectivityPolicy
	if !p.sought || p.found || policy != nil && policy.AllowDeploymentsToNoTargets {
		return nil
	}
	return fault.Invalid("%s; add a target or enable one, or allow deployments without targets in the project's deployment settings", p.missing)
}

// checkTargets refuses a new deployment that would have nothing to run on, or no values for its tenant.
func (w *Deployer) checkTargets(tx *store.Tx, s *Subject, d *Deployment, t *tenant.Tenant) error {
	if err := s.checkValues(tx, d, t); err != nil {
		return err
	}
	if len(s.Process.Steps) == 0 {
		return fault.Invalid("release %s of the project %q has no steps; add a step to the deployment process and create another release", s.Release.Version, s.Project.Name)
	}
	p, err := w.planner(tx, s, d)
	if err != nil {
		return err
	}
	p.preview = true
	if err := p.steps(); err != nil {
		return err
	}
	if !slices.ContainsFunc(p.plan.Steps, func(s process.PlannedStep) bool { return s.Left == "" }) && !p.sought {
		return nil // every step is left out for a reason that people gave: the deployment is a record
	}
	return p.enough()
}

func (p *planner) action(step *process.PlannedStep, index int, s *process.Step, a *process.Action, at Scope) (*process.PlannedAction, error) {
	number := strconv.Itoa(step.Number)
	if len(s.Actions) > 1 {
		number += "." + strconv.Itoa(index+1)
	}
	out := &process.PlannedAction{
		Number: number, ID: a.ID, Name: a.Name, Slug: a.Slug, Type: a.ActionType, Condition: a.Condition, Properties: a.Properties,
		Packages: []process.PlannedPackage{}, Left: p.left(a),
	}
	if out.Left != "" {
		out.Where = process.OnServer
		return out, nil
	}
	if supports := p.deployer.Supports; supports != nil && !supports(a.ActionType) {
		return nil, fault.Invalid("the step %q is of the type %s, which this server does not carry out; leave it out of this deployment, or disable it and make a new release", a.Name, a.ActionType)
	}
	at.ActionID = a.ID
	if err := p.where(out, a, step.Roles, at); err != nil {
		return nil, err
	}
	return out, p.packages(out, s, a, at)
}

// left says why an action does not run, or nothing.
func (p *planner) left(a *process.Action) string {
	switch {
	case a.IsDisabled:
		return "It is disabled."
	case slices.Contains(p.deployment.SkipActions, a.ID):
		return "It was left out by the person who made this deployment."
	case len(a.Environments) > 0 && !slices.Contains(a.Environments, p.environment.ID), slices.Contains(a.ExcludedEnvironments, p.environment.ID):
		return "It does not run in the environment " + p.environment.Name + "."
	case len(a.Channels) > 0 && !slices.Contains(a.Channels, p.subject.Channel.ID):
		return "It does not run for releases of the channel " + p.subject.Channel.Name + "."
	case len(a.TenantTags) > 0 && p.tenant == nil:
		return "It runs for tenants with certain tags only."
	case len(a.TenantTags) > 0 && !hasTags(p.tenant, a.TenantTags):
		return "It does not run for the tenant " + p.tenant.Name + ", which does not have its tags."
	}
	return ""
}

// where decides where an action runs.
func (p *planner) where(out *process.PlannedAction, a *process.Action, roles []string, at Scope) error {
	onServer := strings.EqualFold(a.Properties.Get(process.RunOnServer), "true")
	if a.ActionType == process.PackageAction {
		if len(roles) == 0 {
			return fault.Invalid("the step %q deploys a package, but names no target role; give it a role", a.Name)
		}
		onServer = false
	}
	if !onServer && len(roles) > 0 {
		out.Where = process.OnTargets
		return nil
	}
	out.ForRoles = len(roles) > 0
	pool := value(a.WorkerPoolID)
	if name := value(a.WorkerPoolVariable); name != "" {
		text, err := p.evaluate("#{"+name+"}", at, "the worker pool of the step \""+a.Name+"\"")
		if err != nil {
			return err
		}
		if pool = text; octostache.HasTokens(text) {
			pool = ""
		}
	}
	return p.worker(out, pool)
}

// worker puts an action on the workers of a pool; those of the default pool are replaced by the server where there are none.
func (p *planner) worker(out *process.PlannedAction, poolID string) error {
	var pool *infrastructure.Pool
	var err error
	if poolID == "" {
		pool, err = infrastructure.DefaultPool(p.tx, p.deployment.SpaceID)
		if fault.Is(err, fault.KindNotFound) {
			out.Where = process.OnServer
			return nil
		}
	} else {
		pool, err = infrastructure.Pools().First(p.tx, store.Query{Where: []store.Cond{store.Eq("id", poolID), store.Eq("space_id", p.deployment.SpaceID)}})
		if err == nil && pool == nil {
			return fault.Invalid("the step %q runs on the worker pool %q, which does not exist; choose another pool", out.Name, poolID)
		}
	}
	if err != nil {
		return err
	}
	if pool.IsDefault {
		workers, err := infrastructure.WorkersOf(p.tx, pool.ID)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(workers, func(w *infrastructure.Worker) bool { return !w.IsDisabled }) {
			out.Where = process.OnServer
			return nil
		}
	}
	out.Where, out.WorkerPoolID = process.OnWorker, pool.ID
	return nil
}

// packages gives the action its packages, in the versions that the release has chosen.
func (p *planner) packages(out *process.PlannedAction, s *process.Step, a *process.Action, at Scope) error {
	for _, ref := range a.Packages {
		what := fmt.Sprintf("the package of the step %q", a.Name)
		planned := process.PlannedPackage{Name: ref.Name, Properties: ref.Properties, Version: p.subject.Release.Selected(a.Name, s.Name, ref.Name)}
		for _, member := range []struct {
			to   *string
			text string
		}{{&planned.PackageID, ref.PackageID}, {&planned.FeedID, ref.FeedID}, {&planned.AcquisitionLocation, ref.AcquisitionLocation}} {
			text, err := p.evaluate(member.text, at, what)
			if err != nil {
				return err
			}
			*member.to = text
		}
		if planned.Version == "" {
			planned.Version = value(ref.Version)
		}
		if planned.Version == "" && planned.AcquisitionLocation != process.NotAcquired {
			return fault.Invalid("the release %s has no version for %s (%s); make a new release", p.subject.Release.Version, what, ref.PackageID)
		}
		if err := p.fetchable(&planned, what); err != nil {
			return err
		}
		out.Packages = append(out.Packages, planned)
	}
	return nil
}

// fetchable refuses a package that nobody could bring to its machine: better now than in the middle of the deployment.
func (p *planner) fetchable(planned *process.PlannedPackage, what string) error {
	if planned.AcquisitionLocation == process.NotAcquired || octostache.HasTokens(planned.FeedID) {
		return nil
	}
	f, err := feed.Of(p.tx, p.deployment.SpaceID, planned.FeedID)
	if fault.Is(err, fault.KindNotFound) {
		return fault.Invalid("%s (%s) comes from the feed %q, which does not exist; choose another feed in the step, and make a new release", what, planned.PackageID, planned.FeedID).Because(err)
	}
	if err != nil {
		return err
	}
	if err := f.Fetchable(); err != nil {
		return fault.Invalid("%s (%s) cannot be fetched: %v; then make a new release", what, planned.PackageID, err).Because(err)
	}
	return nil
}

// evaluate replaces the variables of a text, as far as they are known before the run.
func (p *planner) evaluate(text string, at Scope, what string) (string, error) {
	if !octostache.HasTokens(text) {
		return text, nil
	}
	values, err := p.deployer.Values(p.tx, p.plan, at)
	if err != nil {
		return "", err
	}
	v := octostache.New(octostache.Config{})
	for name, value := range p.plan.System {
		v.Set(name, value)
	}
	for _, value := range values {
		v.Set(value.Name, value.Text.Reveal())
	}
	out, err := v.Evaluate(text)
	switch {
	case err == nil || p.preview && octostache.Soft(err):
		return out, nil
	case octostache.Soft(err):
		return "", fault.Invalid("%s is %q, and a variable of it has no value in the environment %q", what, text, p.environment.Name)
	}
	return "", fault.Invalid("%s is %q, which cannot be evaluated: %v", what, text, err)
}

func split(list string) []string {
	words := []string{}
	for word := range strings.SplitSeq(list, ",") {
		if word = strings.TrimSpace(word); word != "" {
			words = append(words, word)
		}
	}
	return words
}
