package deploymentapi

import (
	"net/http"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/deployment"
	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/tenant"
)

// Preview is what a deployment would do, as the wire has it.
type Preview struct {
	EnvironmentID                 string `json:"EnvironmentId"`
	TenantID                      string `json:"TenantId"`
	StepsToExecute                []deployment.PreviewStep
	Form                          deployment.Form
	UseGuidedFailureModeByDefault bool
	Changes                       []deployment.Change
	ChangesMarkdown               string
	Links                         map[string]string
}

// PreviewsAsked asks for several previews.
type PreviewsAsked struct {
	DeploymentPreviews []struct {
		EnvironmentID string `json:"EnvironmentId"`
		TenantID      string `json:"TenantId"`
	}
	IncludeDisabledSteps bool
}

func (s *Deployments) preview(c *api.Call) error {
	disabled, err := c.QueryBool("includeDisabledSteps")
	if err != nil {
		return err
	}
	var out Preview
	err = c.Read(func(tx *store.Tx) error {
		r, err := s.Release(c, tx, c.Param("id"))
		if err != nil {
			return err
		}
		subject, err := deployment.SubjectOf(tx, r)
		if err != nil {
			return err
		}
		out, err = s.previewOf(c, tx, subject, c.Param("environment"), c.Param("tenant"), disabled)
		return err
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, out)
}

func (s *Deployments) previews(c *api.Call) error {
	var in PreviewsAsked
	if err := c.Decode(&in); err != nil {
		return err
	}
	out := []Preview{}
	err := c.Read(func(tx *store.Tx) error {
		out = out[:0]
		r, err := s.Release(c, tx, c.Param("id"))
		if err != nil {
			return err
		}
		subject, err := deployment.SubjectOf(tx, r)
		if err != nil {
			return err
		}
		for _, asked := range in.DeploymentPreviews {
			p, err := s.previewOf(c, tx, subject, asked.EnvironmentID, asked.TenantID, in.IncludeDisabledSteps)
			if err != nil {
				return err
			}
			out = append(out, p)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, out)
}

func (s *Deployments) previewOf(c *api.Call, tx *store.Tx, subject *deployment.Subject, environmentKey, tenantKey string, disabled bool) (Preview, error) {
	env, err := find(tx, environment.Environments(), c.SpaceID(), environmentKey)
	if err != nil {
		return Preview{}, err
	}
	var t *tenant.Tenant
	tenantID := ""
	if tenantKey != "" {
		if t, err = find(tx, tenant.Tenants(), c.SpaceID(), tenantKey); err != nil {
			return Preview{}, err
		}
		tenantID = t.ID
	}
	if err := c.Require(access.DeploymentView, scope(c.SpaceID(), subject.Project.ID, env.ID, tenantID)); err != nil {
		return Preview{}, err
	}
	p, err := s.Deployer.Preview(tx, subject, env, t, disabled)
	if err != nil {
		return Preview{}, err
	}
	link := c.Link("{s}/releases/" + subject.Release.ID + "/deployments/preview/" + env.ID)
	return Preview{EnvironmentID: env.ID, TenantID: tenantID, StepsToExecute: p.Steps, Form: p.Form, UseGuidedFailureModeByDefault: p.Guided,
		Changes: p.Changes, ChangesMarkdown: p.ChangesMarkdown, Links: map[string]string{"Self": link}}, nil
}
