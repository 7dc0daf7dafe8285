package dashboardapi

import (
	"encoding/json"
	"net/http"
	"slices"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/api/projectapi"
	"github.com/mantledeploy/mantle/internal/dashboard"
	"github.com/mantledeploy/mantle/internal/deployment"
	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/release"
	"github.com/mantledeploy/mantle/internal/store"
)

// Progression tells how far the newest releases of a project have come, as the wire has it.
type Progression struct {
	ID                  string `json:"Id"`
	Environments        []deployment.Reference
	ChannelEnvironments map[string][]deployment.Reference
	Releases            []ReleaseProgression
}

// ReleaseProgression is one release of it.
type ReleaseProgression struct {
	Release json.RawMessage
	Channel json.RawMessage
	// Deployments are by environment, the newest first.
	Deployments             map[string][]dashboard.Item
	NextDeployments         []string
	HasUnresolvedDefect     bool
	ReleaseRetentionPeriod  *project.Retention
	TentacleRetentionPeriod *project.Retention
}

// defaultHistory is how many releases of each channel are told of when the request does not say.
const defaultHistory = 3

func (s boards) progression(c *api.Call) error {
	count, err := c.QueryInt("releaseHistoryCount", defaultHistory)
	if err != nil {
		return err
	}
	var shown json.RawMessage
	err = c.Read(func(tx *store.Tx) error {
		p, err := s.Projects.Projects.Load(c, tx, c.Param("id"))
		if err != nil {
			return err
		}
		if err := c.Require(access.ReleaseView, projectapi.ProjectScope(p)); err != nil {
			return err
		}
		doc, err := s.progressionOf(c, tx, p, min(count, 100))
		if err != nil {
			return err
		}
		shown, err = c.Resource(doc, api.Links{"Self": "{s}/projects/" + p.ID + "/progression"})
		return err
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, shown)
}

func (s boards) progressionOf(c *api.Call, tx *store.Tx, p *project.Project, count int) (*Progression, error) {
	doc := &Progression{ID: p.ID, Environments: []deployment.Reference{}, ChannelEnvironments: map[string][]deployment.Reference{}, Releases: []ReleaseProgression{}}
	all, err := project.EnvironmentsInOrder(tx, p.SpaceID)
	if err != nil {
		return nil, err
	}
	channels, err := project.ChannelsOf(tx, p.ID)
	if err != nil {
		return nil, err
	}
	used := map[string]bool{}
	for _, ch := range channels {
		l, err := project.Lifecycles().Get(tx, ch.LifecycleOf(p))
		if err != nil {
			return nil, err
		}
		doc.ChannelEnvironments[ch.ID] = reached(l, all, used)
		if err := s.releasesOf(c, tx, doc, ch, count); err != nil {
			return nil, err
		}
	}
	for _, e := range all {
		if used[e.ID] {
			doc.Environments = append(doc.Environments, deployment.Reference{ID: e.ID, Name: e.Name})
		}
	}
	return doc, nil
}

// reached are the environments of a lifecycle, in order.
func reached(l *project.Lifecycle, all []*environment.Environment, used map[string]bool) []deployment.Reference {
	var ids []string
	for _, phase := range l.Expanded(all) {
		ids = append(ids, phase.EnvironmentIDs()...)
	}
	list := []deployment.Reference{}
	for _, e := range all {
		if slices.Contains(ids, e.ID) {
			used[e.ID] = true
			list = append(list, deployment.Reference{ID: e.ID, Name: e.Name})
		}
	}
	return list
}

// releasesOf adds the newest releases of a channel.
func (s boards) releasesOf(c *api.Call, tx *store.Tx, doc *Progression, ch *project.Channel, count int) error {
	if count == 0 {
		return nil
	}
	releases, err := release.Releases().Find(tx, store.Query{Where: []store.Cond{store.Eq("channel_id", ch.ID)}, OrderBy: release.Newest(), Take: count})
	if err != nil || len(releases) == 0 {
		return err
	}
	channel, err := s.Projects.Channels.Show(c, tx, ch)
	if err != nil {
		return err
	}
	ids := make([]string, len(releases))
	for i, r := range releases {
		ids[i] = r.ID
	}
	rows, err := deployment.Find{ReleaseIDs: ids}.All(tx)
	if err != nil {
		return err
	}
	for _, r := range releases {
		subject, err := deployment.SubjectOf(tx, r)
		if err != nil {
			return err
		}
		out := ReleaseProgression{Channel: channel, Deployments: map[string][]dashboard.Item{}, NextDeployments: subject.Progression(nil).NextDeployments, HasUnresolvedDefect: subject.Blocked,
			ReleaseRetentionPeriod: subject.Lifecycle.ReleaseRetentionPolicy, TentacleRetentionPeriod: subject.Lifecycle.TentacleRetentionPolicy}
		if out.Release, err = s.Releases.Set.Show(c, tx, r); err != nil {
			return err
		}
		for _, row := range rows {
			if row.ReleaseID == r.ID && c.Principal.Allowed(access.DeploymentView, rowScope(row)) {
				out.Deployments[row.EnvironmentID] = append(out.Deployments[row.EnvironmentID], dashboard.ItemOf(row, tx.Now, c.Link("{s}")))
			}
		}
		doc.Releases = append(doc.Releases, out)
	}
	return nil
}
