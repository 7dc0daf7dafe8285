// Package projectapi serves projects with their settings and deployment processes, their groups, their lifecycles and their
// channels. What releases and deployments know comes in by Config. internal/server imports it, the packages that serve what
// belongs to a project (variables, releases, runbooks), and tests.
package projectapi

import (
	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/process"
	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/store"
)

// Config is what other nouns tell about projects. A function that is nil is not asked.
type Config struct {
	// ProjectBusy says, in sentences, why a project cannot be deleted now: deployments are under way.
	ProjectBusy environment.Referrer
	// ProjectDeleting removes what belongs to a project that is deleted: releases, deployments, triggers, runbooks.
	ProjectDeleting func(c *api.Call, tx *store.Tx, p *project.Project) error
	// ChannelUsers say why a channel cannot be deleted: it has releases.
	ChannelUsers []environment.Referrer
	// LastRelease tells about the newest release of a project's channel (of the project where the channel is empty), for the template of the next one; nil where there is none.
	LastRelease func(tx *store.Tx, projectID, channelID string) (*LastRelease, error)
	// ReleaseProcess returns the ID of the process snapshot of a release, for a template that is asked about one.
	ReleaseProcess func(tx *store.Tx, releaseID string) (processID string, err error)
	// HasRunbooks tells whether a project has runbooks.
	HasRunbooks func(tx *store.Tx, projectID string) (bool, error)
}

// LastRelease is what a release tells its successor.
type LastRelease struct {
	Version string
	// Selected are the versions of its packages.
	Selected []SelectedPackage
}

// SelectedPackage is a package with its version in a release.
type SelectedPackage struct{ ActionName, PackageReferenceName, Version string }

// Sets are the registered resources, for those who add verbs to them or look projects up for their callers.
type Sets struct {
	Groups     *api.Set[project.Group]
	Lifecycles *api.Set[project.Lifecycle]
	Projects   *api.Set[project.Project]
	Channels   *api.Set[project.Channel]

	cfg Config
}

// Register serves projects and what they are made of.
func Register(e *api.Engine, cfg Config) *Sets {
	s := &Sets{cfg: cfg}
	s.registerGroups(e)
	s.registerLifecycles(e)
	registerRetention(e)
	s.registerProjects(e)
	s.registerLogo(e)
	s.registerChannels(e)
	s.registerSettings(e)
	s.registerProcesses(e)
	// Nothing of the process is served by the engine itself; it is registered so that a deleted space takes it along.
	api.Register(e, api.Resource[process.Process]{Path: "deploymentprocesses", Where: api.InSpace, Collection: process.Processes(), ItemType: "DeploymentProcess"})
	return s
}

// ProjectScope is what permissions on a project are asked for, and on all that belongs to it and to no environment or tenant.
func ProjectScope(p *project.Project) access.Scope {
	s := access.Whichever(p.SpaceID)
	s.Projects, s.ProjectGroups = []string{p.ID}, []string{p.ProjectGroupID}
	return s
}

// project returns the project of the path, if the caller may see it and holds the permission for it.
func (s *Sets) project(c *api.Call, tx *store.Tx, key string, permission access.Permission) (*project.Project, error) {
	p, err := s.Projects.Load(c, tx, key)
	if err != nil {
		return nil, err
	}
	return p, c.Require(permission, ProjectScope(p))
}
