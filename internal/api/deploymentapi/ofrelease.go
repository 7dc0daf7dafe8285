package deploymentapi

import (
	"encoding/json"
	"net/http"
	"slices"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/deployment"
	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/release"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/task"
	"github.com/mantledeploy/mantle/internal/tenant"
)

func (s *Deployments) registerOfRelease(e *api.Engine) {
	view := func(path, summary string, permission access.Permission, out any, handler func(*api.Call) error) api.Operation {
		return api.Operation{Method: http.MethodGet, Path: "releases/{id}/" + path, Where: api.InSpace, Permission: permission, Summary: summary, Out: out, Handler: handler}
	}
	list := view("deployments", "List the deployments of a release, the newest first", access.DeploymentView, deployment.Deployment{}, s.ofRelease)
	list.List, list.Queries = true, []string{"skip", "take"}
	preview := view("deployments/preview/{environment}", "What a deployment of a release to an environment would do", access.DeploymentView, Preview{}, s.preview)
	preview.Queries = []string{"includeDisabledSteps"}
	forTenant := view("deployments/preview/{environment}/{tenant}", "What a deployment of a release to an environment for a tenant would do", access.DeploymentView, Preview{}, s.preview)
	forTenant.Queries = preview.Queries
	e.Handle(list, preview, forTenant,
		view("progression", "How far a release has come through its lifecycle", access.ReleaseView, Progression{}, s.progression),
		view("deployments/template", "Where a release may be deployed now", access.ReleaseView, Template{}, s.template),
		api.Operation{Method: http.MethodPost, Path: "releases/{id}/deployments/previews", Where: api.InSpace, Permission: access.DeploymentView,
			Summary: "What several deployments of a release would do", In: PreviewsAsked{}, Out: []Preview{}, Handler: s.previews},
	)
}

func (s *Deployments) ofRelease(c *api.Call) error {
	page, err := c.Paging()
	if err != nil {
		return err
	}
	var items []json.RawMessage
	var total int
	err = c.Read(func(tx *store.Tx) error {
		r, err := s.Release(c, tx, c.Param("id"))
		if err != nil {
			return err
		}
		items, total, err = s.page(c, tx, deployment.Find{SpaceID: r.SpaceID, ReleaseID: r.ID}, page)
		return err
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, c.Page("Deployment", "{s}/releases/"+c.Param("id")+"/deployments", []string{"skip", "take"}, page, total, items))
}

// Progression is how far a release has come, as the wire has it.
type Progression struct {
	Phases                         []PhaseProgression
	NextDeployments                []string
	NextDeploymentsMinimumRequired int
}

// PhaseProgression is a phase of it.
type PhaseProgression struct {
	ID                                 string `json:"Id"`
	Name                               string
	Blocked                            bool
	Progress                           string
	Deployments                        []PhaseDeployment
	AutomaticDeploymentTargets         []string
	OptionalDeploymentTargets          []string
	MinimumEnvironmentsBeforePromotion int
	IsOptionalPhase                    bool
	IsPriorityPhase                    bool
}

// PhaseDeployment is a deployment with its task.
type PhaseDeployment struct{ Task, Deployment json.RawMessage }

func (s *Deployments) progression(c *api.Call) error {
	var shown json.RawMessage
	err := c.Read(func(tx *store.Tx) error {
		r, err := s.Release(c, tx, c.Param("id"))
		if err != nil {
			return err
		}
		subject, err := deployment.SubjectOf(tx, r)
		if err != nil {
			return err
		}
		out, err := s.progressionOf(c, tx, subject)
		if err != nil {
			return err
		}
		shown, err = c.Resource(out, api.Links{"Self": "{s}/releases/" + r.ID + "/progression"})
		return err
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, shown)
}

func (s *Deployments) progressionOf(c *api.Call, tx *store.Tx, subject *deployment.Subject) (Progression, error) {
	progress := subject.Progression(nil)
	out := Progression{Phases: []PhaseProgression{}, NextDeployments: progress.NextDeployments, NextDeploymentsMinimumRequired: progress.NextDeploymentsMinimumRequired}
	rows, err := deployment.Find{ReleaseID: subject.Release.ID}.All(tx)
	if err != nil {
		return out, err
	}
	may := visible(c)
	for _, p := range progress.Phases {
		phase := PhaseProgression{
			ID: p.ID, Name: p.Name, Blocked: p.Blocked, Progress: p.Progress, Deployments: []PhaseDeployment{}, AutomaticDeploymentTargets: p.AutomaticDeploymentTargets,
			OptionalDeploymentTargets: p.OptionalDeploymentTargets, MinimumEnvironmentsBeforePromotion: p.MinimumEnvironmentsBeforePromotion,
			IsOptionalPhase: p.IsOptionalPhase, IsPriorityPhase: p.IsPriorityPhase,
		}
		for _, row := range rows {
			if !slices.Contains(p.EnvironmentIDs(), row.EnvironmentID) || may != nil && !may(row) {
				continue
			}
			shown, err := s.phaseDeployment(c, tx, row)
			if err != nil {
				return out, err
			}
			phase.Deployments = append(phase.Deployments, shown)
		}
		out.Phases = append(out.Phases, phase)
	}
	return out, nil
}

func (s *Deployments) phaseDeployment(c *api.Call, tx *store.Tx, row *deployment.Row) (out PhaseDeployment, err error) {
	t, err := task.Get(tx, row.TaskID)
	if err != nil {
		return out, err
	}
	if out.Task, err = s.Tasks.Show(c, tx, t); err != nil {
		return out, err
	}
	d, err := deployment.Deployments().Get(tx, row.DeploymentID)
	if err != nil {
		return out, err
	}
	out.Deployment, err = s.Set.Show(c, tx, d)
	return out, err
}

// Template is where a release may be deployed, as the wire has it.
type Template struct {
	DeploymentNotes              *string
	IsDeploymentProcessModified  bool
	IsVariableSetModified        bool
	IsLibraryVariableSetModified bool
	IsGitResourceModified        bool
	PromoteTo                    []Promotion
	TenantPromotions             []TenantPromotion
}

// Promotion is an environment that a release may be deployed to.
type Promotion struct {
	ID    string `json:"Id"`
	Name  string
	Links map[string]string
}

// TenantPromotion is a tenant with the environments that a release may be deployed to for it.
type TenantPromotion struct {
	ID        string `json:"Id"`
	Name      string
	PromoteTo []Promotion
	Links     map[string]string
}

func (s *Deployments) template(c *api.Call) error {
	var shown json.RawMessage
	err := c.Read(func(tx *store.Tx) error {
		r, err := s.Release(c, tx, c.Param("id"))
		if err != nil {
			return err
		}
		subject, err := deployment.SubjectOf(tx, r)
		if err != nil {
			return err
		}
		t := Template{DeploymentNotes: r.ReleaseNotes, PromoteTo: []Promotion{}, TenantPromotions: []TenantPromotion{}}
		changed, err := release.Changed(tx, r, subject.Project)
		if err != nil {
			return err
		}
		t.IsDeploymentProcessModified, t.IsVariableSetModified, t.IsLibraryVariableSetModified = changed.Process, changed.Variables, changed.Libraries
		if subject.Project.TenantedDeploymentMode != project.Tenanted {
			t.PromoteTo = promotions(c, subject, nil)
		}
		if t.TenantPromotions, err = tenantPromotions(c, tx, subject); err != nil {
			return err
		}
		shown, err = c.Resource(t, api.Links{"Self": "{s}/releases/" + r.ID + "/deployments/template"})
		return err
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, shown)
}

// promotions are the environments that the release may go to, and that the caller may deploy to.
func promotions(c *api.Call, s *deployment.Subject, t *tenant.Tenant) []Promotion {
	list := []Promotion{}
	tenantID := ""
	if t != nil {
		tenantID = t.ID
	}
	for _, id := range s.Progression(t).Allowed() {
		e, err := s.Environment(id)
		if err != nil || !c.Principal.Allowed(access.DeploymentCreate, scope(c.SpaceID(), s.Project.ID, id, tenantID)) {
			continue
		}
		preview := "{s}/releases/" + s.Release.ID + "/deployments/preview/" + id
		if tenantID != "" {
			preview += "/" + tenantID
		}
		list = append(list, Promotion{ID: id, Name: e.Name, Links: map[string]string{"Self": c.Link("{s}/environments/" + id), "Preview": c.Link(preview) + "{?includeDisabledSteps}"}})
	}
	return list
}

func tenantPromotions(c *api.Call, tx *store.Tx, s *deployment.Subject) ([]TenantPromotion, error) {
	list := []TenantPromotion{}
	if s.Project.TenantedDeploymentMode == project.Untenanted {
		return list, nil
	}
	tenants, err := tenant.Connected(tx, c.SpaceID(), s.Project.ID, "")
	for _, t := range tenants {
		if to := promotions(c, s, t); s.Takes(t) == nil && len(to) > 0 {
			list = append(list, TenantPromotion{ID: t.ID, Name: t.Name, PromoteTo: to, Links: map[string]string{"Self": c.Link("{s}/tenants/" + t.ID)}})
		}
	}
	return list, err
}
