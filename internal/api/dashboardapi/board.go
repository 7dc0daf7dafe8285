package dashboardapi

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/api/projectapi"
	"github.com/mantledeploy/mantle/internal/dashboard"
	"github.com/mantledeploy/mantle/internal/deployment"
	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/tenant"
)

// Document is a dashboard, as the wire has it.
type Document struct {
	ID            string `json:"Id"`
	Projects      []Project
	ProjectGroups []Group
	Environments  []Environment
	Tenants       []Tenant
	Items         Items `json:",omitempty"`
	ProjectLimit  *int
	IsFiltered    bool
}

// Items are written by themselves: see render.
type Items []dashboard.Item

// Project is a project on a dashboard.
type Project struct {
	ID                             string `json:"Id"`
	Name                           string
	Slug                           string
	IsDisabled                     bool
	ProjectGroupID                 string   `json:"ProjectGroupId"`
	EnvironmentIDs                 []string `json:"EnvironmentIds"`
	TenantedDeploymentMode         string
	CanPerformUntenantedDeployment bool
	Links                          map[string]string
}

// Group is a project group on a dashboard.
type Group struct {
	ID             string `json:"Id"`
	Name           string
	EnvironmentIDs []string `json:"EnvironmentIds"`
	Links          map[string]string
}

// Environment is an environment on a dashboard.
type Environment struct {
	ID    string `json:"Id"`
	Name  string
	Links map[string]string
}

// Tenant is a tenant on a dashboard.
type Tenant struct {
	ID                  string `json:"Id"`
	Name                string
	ProjectEnvironments map[string][]string
	TenantTags          []string
	IsDisabled          bool
	Links               map[string]string
}

// question is what the caller may see of a space.
func question(c *api.Call) dashboard.Question {
	q := dashboard.Question{SpaceID: c.SpaceID(), Configuration: &dashboard.Configuration{}}
	p, id := c.Principal, c.SpaceID()
	if !p.Everywhere(access.ProjectView, id) {
		q.SeesProject = func(pr *project.Project) bool { return p.Allowed(access.ProjectView, projectapi.ProjectScope(pr)) }
	}
	if !p.Everywhere(access.EnvironmentView, id) {
		q.SeesEnvironment = func(e *environment.Environment) bool {
			s := access.Whichever(id)
			s.Environments = []string{e.ID}
			return p.Allowed(access.EnvironmentView, s)
		}
	}
	if !p.Everywhere(access.TenantView, id) {
		q.SeesTenant = func(t *tenant.Tenant) bool {
			s := access.Whichever(id)
			s.Tenants = []string{t.ID}
			return p.Allowed(access.TenantView, s)
		}
	}
	if !p.Everywhere(access.DeploymentView, id) {
		q.SeesRow = func(r *deployment.Row) bool { return p.Allowed(access.DeploymentView, rowScope(r)) }
	}
	return q
}

func rowScope(r *deployment.Row) access.Scope {
	s := access.Scope{Space: r.SpaceID, Projects: []string{r.ProjectID}, Environments: []string{r.EnvironmentID}}
	if r.TenantID != "" {
		s.Tenants = []string{r.TenantID}
	}
	return s
}

func (s boards) dashboard(c *api.Call) error {
	q := question(c)
	showAll, err := c.QueryBool("showAll")
	if err != nil {
		return err
	}
	if q.Newest, err = c.QueryBool("highestLatestVersionPerProjectAndEnvironment"); err != nil {
		return err
	}
	q.Projects, q.Tenants, q.Tags = c.QueryList("projectId"), c.QueryList("selectedTenants"), c.QueryList("selectedTags")
	return s.answer(c, q, func(tx *store.Tx, q *dashboard.Question, doc *Document) error {
		cfg, _, err := dashboard.ConfigurationOf(tx, c.SpaceID(), c.Principal.User.ID)
		if err != nil {
			return err
		}
		doc.ProjectLimit = cfg.ProjectLimit
		if !showAll && len(q.Projects) == 0 {
			q.Configuration, doc.IsFiltered = cfg, cfg.Filters()
		}
		if releases := c.QueryList("releaseId"); len(releases) > 0 {
			sees := q.SeesRow
			q.SeesRow = func(r *deployment.Row) bool { return r.ReleaseID == releases[0] && (sees == nil || sees(r)) }
		}
		return nil
	}, false)
}

func (s boards) dynamic(c *api.Call) error {
	q := question(c)
	previous, err := c.QueryBool("includePrevious")
	if err != nil {
		return err
	}
	if q.FirstProjects, err = c.QueryInt("firstProjects", 0); err != nil {
		return err
	}
	if q.FirstEnvironments, err = c.QueryInt("firstEnvironments", 0); err != nil {
		return err
	}
	q.Projects, q.Environments = c.QueryList("projects"), c.QueryList("environments")
	return s.answer(c, q, func(_ *store.Tx, q *dashboard.Question, doc *Document) error {
		doc.IsFiltered = len(q.Projects)+len(q.Environments) > 0
		return nil
	}, previous)
}

// answer asks the question, completed by prepare, and sends what comes.
func (s boards) answer(c *api.Call, q dashboard.Question, prepare func(*store.Tx, *dashboard.Question, *Document) error, previous bool) error {
	var doc *Document
	err := c.Read(func(tx *store.Tx) error {
		doc = &Document{ID: "dashboard"}
		asked := q
		if err := prepare(tx, &asked, doc); err != nil {
			return err
		}
		b, err := asked.Ask(tx)
		if err != nil {
			return err
		}
		fill(c, doc, b, tx.Now)
		if !previous {
			return nil
		}
		rows, err := dashboard.Previous(tx, b.Rows)
		for _, r := range rows {
			if q.SeesRow != nil && !q.SeesRow(r) {
				continue
			}
			item := dashboard.ItemOf(r, tx.Now, c.Link("{s}"))
			item.IsCurrent, item.IsPrevious = false, true
			doc.Items = append(doc.Items, item)
		}
		return err
	})
	if err != nil {
		return err
	}
	text, err := doc.render()
	if err != nil {
		return err
	}
	shown, err := c.Engine.WithLinks(text, api.Links{"Self": "{s}/dashboard"}, c.SpaceID())
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, shown)
}

// render writes the document; its many items do not go through reflection.
func (d *Document) render() ([]byte, error) {
	rest := *d
	rest.Items = nil
	text, err := json.Marshal(rest)
	if err != nil {
		return nil, err
	}
	text = append(text[:len(text)-1], `,"Items":[`...)
	text = slices.Grow(text, 850*len(d.Items))
	for i := range d.Items {
		if i > 0 {
			text = append(text, ',')
		}
		text = d.Items[i].AppendJSON(text)
	}
	return append(text, "]}"...), nil
}

func fill(c *api.Call, doc *Document, b *dashboard.Board, now time.Time) {
	doc.Projects, doc.ProjectGroups = make([]Project, 0, len(b.Projects)), []Group{}
	doc.Environments, doc.Tenants, doc.Items = []Environment{}, []Tenant{}, make(Items, 0, len(b.Rows))
	base := c.Link("{s}")
	shown := map[string]bool{}
	for _, e := range b.Environments {
		shown[e.ID] = true
		doc.Environments = append(doc.Environments, Environment{e.ID, e.Name, self(base, "environments", e.ID)})
	}
	of := map[string]map[string]bool{}
	for _, p := range b.Projects {
		ids := []string{}
		if of[p.ProjectGroupID] == nil {
			of[p.ProjectGroupID] = map[string]bool{}
		}
		for _, id := range b.EnvironmentsOf[p.ID] {
			if shown[id] {
				ids, of[p.ProjectGroupID][id] = append(ids, id), true
			}
		}
		doc.Projects = append(doc.Projects, Project{
			ID: p.ID, Name: p.Name, Slug: p.Slug, IsDisabled: p.IsDisabled, ProjectGroupID: p.ProjectGroupID, EnvironmentIDs: ids,
			TenantedDeploymentMode: p.TenantedDeploymentMode, CanPerformUntenantedDeployment: p.TenantedDeploymentMode != project.Tenanted, Links: self(base, "projects", p.ID),
		})
	}
	for _, g := range b.Groups {
		ids := []string{}
		for _, e := range b.Environments {
			if of[g.ID][e.ID] {
				ids = append(ids, e.ID)
			}
		}
		doc.ProjectGroups = append(doc.ProjectGroups, Group{g.ID, g.Name, ids, self(base, "projectgroups", g.ID)})
	}
	for _, t := range b.Tenants {
		doc.Tenants = append(doc.Tenants, Tenant{t.ID, t.Name, t.ProjectEnvironments, t.TenantTags, t.IsDisabled, self(base, "tenants", t.ID)})
	}
	for _, r := range b.Rows {
		doc.Items = append(doc.Items, dashboard.ItemOf(r, now, base))
	}
}

func self(base, path, id string) map[string]string {
	return map[string]string{"Self": base + "/" + path + "/" + id}
}
