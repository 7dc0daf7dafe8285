package process

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/secret"
)

// Prepare completes what a client sent from what was stored: IDs and slugs stay with their steps and actions, new ones get some,
// lists are never null, secrets are sealed. The Version that the client sent must be the stored one.
func (p *Process) Prepare(previous *Process, keys *secret.Keyring) error {
	if p.Version != previous.Version {
		return fault.Conflict("the process was changed by somebody else: the version sent is %d, the newest is %d; read it again and repeat the change", p.Version, previous.Version)
	}
	p.Version++
	p.ProjectID, p.RunbookID, p.SpaceID, p.LastSnapshotID = previous.ProjectID, previous.RunbookID, previous.SpaceID, previous.LastSnapshotID
	p.Steps = nonNil(p.Steps)
	steps, actions := previous.byID()
	slugs := newSlugs()
	for i := range p.Steps {
		s := &p.Steps[i]
		s.prepare(steps[s.ID], slugs)
		if err := s.Properties.seal(steps[s.ID].Properties, keys, p.secretOwner()); err != nil {
			return err
		}
		for j := range s.Actions {
			a := &s.Actions[j]
			a.prepare(s, actions[a.ID], slugs)
			if err := a.Properties.seal(actions[a.ID].Properties, keys, p.secretOwner()); err != nil {
				return err
			}
		}
	}
	return p.Validate()
}

// secretOwner is the resource that the secrets of a process and of its snapshots are bound to.
func (p *Process) secretOwner() string {
	if p.RunbookID != "" {
		return "RunbookProcess-" + p.RunbookID
	}
	return IDOf(p.ProjectID)
}

// Open returns the plain secret of a property of this process.
func (p *Process) Open(property Property, keys *secret.Keyring) (secret.Text, error) {
	return property.Secret.Open(keys, p.secretOwner())
}

func (p *Process) byID() (map[string]Step, map[string]Action) {
	steps, actions := map[string]Step{}, map[string]Action{}
	for _, s := range p.Steps {
		steps[s.ID] = s
		for _, a := range s.Actions {
			actions[a.ID] = a
		}
	}
	return steps, actions
}

func (s *Step) prepare(previous Step, slugs *slugs) {
	if s.ID == "" {
		s.ID = uuid.NewString()
	}
	if s.Slug == "" {
		s.Slug = previous.Slug
	}
	s.Slug = slugs.steps.take(s.Slug, s.Name)
	s.Condition = orElse(s.Condition, Success)
	s.StartTrigger = orElse(s.StartTrigger, StartAfterPrevious)
	s.PackageRequirement = orElse(s.PackageRequirement, LetServerDecide)
	if s.Properties == nil {
		s.Properties = Properties{}
	}
	s.Actions = nonNil(s.Actions)
}

func (a *Action) prepare(step *Step, previous Action, slugs *slugs) {
	if a.ID == "" {
		a.ID = uuid.NewString()
	}
	if a.Name == "" && len(step.Actions) == 1 {
		a.Name = step.Name
	}
	if a.Slug == "" {
		a.Slug = previous.Slug
	}
	a.Slug = slugs.actions.take(a.Slug, a.Name)
	a.Condition = orElse(a.Condition, Success)
	if a.Properties == nil {
		a.Properties = Properties{}
	}
	for _, list := range []*[]string{&a.Environments, &a.ExcludedEnvironments, &a.Channels, &a.TenantTags} {
		*list = nonNil(*list)
	}
	a.Packages, a.GitDependencies, a.Links = nonNil(a.Packages), nonNil(a.GitDependencies), map[string]string{}
	a.primaryPackage()
	for i := range a.Packages {
		a.Packages[i].prepare(previous.Packages)
	}
}

// primaryPackage makes the package reference that older clients give by properties alone.
func (a *Action) primaryPackage() {
	id, feed := a.Properties.Get(PackageIDProperty), a.Properties.Get(FeedIDProperty)
	if id == "" || slices.ContainsFunc(a.Packages, func(p PackageReference) bool { return p.Name == "" }) {
		return
	}
	location := AcquireOnServer
	if a.Properties.Is("Octopus.Action.Package.DownloadOnTentacle") {
		location = AcquireOnTarget
	}
	a.Packages = append(a.Packages, PackageReference{PackageID: id, FeedID: feed, AcquisitionLocation: location})
}

func (p *PackageReference) prepare(previous []PackageReference) {
	for _, old := range previous {
		if p.ID == "" && old.Name == p.Name {
			p.ID = old.ID
		}
	}
	if p.ID == "" {
		p.ID = uuid.NewString()
	}
	p.FeedID = orElse(p.FeedID, "feeds-builtin")
	p.AcquisitionLocation = orElse(p.AcquisitionLocation, AcquireOnServer)
	if p.Properties == nil {
		p.Properties = map[string]string{}
	}
}

// Validate checks what can be checked without looking at other documents. All findings come at once.
func (p *Process) Validate() error {
	var findings []string
	find := func(format string, args ...any) { findings = append(findings, fmt.Sprintf(format, args...)) }
	names := map[string]bool{}
	for i, s := range p.Steps {
		if strings.TrimSpace(s.Name) == "" {
			find("Step %d has no name.", i+1)
		}
		if names[strings.ToLower(s.Name)] {
			find("Two steps are named %q; names of steps are unique in a process.", s.Name)
		}
		names[strings.ToLower(s.Name)] = true
		oneOf(find, fmt.Sprintf("The condition of the step %q", s.Name), s.Condition, Success, Failure, Always, Variable)
		oneOf(find, fmt.Sprintf("The start trigger of the step %q", s.Name), s.StartTrigger, StartAfterPrevious, StartWithPrevious)
		if s.Condition == Variable && s.ConditionTemplate() == "" {
			find("The step %q runs on a variable's condition, but %s is empty.", s.Name, ConditionExpression)
		}
		if len(s.Actions) == 0 {
			find("The step %q has no action.", s.Name)
		}
		s.validateActions(find)
	}
	if len(findings) > 0 {
		return fault.Invalid("The deployment process is not valid.").With(findings...)
	}
	return nil
}

// ConditionTemplate is the template that decides a step with the condition Variable.
func (s *Step) ConditionTemplate() string {
	return orElse(s.Properties.Get(ConditionExpression), s.Properties.Get(ConditionExpressionOld))
}

func (s *Step) validateActions(find func(string, ...any)) {
	for _, a := range s.Actions {
		if a.Name == "" {
			find("An action of the step %q has no name.", s.Name)
		}
		if a.ActionType == "" {
			find("The action %q has no ActionType.", a.Name)
		}
		references := map[string]bool{}
		for _, r := range a.Packages {
			if references[strings.ToLower(r.Name)] {
				find("The action %q refers to two packages by the name %q.", a.Name, r.Name)
			}
			references[strings.ToLower(r.Name)] = true
			if r.PackageID == "" {
				find("A package of the action %q has no PackageId.", a.Name)
			}
		}
	}
}

func oneOf(find func(string, ...any), what, value string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		find("%s is %q; it must be one of %s.", what, value, strings.Join(allowed, ", "))
	}
}

func orElse(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

func nonNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
