package projectapi

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/store"
)

func (s *Sets) registerSettings(e *api.Engine) {
	for _, path := range []string{"projects/{id}/deploymentsettings", "deploymentsettings/{id}"} {
		e.Handle(
			api.Operation{Method: http.MethodGet, Path: path, Where: api.InSpace, Permission: access.ProjectView, Summary: "The deployment settings of a project",
				Out: project.Settings{}, Handler: s.getSettings},
			api.Operation{Method: http.MethodPut, Path: path, Where: api.InSpace, Permission: access.ProjectEdit, Summary: "Replace the deployment settings of a project",
				In: project.Settings{}, Out: project.Settings{}, Handler: s.putSettings},
		)
	}
}

func settingsOwner(c *api.Call) string {
	return strings.TrimPrefix(c.Param("id"), project.SettingsPrefix)
}

func showSettings(c *api.Call, p *project.Project) (json.RawMessage, error) {
	return c.Resource(p.Settings(), api.Links{"Self": "{s}/projects/" + p.ID + "/deploymentsettings", "Project": "{s}/projects/" + p.ID})
}

func (s *Sets) getSettings(c *api.Call) error {
	var shown json.RawMessage
	err := c.Read(func(tx *store.Tx) error {
		p, err := s.Projects.Load(c, tx, settingsOwner(c))
		if err != nil {
			return err
		}
		shown, err = showSettings(c, p)
		return err
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, shown)
}

func (s *Sets) putSettings(c *api.Call) error {
	in := &project.Settings{}
	if err := c.Decode(in); err != nil {
		return err
	}
	return c.Write(func(tx *store.Tx) (api.Reply, error) {
		old, err := s.Projects.LoadForUpdate(c, tx, settingsOwner(c), access.ProjectEdit)
		if err != nil {
			return api.Reply{}, err
		}
		text, err := json.Marshal(old)
		if err != nil {
			return api.Reply{}, err
		}
		p := &project.Project{}
		if err := json.Unmarshal(text, p); err != nil {
			return api.Reply{}, err
		}
		p.Apply(in)
		if err := s.Projects.Replace(c, tx, p, old); err != nil {
			return api.Reply{}, err
		}
		shown, err := showSettings(c, p)
		return api.Reply{Body: shown}, err
	})
}
