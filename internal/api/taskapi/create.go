package taskapi

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/audit"
	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/executor/health"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/infrastructure"
	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/task"
)

// Asked is a task that a client asks for. Name is the kind.
type Asked struct {
	Name, Description string
	SpaceID           string `json:"SpaceId"`
	Arguments         json.RawMessage
	// Everywhere tells that no space was named; SpaceID is then the default one's.
	Everywhere bool `json:"-"`
}

func (t *Tasks) create(c *api.Call) error {
	var asked Asked
	if err := c.Decode(&asked); err != nil {
		return err
	}
	if c.Space != nil {
		asked.SpaceID = c.Space.ID
	}
	return c.Write(func(tx *store.Tx) (api.Reply, error) {
		n, err := t.plan(c, tx, asked)
		if err != nil {
			return api.Reply{}, err
		}
		n.CreatedBy = c.Principal.User.ID
		row, err := task.Enqueue(tx, n)
		if err != nil {
			return api.Reply{}, err
		}
		if err := record(c, tx, audit.Created, row, fmt.Sprintf("%s (%s) was queued", row.ID, row.Description), ""); err != nil {
			return api.Reply{}, err
		}
		shown, err := t.Show(c, tx, row)
		return api.Reply{Status: http.StatusCreated, Body: shown, Location: c.Engine.Link("/api/tasks/"+row.ID, "")}, err
	})
}

func (t *Tasks) plan(c *api.Call, tx *store.Tx, asked Asked) (task.New, error) {
	if asked.SpaceID == "" {
		home, err := space.Default(tx)
		if err != nil {
			return task.New{}, err
		}
		asked.SpaceID, asked.Everywhere = home.ID, true
	}
	if _, err := space.Spaces().Get(tx, asked.SpaceID); err != nil {
		return task.New{}, err
	}
	if strings.EqualFold(asked.Name, health.Kind) {
		return planHealth(c, tx, asked)
	}
	for kind, create := range t.Create {
		if strings.EqualFold(asked.Name, kind) {
			return create(c, tx, asked)
		}
	}
	kinds := append(slices.Collect(maps.Keys(t.Create)), health.Kind)
	slices.Sort(kinds)
	return task.New{}, fault.Invalid("a task of the kind %q cannot be asked for here; the member Name must be one of: %s. Deployments and runbook runs have resources of their own",
		asked.Name, strings.Join(kinds, ", "))
}

// check is what a health check is asked for with: what the handler of the kind reads, and times that are kept for the record.
type check struct {
	health.Arguments
	Timeout        string `json:",omitempty"`
	MachineTimeout string `json:",omitempty"`
}

func planHealth(c *api.Call, tx *store.Tx, asked Asked) (task.New, error) {
	var a check
	if len(asked.Arguments) > 0 && string(asked.Arguments) != "null" {
		if err := json.Unmarshal(asked.Arguments, &a); err != nil {
			return task.New{}, fault.Invalid("the member Arguments of a health check must be an object with MachineIds (a list), EnvironmentId, WorkerPoolId and Timeout (such as \"00:05:00\")").Because(err)
		}
	}
	for name, span := range map[string]string{"Timeout": a.Timeout, "MachineTimeout": a.MachineTimeout} {
		if span != "" && !isTimeSpan(span) {
			return task.New{}, fault.Invalid("the health check's %s is %q; it must be like 00:05:00 (hours:minutes:seconds)", name, span)
		}
	}
	scope, err := subjects(tx, asked.SpaceID, a.Arguments)
	if err != nil {
		return task.New{}, err
	}
	if err := c.RequireAll(access.TaskCreate, scope); err != nil {
		return task.New{}, err
	}
	n := task.New{SpaceID: asked.SpaceID, Kind: health.Kind, Description: strings.TrimSpace(asked.Description), Arguments: a, EnvironmentID: a.EnvironmentID}
	if n.Description == "" {
		n.Description = describe(a.Arguments)
	}
	return n, nil
}

// maxMachines is how many machines one health check names; more are checked by environment, pool or space.
const maxMachines = 5000

// subjects checks that what the arguments name is in the space, and returns its scope.
func subjects(tx *store.Tx, spaceID string, a health.Arguments) (access.Scope, error) {
	scope := access.Whichever(spaceID)
	scope.Environments = nil
	switch {
	case len(a.MachineIDs) > maxMachines:
		return scope, fault.Invalid("the health check names %d machines; at most %d are possible: name an environment or a pool instead", len(a.MachineIDs), maxMachines)
	case len(a.MachineIDs) == 0 && a.EnvironmentID != "":
		e, err := environment.Environments().Get(tx, a.EnvironmentID)
		if err != nil || e.SpaceID != spaceID {
			return scope, absent("environment", a.EnvironmentID, err)
		}
		scope.Environments = []string{e.ID}
	case len(a.MachineIDs) == 0 && a.WorkerPoolID != "":
		p, err := infrastructure.Pools().Get(tx, a.WorkerPoolID)
		if err != nil || p.SpaceID != spaceID {
			return scope, absent("worker pool", a.WorkerPoolID, err)
		}
		scope.Environments = []string{access.AnyID}
	}
	for _, id := range a.MachineIDs {
		environments, err := machineEnvironments(tx, spaceID, id)
		if err != nil {
			return scope, err
		}
		scope.Environments = append(scope.Environments, environments...)
	}
	return scope, nil
}

func machineEnvironments(tx *store.Tx, spaceID, id string) ([]string, error) {
	if strings.HasPrefix(id, infrastructure.Workers().Prefix) {
		w, err := infrastructure.Workers().Get(tx, id)
		if err != nil || w.SpaceID != spaceID {
			return nil, absent("worker", id, err)
		}
		return nil, nil
	}
	m, err := infrastructure.Machines().Get(tx, id)
	if err != nil || m.SpaceID != spaceID {
		return nil, absent("machine", id, err)
	}
	return m.EnvironmentIDs, nil
}

func absent(noun, id string, err error) error {
	if err != nil && !fault.Is(err, fault.KindNotFound) {
		return err
	}
	return fault.Invalid("the %s %q does not exist in this space; the health check was not queued", noun, id)
}

func describe(a health.Arguments) string {
	switch {
	case len(a.MachineIDs) == 1:
		return "Check " + a.MachineIDs[0]
	case len(a.MachineIDs) > 1:
		return fmt.Sprintf("Check %d machines", len(a.MachineIDs))
	case a.EnvironmentID != "":
		return "Check the machines of " + a.EnvironmentID
	case a.WorkerPoolID != "":
		return "Check the workers of " + a.WorkerPoolID
	}
	return "Check all machines"
}

// isTimeSpan reports whether the text is "hours:minutes:seconds", with "days." before it or a fraction after it.
func isTimeSpan(text string) bool {
	parts := strings.Split(text, ":")
	if len(parts) != 3 || len(text) > 30 {
		return false
	}
	parts[0] = strings.Replace(parts[0], ".", "", 1)
	parts[2] = strings.Replace(parts[2], ".", "", 1)
	return !slices.ContainsFunc(parts, func(digits string) bool { return strings.Trim(digits, "0123456789") != "" || digits == "" })
}
