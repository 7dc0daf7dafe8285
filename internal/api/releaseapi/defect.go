package releaseapi

import (
	"encoding/json"
	"net/http"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/audit"
	"github.com/mantledeploy/mantle/internal/release"
	"github.com/mantledeploy/mantle/internal/store"
)

func (s *Releases) registerDefects(e *api.Engine) {
	const path = "releases/{id}/defects"
	list := api.Operation{Method: http.MethodGet, Path: path, Where: api.InSpace, Permission: access.ReleaseView, Summary: "List the defects of a release", Out: release.Defect{}, List: true, Handler: s.defects}
	e.Handle(list,
		api.Operation{Method: http.MethodPost, Path: path, Where: api.InSpace, Permission: access.DefectReport, Summary: "Keep a release from going on to further phases",
			In: release.Defect{}, Out: release.Defect{}, Handler: s.block},
		api.Operation{Method: http.MethodPost, Path: path + "/resolve", Where: api.InSpace, Permission: access.DefectResolve, Summary: "Let a release go on again", Out: release.Defect{}, Handler: s.unblock},
	)
	// Nothing of defects is served by the engine itself; they are registered so that a deleted space takes them along.
	api.Register(e, api.Resource[release.Defect]{Path: "defects", Where: api.InSpace, Collection: release.Defects(), ItemType: "Defect"})
}

func showDefect(c *api.Call, d *release.Defect) (json.RawMessage, error) {
	return c.Resource(d, api.Links{"Self": "{s}/releases/" + d.ReleaseID + "/defects", "Release": "{s}/releases/" + d.ReleaseID})
}

func (s *Releases) defects(c *api.Call) error {
	page, err := c.Paging()
	if err != nil {
		return err
	}
	items := []json.RawMessage{}
	total := 0
	err = c.Read(func(tx *store.Tx) error {
		items = items[:0]
		r, err := s.Set.Load(c, tx, c.Param("id"))
		if err != nil {
			return err
		}
		of := store.Eq("release_id", r.ID)
		if total, err = release.Defects().Count(tx, of); err != nil || page.Take == 0 {
			return err
		}
		found, err := release.Defects().Find(tx, store.Query{Where: []store.Cond{of}, Skip: page.Skip, Take: page.Take})
		for _, d := range found {
			text, err := showDefect(c, d)
			if err != nil {
				return err
			}
			items = append(items, text)
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, c.Page("Defect", "{s}/releases/"+c.Param("id")+"/defects", []string{"skip", "take"}, page, total, items))
}

func (s *Releases) block(c *api.Call) error {
	if _, err := c.Body(); err != nil {
		return err
	}
	return c.Write(func(tx *store.Tx) (api.Reply, error) {
		var in release.Defect
		if err := c.Decode(&in); err != nil {
			return api.Reply{}, err
		}
		r, err := s.Set.LoadForUpdate(c, tx, c.Param("id"), access.DefectReport)
		if err != nil {
			return api.Reply{}, err
		}
		d, err := r.Block(tx, in.Description)
		if err != nil {
			return api.Reply{}, err
		}
		shown, err := showDefect(c, d)
		if err != nil {
			return api.Reply{}, err
		}
		return api.Reply{Status: http.StatusCreated, Body: shown}, recordDefect(c, tx, r, audit.ReleaseBlocked, "Release "+r.Version+" was blocked: "+d.Description)
	})
}

func (s *Releases) unblock(c *api.Call) error {
	return c.Write(func(tx *store.Tx) (api.Reply, error) {
		r, err := s.Set.LoadForUpdate(c, tx, c.Param("id"), access.DefectResolve)
		if err != nil {
			return api.Reply{}, err
		}
		d, err := r.Unblock(tx)
		if err != nil {
			return api.Reply{}, err
		}
		shown, err := showDefect(c, d)
		if err != nil {
			return api.Reply{}, err
		}
		return api.Reply{Body: shown}, recordDefect(c, tx, r, audit.ReleaseUnblocked, "Release "+r.Version+" was unblocked")
	})
}

func recordDefect(c *api.Call, tx *store.Tx, r *release.Release, category audit.Category, message string) error {
	return c.Record(tx, audit.Entry{Category: category, DocumentID: r.ID, DocumentType: "Releases", Message: message,
		Subjects: []audit.Subject{{ID: r.ID, Name: r.Version}}, Related: []string{r.ProjectID, r.ChannelID}})
}
