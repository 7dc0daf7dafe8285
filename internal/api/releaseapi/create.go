package releaseapi

import (
	"net/http"
	"strings"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/api/deploymentapi"
	"github.com/mantledeploy/mantle/internal/audit"
	"github.com/mantledeploy/mantle/internal/deployment"
	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/release"
	"github.com/mantledeploy/mantle/internal/store"
)

func (s *Releases) create(c *api.Call) error {
	ignore, err := c.QueryBool("ignoreChannelRules")
	if err != nil {
		return err
	}
	if _, err := c.Body(); err != nil {
		return err
	}
	draft := func(tx *store.Tx) (d release.Draft, err error) {
		var in release.Release
		if err := c.Decode(&in); err != nil {
			return d, err
		}
		if in.ProjectID == "" {
			return d, fault.Invalid("the release has no ProjectId; name the project that it is of")
		}
		d = release.Draft{Version: strings.TrimSpace(in.Version), Notes: in.ReleaseNotes, CustomFields: in.CustomFields, GitResources: in.SelectedGitResources, BuildInfo: in.BuildInformation,
			Choice: release.Choice{Selected: in.SelectedPackages, IgnoreRules: ignore || in.IgnoreChannelRules}}
		return d, s.place(c, tx, &d, in.ProjectID, in.ChannelID)
	}
	return s.makeFrom(c, draft, func(tx *store.Tx, r *release.Release, _ bool) (api.Reply, error) {
		shown, err := s.Set.Show(c, tx, r)
		return api.Reply{Status: http.StatusCreated, Body: shown, Location: c.Link("{s}/releases/" + r.ID)}, err
	})
}

// place finds the project and the channel of a draft, and whether the caller may make releases there.
func (s *Releases) place(c *api.Call, tx *store.Tx, d *release.Draft, projectKey, channelKey string) (err error) {
	if d.Project, err = s.Deployments.Project(c, tx, projectKey); err != nil {
		return err
	}
	if channelKey != "" {
		if d.Channel, err = channel(tx, d.Project, channelKey); err != nil {
			return err
		}
	}
	scope := access.Whichever(d.Project.SpaceID)
	scope.Projects, scope.ProjectGroups = []string{d.Project.ID}, []string{d.Project.ProjectGroupID}
	return c.Require(access.ReleaseCreate, scope)
}

// Command creates a release; everything is named by its name or its ID.
type Command struct {
	SpaceID               string `json:"SpaceId"`
	ProjectName           string
	PackageVersion        string
	Packages              []string
	GitRef, GitCommit     string
	GitResources          []string
	ReleaseVersion        string
	ChannelName           string
	ReleaseNotes          *string
	IgnoreIfAlreadyExists bool
	IgnoreChannelRules    bool
	PackagePrerelease     string
	CustomFields          map[string]string
}

// Created names the release that a command has made or found.
type Created struct {
	ReleaseID      string `json:"ReleaseId"`
	ReleaseVersion string
	// AutomaticallyDeployedEnvironments are the names of the environments that it goes to by itself, with commas between.
	AutomaticallyDeployedEnvironments string
}

func (s *Releases) createByName(c *api.Call) error {
	if _, err := c.Body(); err != nil {
		return err
	}
	draft := func(tx *store.Tx) (d release.Draft, err error) {
		var in Command
		if err := c.Decode(&in); err != nil {
			return d, err
		}
		if in.GitRef != "" || in.GitCommit != "" || len(in.GitResources) > 0 {
			return d, fault.Unsupported("the command names a Git reference; the projects of this server are kept in its database: leave gitRef, gitCommit and gitResources out")
		}
		d = release.Draft{Version: strings.TrimSpace(in.ReleaseVersion), Notes: in.ReleaseNotes, CustomFields: in.CustomFields, TakeExisting: in.IgnoreIfAlreadyExists,
			Choice: release.Choice{Default: in.PackageVersion, Specs: in.Packages, Prerelease: in.PackagePrerelease, IgnoreRules: in.IgnoreChannelRules}}
		return d, s.place(c, tx, &d, in.ProjectName, in.ChannelName)
	}
	return s.makeFrom(c, draft, func(tx *store.Tx, r *release.Release, existed bool) (api.Reply, error) {
		out := Created{ReleaseID: r.ID, ReleaseVersion: r.Version}
		if existed {
			return api.Reply{Status: http.StatusOK, Body: out}, nil
		}
		environments, err := deployedAlready(tx, r)
		out.AutomaticallyDeployedEnvironments = environments
		return api.Reply{Status: http.StatusCreated, Body: out, Location: c.Link("{s}/releases/" + r.ID)}, err
	})
}

func channel(tx *store.Tx, p *project.Project, key string) (*project.Channel, error) {
	ch, err := project.FindChannel(tx, p.ID, key)
	if fault.Is(err, fault.KindNotFound) {
		return nil, fault.Invalid("the project %q has no channel %q; name one of its channels, or leave the channel out for the default one", p.Name, key).Because(err)
	}
	return ch, err
}

// makeFrom asks the feeds elsewhere for what a draft wants of them, outside of any transaction, then makes the release and answers with what reply says.
func (s *Releases) makeFrom(c *api.Call, draft func(tx *store.Tx) (release.Draft, error), reply func(tx *store.Tx, r *release.Release, existed bool) (api.Reply, error)) error {
	known, err := s.askElsewhere(c, draft)
	if err != nil {
		return err
	}
	return c.Write(func(tx *store.Tx) (api.Reply, error) {
		d, err := draft(tx)
		if err != nil {
			return api.Reply{}, err
		}
		d.Choice.Known = known
		r, existed, err := s.make(c, tx, d)
		if err != nil {
			return api.Reply{}, err
		}
		return reply(tx, r, existed)
	})
}

// make makes the release, tells the audit, and lets it go where its lifecycle sends it.
func (s *Releases) make(c *api.Call, tx *store.Tx, d release.Draft) (*release.Release, bool, error) {
	// One release of a project at a time: the next one counts from it.
	if _, err := project.Projects().GetForUpdate(tx, d.Project.ID); err != nil {
		return nil, false, err
	}
	d.Author = c.Actor.Username
	r, existed, err := d.Make(tx)
	if err != nil || existed {
		return r, existed, err
	}
	err = c.Record(tx, audit.Entry{Category: audit.Created, DocumentID: r.ID, DocumentType: "Releases", Message: "Release " + r.Version + " of " + d.Project.Name + " was created",
		Subjects: []audit.Subject{{ID: r.ID, Name: r.Version}, {ID: d.Project.ID, Name: d.Project.Name}}, Related: []string{r.ChannelID}})
	if err != nil {
		return nil, false, err
	}
	return r, false, deploymentapi.As(c, s.Deployments.Deployer).ReleaseCreated(tx, r)
}

// deployedAlready names the environments that a new release goes to by itself.
func deployedAlready(tx *store.Tx, r *release.Release) (string, error) {
	rows, err := deployment.Find{ReleaseID: r.ID}.All(tx)
	var names []string
	for _, row := range rows {
		e, err := environment.Environments().Get(tx, row.EnvironmentID)
		if err != nil {
			return "", err
		}
		names = append(names, e.Name)
	}
	return strings.Join(names, ","), err
}
