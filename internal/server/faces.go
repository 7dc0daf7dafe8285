package server

import (
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/api/accessapi"
	"github.com/mantledeploy/mantle/internal/api/accountapi"
	"github.com/mantledeploy/mantle/internal/api/auditapi"
	"github.com/mantledeploy/mantle/internal/api/environmentapi"
	"github.com/mantledeploy/mantle/internal/api/feedapi"
	"github.com/mantledeploy/mantle/internal/api/machineapi"
	"github.com/mantledeploy/mantle/internal/api/projectapi"
	"github.com/mantledeploy/mantle/internal/api/spaceapi"
	"github.com/mantledeploy/mantle/internal/api/systemapi"
	"github.com/mantledeploy/mantle/internal/api/taskapi"
	"github.com/mantledeploy/mantle/internal/api/tenantapi"
	"github.com/mantledeploy/mantle/internal/api/variableapi"
	"github.com/mantledeploy/mantle/internal/deployment"
	"github.com/mantledeploy/mantle/internal/executor/health"
	"github.com/mantledeploy/mantle/internal/feed"
	"github.com/mantledeploy/mantle/internal/infrastructure"
	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/task"
)

// spaceHooks make what a new space begins with, in the order of the nouns.
func (s *Server) spaceHooks() []space.Hook {
	return []space.Hook{infrastructure.SpaceHook, feed.SpaceHook, project.SpaceHook}
}

// handlers carry out the kinds of tasks.
func (s *Server) handlers() map[string]task.Handler {
	return map[string]task.Handler{health.Kind: s.healthChecks(), deployment.Kind: s.deployments()}
}

// openFaces registers every noun with the API.
func (s *Server) openFaces() error {
	e := api.New(api.Config{DB: s.db, Keyring: s.keys, Logger: s.log, NodeName: s.cfg.NodeName, InstallationID: s.installation.UUID, Version: APIVersion})
	s.engine = e
	e.Handle(e.RootOperations()...)
	spaceapi.Register(e, s.spaceHooks())
	accessapi.Register(e)
	auditapi.Register(e)
	systemapi.Register(e, systemapi.Parts{
		Nodes: nodes{s}, Certificate: s.certificate,
		Toggles: map[string]bool{"CommonVariableScopingFeatureToggle": false, "indicate-missing-packages-for-release": true},
	})
	environmentapi.Register(e, environmentapi.Config{Referrers: projectapi.EnvironmentUsers()})
	accountapi.Register(e, accountapi.Config{Referrers: projectapi.Users()})
	tasks := taskapi.Register(e, taskapi.Config{Log: s.taskLog})
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
		MachineReferrers: projectapi.Users(), PoolReferrers: projectapi.Users(),
	})
	feedapi.Register(e, feedapi.Config{Repository: s.repository, Referrers: projectapi.Users()})
	tenantapi.Register(e, tenantapi.Config{Referrers: projectapi.Users()})
	projects := projectapi.Register(e, projectapi.Config{})
	variableapi.Register(e, projects)
	return nil
}

// keepArtifact stores the document of an artifact.
func (s *Server) keepArtifact(tx *store.Tx, taskID, name, source, key string, size int64) error {
	return nil
}
