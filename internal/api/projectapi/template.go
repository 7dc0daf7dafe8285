package projectapi

import (
	"encoding/json"
	"net/http"
	"slices"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/feed"
	"github.com/mantledeploy/mantle/internal/process"
	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/versioning"
)

// Template is what a new release will be asked for: its number and the versions of its packages.
type Template struct {
	DeploymentProcessID            string `json:"DeploymentProcessId"`
	LastReleaseVersion             *string
	NextVersionIncrement           *string
	VersioningPackageStepName      *string
	VersioningPackageReferenceName *string
	Packages                       []TemplatePackage
	GitResources                   []TemplateGitResource
}

// TemplatePackage is a package that a release selects a version of. The members with NuGet are older names.
type TemplatePackage struct {
	StepName                   string
	ActionName                 string
	PackageID                  string `json:"PackageId"`
	NuGetPackageID             string `json:"NuGetPackageId"`
	PackageReferenceName       string
	FeedID                     string `json:"FeedId"`
	NuGetFeedID                string `json:"NuGetFeedId"`
	FeedName                   string
	NuGetFeedName              string
	ProjectName                *string
	VersionSelectedLastRelease *string
	FixedVersion               *string
	// IsResolvable is false where the package or its feed is known only when the release is deployed.
	IsResolvable bool
}

// TemplateGitResource is a repository that a release selects a commit of.
type TemplateGitResource struct {
	Name                           string
	ActionName                     string
	RepositoryURI                  string `json:"RepositoryUri"`
	DefaultBranch                  string
	IsResolvable                   bool
	FilePathFilters                []string
	GitCredentialID                *string `json:"GitCredentialId"`
	GitHubConnectionID             *string `json:"GitHubConnectionId"`
	GitResourceSelectedLastRelease *struct{}
}

func (s *Sets) template(c *api.Call) error {
	var shown json.RawMessage
	err := c.Read(func(tx *store.Tx) error {
		proc, p, err := s.processOf(c, tx, access.ProcessView)
		if err != nil {
			return err
		}
		if proc, err = s.processOfRelease(c, tx, proc); err != nil {
			return err
		}
		ch, err := templateChannel(tx, p, c.Query("channel"))
		if err != nil {
			return err
		}
		t, err := s.MakeTemplate(tx, p, proc, ch)
		if err != nil {
			return err
		}
		shown, err = c.Resource(t, api.Links{"Self": "{s}/deploymentprocesses/" + proc.ID + "/template"})
		return err
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, shown)
}

// processOfRelease returns the snapshot of the release that the query names, or the process itself.
func (s *Sets) processOfRelease(c *api.Call, tx *store.Tx, proc *process.Process) (*process.Process, error) {
	if !c.Has("releaseId") || s.cfg.ReleaseProcess == nil {
		return proc, nil
	}
	id, err := s.cfg.ReleaseProcess(tx, c.Query("releaseId"))
	if err != nil {
		return nil, err
	}
	snapshot, err := process.Processes().Get(tx, id)
	if err == nil && snapshot.ProjectID != proc.ProjectID {
		return nil, fault.NotFound("the release %q was not found in this project", c.Query("releaseId"))
	}
	return snapshot, err
}

func templateChannel(tx *store.Tx, p *project.Project, key string) (*project.Channel, error) {
	if key == "" {
		return project.DefaultChannel(tx, p.ID)
	}
	return project.FindChannel(tx, p.ID, key)
}

// MakeTemplate says what a release of the project in the channel will be asked for.
func (s *Sets) MakeTemplate(tx *store.Tx, p *project.Project, proc *process.Process, ch *project.Channel) (*Template, error) {
	t := &Template{DeploymentProcessID: proc.ID, Packages: []TemplatePackage{}, GitResources: []TemplateGitResource{}}
	last, inChannel, err := s.lastReleases(tx, p.ID, ch.ID)
	if err != nil {
		return nil, err
	}
	if last != nil {
		t.LastReleaseVersion = &last.Version
	}
	if donor := p.VersioningStrategy.DonorPackage; donor != nil {
		t.VersioningPackageStepName, t.VersioningPackageReferenceName = &donor.DeploymentAction, &donor.PackageReference
	} else if text := p.VersioningStrategy.Template; text != nil {
		n := project.Numbering{Last: versionOf(last), LastInChannel: versionOf(inChannel), ChannelName: ch.Name, Now: tx.Now}
		// A template that asks for variables that are known only later leaves the number to whoever creates the release.
		if next, err := n.Next(*text); err == nil {
			t.NextVersionIncrement = &next
		}
	}
	selected := inChannel
	if selected == nil {
		selected = last
	}
	feeds := map[string]string{}
	for _, step := range proc.Steps {
		for _, a := range step.Actions {
			if a.IsDisabled || len(a.Channels) > 0 && !slices.Contains(a.Channels, ch.ID) {
				continue
			}
			if err := t.add(tx, p.SpaceID, step, a, selected, feeds); err != nil {
				return nil, err
			}
		}
	}
	return t, nil
}

func (s *Sets) lastReleases(tx *store.Tx, projectID, channelID string) (last, inChannel *LastRelease, err error) {
	if s.cfg.LastRelease == nil {
		return nil, nil, nil
	}
	if last, err = s.cfg.LastRelease(tx, projectID, ""); err != nil {
		return nil, nil, err
	}
	inChannel, err = s.cfg.LastRelease(tx, projectID, channelID)
	return last, inChannel, err
}

func versionOf(r *LastRelease) versioning.Version {
	if r == nil {
		return nil
	}
	v, err := versioning.Parse(versioning.FormatOctopus, r.Version)
	if err != nil {
		return nil
	}
	return v
}

func (t *Template) add(tx *store.Tx, spaceID string, step process.Step, a process.Action, last *LastRelease, feeds map[string]string) error {
	for _, ref := range a.Packages {
		name, known := feeds[ref.FeedID]
		if !known && !isTemplate(ref.FeedID) {
			f, err := feed.Find(tx, spaceID, ref.FeedID)
			if err != nil && !fault.Is(err, fault.KindNotFound) {
				return err
			}
			if f != nil {
				name = f.Name
			}
			feeds[ref.FeedID] = name
		}
		p := TemplatePackage{
			StepName: step.Name, ActionName: a.Name, PackageID: ref.PackageID, NuGetPackageID: ref.PackageID, PackageReferenceName: ref.Name,
			FeedID: ref.FeedID, NuGetFeedID: ref.FeedID, FeedName: name, NuGetFeedName: name, FixedVersion: ref.Version,
			IsResolvable: !isTemplate(ref.PackageID) && !isTemplate(ref.FeedID),
		}
		if last != nil {
			for i := range last.Selected {
				if last.Selected[i].ActionName == a.Name && last.Selected[i].PackageReferenceName == ref.Name {
					p.VersionSelectedLastRelease = &last.Selected[i].Version
				}
			}
		}
		t.Packages = append(t.Packages, p)
	}
	for _, g := range a.GitDependencies {
		t.GitResources = append(t.GitResources, TemplateGitResource{
			Name: g.Name, ActionName: a.Name, RepositoryURI: g.RepositoryURI, DefaultBranch: g.DefaultBranch, IsResolvable: !isTemplate(g.RepositoryURI),
			FilePathFilters: append([]string{}, g.FilePathFilters...), GitCredentialID: g.GitCredentialID, GitHubConnectionID: g.GitHubConnectionID,
		})
	}
	return nil
}
