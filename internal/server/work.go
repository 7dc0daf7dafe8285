package server

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/mantledeploy/mantle/internal/api/deploymentapi"
	"github.com/mantledeploy/mantle/internal/audit"
	"github.com/mantledeploy/mantle/internal/executor"
	"github.com/mantledeploy/mantle/internal/executor/acquire"
	"github.com/mantledeploy/mantle/internal/executor/health"
	"github.com/mantledeploy/mantle/internal/infrastructure"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/task"
)

// openWork wires what carries tasks out, and the faces.
func (s *Server) openWork() error {
	if err := s.openAgents(); err != nil {
		return err
	}
	if err := s.openWorker(); err != nil {
		return err
	}
	carried, err := newTools()
	if err != nil {
		return err
	}
	s.executor = executor.New(executor.Config{
		WorkerPatience: time.Duration(s.cfg.WorkerPatience),
		Keys:           s.keys, TicketKey: s.installation.TicketKey, Files: s.files, Tools: carried, Packages: acquire.New(acquire.Config{DB: s.db, Repository: s.repository, Keys: s.keys, Logger: s.log}),
		KeepArtifact: s.keepArtifact, Logger: s.log,
	})
	s.deployer = deploymentapi.NewDeployer(s.keys, s.scheme()+shownAddress(string(s.cfg.Listen)))
	s.tasks = task.NewRunner(task.Config{DB: s.db, Member: s.member, Handlers: s.handlers(), Metrics: s.metrics.Tasks, Logger: s.log})
	return s.openFaces()
}

// healthChecks is the handler of health check tasks.
func (s *Server) healthChecks() *health.Handler {
	return health.New(health.Config{Subjects: s.checkSubjects, Changed: noteHealth, Logger: s.log})
}

// noteHealth writes that a machine's health is another one now.
func noteHealth(tx *store.Tx, subject health.Subject, before string, now infrastructure.Health) error {
	category := audit.MachineHealthy
	switch now.Status {
	case infrastructure.Unavailable:
		category = audit.MachineUnavailable
	case infrastructure.Unhealthy:
		category = audit.MachineUnhealthy
	case infrastructure.HasWarnings:
		category = audit.MachineHasWarnings
	}
	h, err := host(tx, subject.ID, subject.Worker)
	if err != nil {
		return err
	}
	spaceID, err := spaceOf(tx, subject)
	if err != nil {
		return err
	}
	_, err = audit.Record(tx, audit.Entry{
		SpaceID: spaceID, Category: category, DocumentID: subject.ID, Message: fmt.Sprintf("%s is %s (before: %s). %s", h.Name, now.Status, before, now.Summary),
		Subjects: []audit.Subject{{ID: subject.ID, Name: h.Name}},
	})
	return err
}

func spaceOf(tx *store.Tx, subject health.Subject) (string, error) {
	if subject.Worker {
		w, err := infrastructure.Workers().Get(tx, subject.ID)
		if err != nil {
			return "", err
		}
		return w.SpaceID, nil
	}
	m, err := infrastructure.Machines().Get(tx, subject.ID)
	if err != nil {
		return "", err
	}
	return m.SpaceID, nil
}

// discoverHost is discover for the API, which has host and port apart.
func (s *Server) discoverHost(ctx context.Context, name string, port int) (string, error) {
	return s.discover(ctx, net.JoinHostPort(name, strconv.Itoa(port)))
}
