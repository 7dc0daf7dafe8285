package server

import (
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/api/accessapi"
	"github.com/mantledeploy/mantle/internal/api/accountapi"
	"github.com/mantledeploy/mantle/internal/api/artifactapi"
	"github.com/mantledeploy/mantle/internal/api/auditapi"
	"github.com/mantledeploy/mantle/internal/api/dashboardapi"
	"github.com/mantledeploy/mantle/internal/api/deploymentapi"
	"github.com/mantledeploy/mantle/internal/api/environmentapi"
	"github.com/mantledeploy/mantle/internal/api/feedapi"
	"github.com/mantledeploy/mantle/internal/api/machineapi"
	"github.com/mantledeploy/mantle/internal/api/projectapi"
	"github.com/mantledeploy/mantle/internal/api/releaseapi"
	"github.com/mantledeploy/mantle/internal/api/spaceapi"
	"github.com/mantledeploy/mantle/internal/api/systemapi"
	"github.com/mantledeploy/mantle/internal/api/taskapi"
	"github.com/mantledeploy/mantle/internal/api/tenantapi"
	"github.com/mantledeploy/mantle/internal/api/variableapi"
	"github.com/mantledeploy/mantle/internal/artifact"
	"github.com/mantledeploy/mantle/internal/deployment"
	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/executor/health"
	"github.com/mantledeploy/mantle/internal/feed"
	"github.com/mantledeploy/mantle/internal/infrastructure"
	"github.com/mantledeploy/mantle/internal/portal"
	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/retention"
	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/task"
	"github.com/mantledeploy/mantle/internal/tenant"
	"github.com/mantledeploy/mantle/internal/variable"
)

// spaceHooks make what a new space begins with, in the order of the nouns.
func (s *Server) spaceHooks() []space.Hook {
	return []space.Hook{infrastructure.SpaceHook, feed.SpaceHook, project.SpaceHook}
}

// handlers carry out the kinds of tasks.
func (s *Server) handlers() map[string]task.Handler {
	return map[string]task.Handler{health.Kind: s.healthChecks(), deployment.Kind: s.deployments(), retention.Kind: s.retentions()}
}

// openFaces registers every noun with the API.
func (s *Server) openFaces() error {
	e := api.New(api.Config{DB: s.db, Keyring: s.keys, Logger: s.log, NodeName: s.cfg.NodeName, TrustedProxies: s.cfg.TrustedProxies, InstallationID: s.installation.UUID, Version: APIVersion})
	s.engine = e
	e.Handle(e.RootOperations()...)
	spaceapi.Register(e, s.spaceHooks())
	accessapi.Register(e)
	auditapi.Register(e)
	systemapi.Register(e, systemapi.Parts{
		Nodes: nodes{s}, Certificate: s.certificate, Storage: showStorage, MasterKey: masterKeys{s}, Settings: s.settings,
		Toggles: map[string]bool{"CommonVariableScopingFeatureToggle": true, "indicate-missing-packages-for-release": true},
	})
	tasks := taskapi.Register(e, taskapi.Config{
		Log: s.taskLog, Rerun: map[string]taskapi.Rerun{deployment.Kind: deploymentapi.Rerun(s.deployer), retention.Kind: repeatRetention},
		Create: map[string]taskapi.Create{retention.Kind: askRetention},
	})
	s.openProjects(tasks, s.openInfrastructure(tasks))
	artifactapi.Register(e, s.files)
	pages, err := portal.New()
	s.portal = pages
	return err
}

// openInfrastructure registers what deployments go to, and for whom.
func (s *Server) openInfrastructure(tasks *taskapi.Tasks) *api.Set[tenant.Tenant] {
	e := s.engine
	environmentapi.Register(e, environmentapi.Config{Referrers: projectapi.EnvironmentUsers()})
	accountapi.Register(e, accountapi.Config{Referrers: projectapi.Users()})
	machineapi.Register(e, machineapi.Config{
		MachineTasks: func(c *api.Call, machineID string) error {
			return tasks.Answer(c, "{s}/machines/"+machineID+"/tasks", task.Filter{Machine: machineID})
		},
		Discover: s.discoverHost,
		OnMachineCreated: func(tx *store.Tx, m *infrastructure.Machine) error {
			return checkSoon(tx, m.SpaceID, m.ID, m.Name)
		},
		OnWorkerCreated: func(tx *store.Tx, w *infrastructure.Worker) error {
			return checkSoon(tx, w.SpaceID, w.ID, w.Name)
		},
		PoolReferrers: projectapi.Users(),
	})
	feedapi.Register(e, feedapi.Config{Repository: s.repository, Referrers: projectapi.Users()})
	tenants, _ := tenantapi.Register(e, tenantapi.Config{
		Referrers: projectapi.Users(), TagReferrers: projectapi.TagUsers(), OnTagRenamed: projectapi.Retag, ProjectsMissing: projectapi.ProjectsMissing,
		OnCloned: func(tx *store.Tx, from, to *tenant.Tenant) error {
			return variable.CloneTenant(tx, from.ID, to.ID, to.SpaceID, s.keys)
		},
		OnDeleting: func(tx *store.Tx, t *tenant.Tenant) error { return variable.RemoveTenant(tx, t.ID) },
	})
	return tenants
}

// openProjects registers what is deployed.
func (s *Server) openProjects(tasks *taskapi.Tasks, tenants *api.Set[tenant.Tenant]) {
	e := s.engine
	projects := projectapi.Register(e, projectapi.Config{
		ProjectBusy: releaseapi.ProjectBusy, LastRelease: releaseapi.LastRelease, ReleaseProcess: releaseapi.ReleaseProcess,
		ProjectDeleting: func(_ *api.Call, tx *store.Tx, p *project.Project) error { return releaseapi.ProjectDeleting(tx, p) },
		ChannelUsers:    []environment.Referrer{releaseapi.ChannelUsed},
	})
	variableapi.Register(e, projects, tenants)
	deployments := deploymentapi.Register(e, deploymentapi.Config{Projects: projects, Tasks: tasks, Deployer: s.deployer})
	releases := releaseapi.Register(e, releaseapi.Config{Projects: projects, Deployments: deployments})
	dashboardapi.Register(e, dashboardapi.Config{Projects: projects, Releases: releases})
}

// keepArtifact stores the document of an artifact.
func (s *Server) keepArtifact(tx *store.Tx, taskID, name, source, key string, size int64) error {
	t, err := task.Get(tx, taskID)
	if err != nil {
		return err
	}
	return artifact.Keep(tx, t.SpaceID, taskID, name, source, key, size)
}
