package projectapi

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/tenant"
	"github.com/mantledeploy/mantle/versioning"
)

func (s *Sets) registerChannels(e *api.Engine) {
	s.Channels = api.Register(e, api.Resource[project.Channel]{
		Path: "channels", Where: api.InSpace, Collection: project.Channels(), RootLink: "Channels",
		View: access.ProcessView, Create: access.ProcessEdit, Edit: access.ProcessEdit, Delete: access.ProcessEdit,
		Scope: func(ch *project.Channel) access.Scope {
			scope := access.Whichever(ch.SpaceID)
			scope.Projects, scope.ProjectGroups = []string{ch.ProjectID}, []string{ch.ProjectGroupID}
			return scope
		},
		Filters: []api.Filter{api.OneOf("projectId", "project_id")},
		Prepare: s.prepareChannel, Validate: validateChannel, Written: channelWritten, Referrers: s.channelReferrers,
		Related: func(ch *project.Channel) []string { return []string{ch.ProjectID} },
		Links: func(_ *api.Call, ch *project.Channel) api.Links {
			of := "{s}/projects/" + ch.ProjectID
			return api.Links{"Project": of, "Projects": of, "Releases": "{s}/channels/" + ch.ID + "/releases{?skip,take,searchByVersion}"}
		},
	})
	e.AddLink("VersionRuleTest", "{s}/channels/rule-test{?version,versionRange,preReleaseTag,feedType}")
	page := []string{"skip", "take", "ids", "partialName", "name"}
	one := func(method string, permission access.Permission, summary string, handler func(*api.Call) error) api.Operation {
		return api.Operation{Method: method, Path: "projects/{id}/channels/{channel}", Where: api.InSpace, Permission: permission, Summary: summary, Out: project.Channel{}, Handler: handler}
	}
	e.Handle(
		api.Operation{Method: http.MethodGet, Path: "projects/{id}/channels", Where: api.InSpace, Permission: access.ProcessView, Summary: "List the channels of a project, page by page",
			Out: project.Channel{}, List: true, Queries: page, Handler: s.channelsOfProject},
		api.Operation{Method: http.MethodPost, Path: "projects/{id}/channels", Where: api.InSpace, Permission: access.ProcessEdit, Summary: "Create a channel of a project",
			In: project.Channel{}, Out: project.Channel{}, Handler: s.createChannel},
		one(http.MethodGet, access.ProcessView, "Get a channel of a project by ID, slug or name", s.getChannel),
		one(http.MethodPut, access.ProcessEdit, "Replace a channel of a project", s.putChannel),
		one(http.MethodDelete, access.ProcessEdit, "Delete a channel of a project", s.deleteChannel),
		api.Operation{Method: http.MethodGet, Path: "channels/rule-test", Where: api.InSpace, Permission: access.ProcessView, Summary: "Try a version against a channel's rule",
			Out: RuleTested{}, Queries: []string{"version", "versionRange", "preReleaseTag", "feedType", "feedId", "projectId", "actions"}, Handler: testRule},
		api.Operation{Method: http.MethodPost, Path: "channels/rule-test", Where: api.InSpace, Permission: access.ProcessView, Summary: "Try a version against a channel's rule",
			In: RuleTest{}, Out: RuleTested{}, Handler: testRule},
	)
}

func (s *Sets) prepareChannel(c *api.Call, tx *store.Tx, ch, old *project.Channel) error {
	if err := ch.Prepare(tx, old); err != nil {
		return err
	}
	if ch.ProjectID == "" {
		return fault.Invalid("the channel has no ProjectId; name the project that it belongs to")
	}
	p, err := s.Projects.Load(c, tx, ch.ProjectID)
	if fault.Is(err, fault.KindNotFound) {
		return fault.Invalid("ProjectId names the project %q, which does not exist in this space", ch.ProjectID)
	} else if err != nil {
		return err
	}
	ch.ProjectID, ch.ProjectGroupID = p.ID, p.ProjectGroupID
	ch.TenantTags, err = tenant.Canonical(tx, ch.SpaceID, ch.TenantTags)
	return err
}

func validateChannel(_ *api.Call, tx *store.Tx, ch, old *project.Channel) ([]string, error) {
	found := ch.Validate()
	if old != nil && old.IsDefault && !ch.IsDefault {
		found = append(found, fmt.Sprintf("the channel %q is the default of its project; make another channel the default instead", ch.Name))
	}
	if ch.LifecycleID == nil {
		return found, nil
	}
	missing, err := environment.Missing(tx, project.Lifecycles(), ch.SpaceID, "LifecycleId", *ch.LifecycleID)
	return append(found, missing...), err
}

// channelWritten leaves a project one default channel.
func channelWritten(_ *api.Call, tx *store.Tx, ch, _ *project.Channel) error {
	if !ch.IsDefault {
		return nil
	}
	if _, err := project.Projects().GetForUpdate(tx, ch.ProjectID); err != nil {
		return err
	}
	return ch.TakeDefault(tx)
}

func (s *Sets) channelReferrers(_ *api.Call, tx *store.Tx, ch *project.Channel) ([]string, error) {
	found, err := environment.Referrers(tx, ch.ID, append(Users(), s.cfg.ChannelUsers...))
	if ch.IsDefault {
		found = append(found, "it is the default channel of its project; make another channel the default first")
	}
	return found, err
}

func (s *Sets) channelsOfProject(c *api.Call) error {
	return s.Channels.ListWhere(c, "projects/"+c.Param("id")+"/channels", func(tx *store.Tx) ([]store.Cond, error) {
		p, err := s.Projects.Load(c, tx, c.Param("id"))
		if err != nil {
			return nil, err
		}
		return []store.Cond{store.Eq("project_id", p.ID)}, nil
	})
}

func (s *Sets) createChannel(c *api.Call) error {
	if _, err := c.Body(); err != nil {
		return err
	}
	return c.Write(func(tx *store.Tx) (api.Reply, error) {
		p, err := s.Projects.Load(c, tx, c.Param("id"))
		if err != nil {
			return api.Reply{}, err
		}
		ch := &project.Channel{}
		if err := c.Decode(ch); err != nil {
			return api.Reply{}, err
		}
		ch.ProjectID = p.ID
		if err := s.Channels.Insert(c, tx, ch); err != nil {
			return api.Reply{}, err
		}
		shown, err := s.Channels.Show(c, tx, ch)
		return api.Reply{Status: http.StatusCreated, Body: shown, Location: c.Link("{s}/channels/" + ch.ID)}, err
	})
}

// channelOf returns the channel of the path: by ID, slug or name, in its project.
func (s *Sets) channelOf(c *api.Call, tx *store.Tx) (*project.Channel, error) {
	p, err := s.Projects.Load(c, tx, c.Param("id"))
	if err != nil {
		return nil, err
	}
	ch, err := project.FindChannel(tx, p.ID, c.Param("channel"))
	if err != nil {
		return nil, err
	}
	return s.Channels.Load(c, tx, ch.ID)
}

func (s *Sets) getChannel(c *api.Call) error {
	var shown any
	err := c.Read(func(tx *store.Tx) error {
		ch, err := s.channelOf(c, tx)
		if err != nil {
			return err
		}
		shown, err = s.Channels.Show(c, tx, ch)
		return err
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, shown)
}

func (s *Sets) putChannel(c *api.Call) error {
	if _, err := c.Body(); err != nil {
		return err
	}
	return c.Write(func(tx *store.Tx) (api.Reply, error) {
		found, err := s.channelOf(c, tx)
		if err != nil {
			return api.Reply{}, err
		}
		old, err := s.Channels.LoadForUpdate(c, tx, found.ID, access.ProcessEdit)
		if err != nil {
			return api.Reply{}, err
		}
		ch := &project.Channel{}
		if err := c.Decode(ch); err != nil {
			return api.Reply{}, err
		}
		if err := s.Channels.Replace(c, tx, ch, old); err != nil {
			return api.Reply{}, err
		}
		shown, err := s.Channels.Show(c, tx, ch)
		return api.Reply{Body: shown}, err
	})
}

func (s *Sets) deleteChannel(c *api.Call) error {
	return c.Write(func(tx *store.Tx) (api.Reply, error) {
		found, err := s.channelOf(c, tx)
		if err != nil {
			return api.Reply{}, err
		}
		ch, err := s.Channels.LoadForUpdate(c, tx, found.ID, access.ProcessEdit)
		if err != nil {
			return api.Reply{}, err
		}
		return api.Reply{Body: struct{}{}}, s.Channels.Remove(c, tx, ch)
	})
}

// RuleTest asks whether a channel's rule takes a version.
type RuleTest struct{ Version, VersionRange, PreReleaseTag, FeedType string }

// RuleTested is the answer.
type RuleTested struct {
	SatisfiesVersionRange  bool
	SatisfiesPreReleaseTag bool
	Errors                 []string
}

func testRule(c *api.Call) error {
	in := RuleTest{c.Query("version"), c.Query("versionRange"), c.Query("preReleaseTag"), c.Query("feedType")}
	if c.Request.Method == http.MethodPost {
		if err := c.Decode(&in); err != nil {
			return err
		}
	}
	return c.JSON(http.StatusOK, in.run())
}

func (t RuleTest) run() RuleTested {
	out := RuleTested{Errors: []string{}}
	format := formatOf(t.FeedType)
	v, err := versioning.Parse(format, t.Version)
	if err != nil {
		out.Errors = append(out.Errors, err.Error())
		return out
	}
	ask := func(rangeText, tag string) bool {
		rule, err := versioning.ParseChannelRule(format, rangeText, tag)
		if err != nil {
			out.Errors = append(out.Errors, err.Error())
			return false
		}
		return rule.Allows(v)
	}
	out.SatisfiesVersionRange, out.SatisfiesPreReleaseTag = ask(t.VersionRange, ""), ask("", t.PreReleaseTag)
	return out
}

// formatOf returns how packages of a feed type are numbered.
func formatOf(feedType string) versioning.Format {
	switch strings.ToLower(feedType) {
	case "maven":
		return versioning.FormatMaven
	case "docker", "awselasticcontainerregistry", "azurecontainerregistry", "googlecontainerregistry":
		return versioning.FormatDocker
	}
	return versioning.FormatSemver
}
