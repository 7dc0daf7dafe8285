package projectapi

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/infrastructure"
	"github.com/mantledeploy/mantle/internal/process"
	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/tenant"
)

func errSnapshot(id, what string) error {
	return fault.Invalid("%q is the copy of a %s that a release keeps; it never changes: change the project's own %s", id, what, what)
}

// isTemplate tells whether a text is known only when a run evaluates it.
func isTemplate(text string) bool { return strings.Contains(text, "#{") }

// checkReferences fails if the process names an environment, a channel or a worker pool that there is not. Target roles are words,
// which may come before the machines that have them; a feed may come later too: who creates a release is told that it is not there.
func checkReferences(tx *store.Tx, proc *process.Process, p *project.Project) error {
	r := references{tx: tx, p: p, known: map[string]bool{}}
	for i := range proc.Steps {
		for j := range proc.Steps[i].Actions {
			if err := r.action(&proc.Steps[i].Actions[j]); err != nil {
				return err
			}
		}
	}
	if len(r.found) == 0 {
		return nil
	}
	return fault.Invalid("the deployment process is not valid: %s", strings.Join(r.found, "; ")).With(r.found...)
}

// references looks up what a process names, each thing once.
type references struct {
	tx    *store.Tx
	p     *project.Project
	known map[string]bool
	found []string
}

func (r *references) action(a *process.Action) error {
	of := fmt.Sprintf("the action %q", a.Name)
	tags, err := tenant.Canonical(r.tx, r.p.SpaceID, a.TenantTags)
	if err != nil {
		return err
	}
	a.TenantTags = tags
	if err := check(r, environment.Environments(), of, append(slices.Clone(a.Environments), a.ExcludedEnvironments...)...); err != nil {
		return err
	}
	for _, id := range a.Channels {
		if _, err := project.FindChannel(r.tx, r.p.ID, id); fault.Is(err, fault.KindNotFound) {
			r.found = append(r.found, fmt.Sprintf("%s names the channel %q, which the project %q does not have", of, id, r.p.Name))
		} else if err != nil {
			return err
		}
	}
	if a.WorkerPoolID != nil {
		if err := check(r, infrastructure.Pools(), of, *a.WorkerPoolID); err != nil {
			return err
		}
	}
	return nil
}

func check[T any](r *references, c *store.Collection[T], of string, ids ...string) error {
	ids = slices.DeleteFunc(ids, func(id string) bool { return isTemplate(id) || r.known[id] })
	missing, err := environment.Missing(r.tx, c, r.p.SpaceID, of, ids...)
	if err == nil && len(missing) == 0 {
		for _, id := range ids {
			r.known[id] = true
		}
	}
	r.found = append(r.found, missing...)
	return err
}
