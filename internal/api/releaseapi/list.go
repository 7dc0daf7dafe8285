package releaseapi

import (
	"encoding/json"
	"net/http"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/api/projectapi"
	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/release"
	"github.com/mantledeploy/mantle/internal/store"
)

func (s *Releases) registerLists(e *api.Engine) {
	list := func(path, summary string, handler func(*api.Call) error) api.Operation {
		return api.Operation{Method: http.MethodGet, Path: path, Where: api.InSpace, Permission: access.ReleaseView, Summary: summary, Out: release.Release{}, List: true,
			Queries: []string{"skip", "take", "searchByVersion"}, Handler: handler}
	}
	e.Handle(
		list("projects/{id}/releases", "List the releases of a project, the newest first", s.ofProject),
		list("projects/{id}/channels/{channel}/releases", "List the releases of a channel, the newest first", s.ofChannel),
		list("channels/{channel}/releases", "List the releases of a channel, the newest first", s.ofChannel),
		api.Operation{Method: http.MethodGet, Path: "projects/{id}/releases/{version}", Where: api.InSpace, Permission: access.ReleaseView,
			Summary: "Get a release of a project by its version or ID", Out: release.Release{}, Handler: s.byVersion},
	)
}

func (s *Releases) ofProject(c *api.Call) error {
	return s.Set.ListWhere(c, "projects/"+c.Param("id")+"/releases", func(tx *store.Tx) ([]store.Cond, error) {
		p, err := s.Projects.Projects.Load(c, tx, c.Param("id"))
		if err != nil {
			return nil, err
		}
		return []store.Cond{store.Eq("project_id", p.ID)}, nil
	})
}

func (s *Releases) ofChannel(c *api.Call) error {
	path := "channels/" + c.Param("channel") + "/releases"
	if c.Param("id") != "" {
		path = "projects/" + c.Param("id") + "/" + path
	}
	return s.Set.ListWhere(c, path, func(tx *store.Tx) ([]store.Cond, error) {
		ch, err := s.channelOf(c, tx)
		if err != nil {
			return nil, err
		}
		return []store.Cond{store.Eq("channel_id", ch.ID)}, nil
	})
}

// channelOf returns the channel of the path: by ID, or below its project by slug or name too.
func (s *Releases) channelOf(c *api.Call, tx *store.Tx) (*project.Channel, error) {
	if c.Param("id") == "" {
		return s.Projects.Channels.Load(c, tx, c.Param("channel"))
	}
	p, err := s.Projects.Projects.Load(c, tx, c.Param("id"))
	if err != nil {
		return nil, err
	}
	return project.FindChannel(tx, p.ID, c.Param("channel"))
}

func (s *Releases) byVersion(c *api.Call) error {
	var shown json.RawMessage
	err := c.Read(func(tx *store.Tx) error {
		p, err := s.Projects.Projects.Load(c, tx, c.Param("id"))
		if err != nil {
			return err
		}
		if err := c.Require(access.ReleaseView, projectapi.ProjectScope(p)); err != nil {
			return err
		}
		r, err := release.Find(tx, p.ID, c.Param("version"))
		if err != nil {
			return err
		}
		shown, err = s.Set.Show(c, tx, r)
		return err
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, shown)
}
