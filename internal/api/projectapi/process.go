package projectapi

import (
	"encoding/json"
	"net/http"
	"slices"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/audit"
	"github.com/mantledeploy/mantle/internal/process"
	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/store"
)

func (s *Sets) registerProcesses(e *api.Engine) {
	e.AddLink("DeploymentProcesses", "{s}/deploymentprocesses{/id}{?skip,take,ids}")
	view := func(path, summary string, out any, handler func(*api.Call) error, queries ...string) api.Operation {
		return api.Operation{Method: http.MethodGet, Path: path, Where: api.InSpace, Permission: access.ProcessView, Summary: summary, Out: out, Queries: queries, Handler: handler}
	}
	list := view("deploymentprocesses", "List deployment processes, page by page", process.Process{}, s.listProcesses, "skip", "take", "ids")
	list.List = true
	e.Handle(list, view("deploymentprocesses/all", "List every deployment process", []process.Process{}, s.allProcesses, "ids"),
		view("deploymentprocesses/{process}", "Get a deployment process, or the copy of it that a release keeps", process.Process{}, s.getProcess),
		view("projects/{id}/deploymentprocesses", "Get the deployment process of a project", process.Process{}, s.getProcess),
		view("deploymentprocesses/{process}/template", "What the next release of a project will be asked for", Template{}, s.template, "channel", "releaseId"),
		view("projects/{id}/deploymentprocesses/template", "What the next release of a project will be asked for", Template{}, s.template, "channel", "releaseId"),
	)
	for _, path := range []string{"deploymentprocesses/{process}", "projects/{id}/deploymentprocesses"} {
		e.Handle(api.Operation{Method: http.MethodPut, Path: path, Where: api.InSpace, Permission: access.ProcessEdit, Summary: "Replace the deployment process of a project",
			In: process.Process{}, Out: process.Process{}, Handler: s.putProcess})
	}
}

func showProcess(c *api.Call, p *process.Process) (json.RawMessage, error) {
	own := "{s}/deploymentprocesses/" + p.ID
	self := "{s}/projects/" + p.ProjectID + "/deploymentprocesses"
	if p.IsSnapshot() {
		self = own
	}
	return c.Resource(p, api.Links{"Self": self, "Project": "{s}/projects/" + p.ProjectID, "Template": own + "/template{?channel,releaseId}"})
}

// processOf returns the process of the path, by its own ID or by its project, with its project.
func (s *Sets) processOf(c *api.Call, tx *store.Tx, permission access.Permission) (*process.Process, *project.Project, error) {
	if key := c.Param("id"); key != "" {
		p, err := s.project(c, tx, key, permission)
		if err != nil {
			return nil, nil, err
		}
		proc, err := process.Processes().Get(tx, p.DeploymentProcessID)
		return proc, p, err
	}
	proc, err := process.Processes().Get(tx, c.Param("process"))
	if err != nil {
		return nil, nil, err
	}
	p, err := s.project(c, tx, proc.ProjectID, permission)
	return proc, p, err
}

func (s *Sets) getProcess(c *api.Call) error {
	var shown json.RawMessage
	err := c.Read(func(tx *store.Tx) error {
		proc, _, err := s.processOf(c, tx, access.ProcessView)
		if err != nil {
			return err
		}
		shown, err = showProcess(c, proc)
		return err
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, shown)
}

// visibleProcesses are the processes, no snapshots, of the projects whose processes the caller may see.
func (s *Sets) visibleProcesses(c *api.Call, tx *store.Tx) ([]*process.Process, error) {
	projects, _, err := s.Projects.List(c, tx, store.Query{Where: []store.Cond{store.Eq("space_id", c.SpaceID())}})
	if err != nil {
		return nil, err
	}
	ids := c.QueryList("ids")
	var wanted []string
	for _, p := range projects {
		if len(ids) > 0 && !slices.Contains(ids, p.DeploymentProcessID) || !c.Principal.Allowed(access.ProcessView, ProjectScope(p)) {
			continue
		}
		wanted = append(wanted, p.DeploymentProcessID)
	}
	return process.Processes().Find(tx, store.Query{Where: []store.Cond{store.In("id", wanted...)}})
}

func (s *Sets) listProcesses(c *api.Call) error {
	page, err := c.Paging()
	if err != nil {
		return err
	}
	items := []json.RawMessage{}
	total := 0
	err = c.Read(func(tx *store.Tx) error {
		all, err := s.visibleProcesses(c, tx)
		if err != nil {
			return err
		}
		total = len(all)
		all = all[min(page.Skip, total):]
		items, err = showProcesses(c, all[:min(page.Take, len(all))])
		return err
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, c.Page("DeploymentProcess", "{s}/deploymentprocesses", []string{"skip", "take", "ids"}, page, total, items))
}

func (s *Sets) allProcesses(c *api.Call) error {
	var items []json.RawMessage
	err := c.Read(func(tx *store.Tx) error {
		all, err := s.visibleProcesses(c, tx)
		if err != nil {
			return err
		}
		items, err = showProcesses(c, all)
		return err
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, items)
}

func showProcesses(c *api.Call, all []*process.Process) ([]json.RawMessage, error) {
	items := make([]json.RawMessage, 0, len(all))
	for _, p := range all {
		text, err := showProcess(c, p)
		if err != nil {
			return nil, err
		}
		items = append(items, text)
	}
	return items, nil
}

func (s *Sets) putProcess(c *api.Call) error {
	if _, err := c.Body(); err != nil {
		return err
	}
	return c.Write(func(tx *store.Tx) (api.Reply, error) {
		found, p, err := s.processOf(c, tx, access.ProcessEdit)
		if err != nil {
			return api.Reply{}, err
		}
		proc := &process.Process{}
		if err := c.Decode(proc); err != nil {
			return api.Reply{}, err
		}
		if err := s.writeProcess(c, tx, proc, found.ID, p); err != nil {
			return api.Reply{}, err
		}
		shown, err := showProcess(c, proc)
		return api.Reply{Body: shown}, err
	})
}

// writeProcess takes a decoded process in the place of the stored one.
func (s *Sets) writeProcess(c *api.Call, tx *store.Tx, proc *process.Process, id string, p *project.Project) error {
	old, err := process.Processes().GetForUpdate(tx, id)
	if err != nil {
		return err
	}
	if old.IsSnapshot() {
		return errSnapshot(id, "process")
	}
	before, err := json.Marshal(old)
	if err != nil {
		return err
	}
	*proc.Head() = *old.Head()
	if err := proc.Prepare(old, c.Engine.Keyring); err != nil {
		return err
	}
	if err := checkReferences(tx, proc, p); err != nil {
		return err
	}
	now := tx.Now
	proc.LastModifiedOn, proc.LastModifiedBy = &now, c.Actor.Username
	if err := process.Processes().Update(tx, proc); err != nil {
		return err
	}
	after, err := json.Marshal(proc)
	if err != nil {
		return err
	}
	return c.Record(tx, audit.Entry{Category: audit.Modified, DocumentID: id, DocumentType: "DeploymentProcesses", Message: "Deployment process of " + p.Name + " was modified",
		Subjects: []audit.Subject{{ID: p.ID, Name: p.Name}}, Related: []string{p.ID}, Before: before, After: after})
}
