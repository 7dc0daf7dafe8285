// Package server is one node, assembled: it opens, wires, starts and stops everything in order, by hand. It is the only package that sees
// all others; cmd/mantle imports it.
//
// Start: data directory, database, addresses; schema, master key, installation, stores; membership of the cluster; agents; API;
// tasks; administrator; then ready. What can be refused is asked for first, so that a start that fails has made nothing.
// Stop (the end of Run's context): ping says 418, tasks are let go of at their next safe point, requests are served for
// the settings' grace where there are other nodes, streams end, agents' connections close, the node leaves the cluster, the database closes. Scripts run on.
package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/blob"
	"github.com/mantledeploy/mantle/internal/cluster"
	"github.com/mantledeploy/mantle/internal/cluster/storage"
	"github.com/mantledeploy/mantle/internal/config"
	"github.com/mantledeploy/mantle/internal/deployment"
	"github.com/mantledeploy/mantle/internal/executor"
	"github.com/mantledeploy/mantle/internal/feed"
	"github.com/mantledeploy/mantle/internal/metrics"
	"github.com/mantledeploy/mantle/internal/portal"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/task"
	"github.com/mantledeploy/mantle/internal/task/tasklog"
)

// APIVersion is the version of Octopus Server that clients are told: they compare it with what they need.
const APIVersion = "2026.2.1000"

// Server is one node.
type Server struct {
	cfg  config.Config
	log  *slog.Logger
	tell io.Writer

	epoch        string
	db           *store.DB
	keys         *secret.Keyring
	installation *cluster.Installation
	open         blob.Opener
	files        *storage.Files
	repository   *feed.Repository
	member       *cluster.Member
	agents       *agents
	worker       *worker
	executor     *executor.Executor
	deployer     *deployment.Deployer
	tasks        *task.Runner
	taskLog      *tasklog.Log
	engine       *api.Engine
	metrics      *metrics.Set
	portal       *portal.Handler
	ports        ports
	draining     chan struct{}
	drained      sync.Once

	// undo closes what was opened, the last one first.
	undo []func() error
}

// runOnce is one membership of the cluster: Run, until ctx ends or the node's epoch is retired.
func runOnce(ctx context.Context, cfg *config.Config, open blob.Opener, log *slog.Logger, tell io.Writer) (err error) {
	s := &Server{cfg: *cfg, open: open, log: log, tell: tell, draining: make(chan struct{}), epoch: cluster.NewEpoch()}
	defer func() { err = errors.Join(err, s.close()) }()
	started := time.Now()
	if err := s.openDatabase(ctx); err != nil {
		return err
	}
	if err := s.listen(); err != nil {
		return err
	}
	s.keepPorts(cfg)
	first, err := s.openGround(ctx)
	if err != nil {
		return err
	}
	if err := s.openMembership(ctx); err != nil {
		return err
	}
	if err := s.openWork(); err != nil {
		return err
	}
	if err := s.seed(ctx, first); err != nil {
		return err
	}
	w, err := s.web()
	if err != nil {
		return err
	}
	s.watch()
	return s.serve(ctx, w, first, started)
}

// closeLater registers what close undoes.
func (s *Server) closeLater(f func() error) { s.undo = append(s.undo, f) }

func (s *Server) close() error {
	var errs []error
	for i := len(s.undo) - 1; i >= 0; i-- {
		errs = append(errs, s.undo[i]())
	}
	return errors.Join(errs...)
}

// openDatabase makes sure of the data directory, and opens the database: a SQLite file is this process's alone from here on.
func (s *Server) openDatabase(ctx context.Context) (err error) {
	s.openMetrics()
	if err := makeWritable(string(s.cfg.DataDir)); err != nil {
		return err
	}
	s.db, err = store.Open(ctx, store.Options{
		URL: s.cfg.Database.URL.Reveal(), Application: cluster.SessionName(s.cfg.NodeName, s.epoch), MaxConnections: int(s.cfg.DatabaseConnections),
		Observe: s.metrics.Database.Transaction, Logger: s.log,
	})
	if err != nil {
		return err
	}
	s.closeLater(s.db.Close)
	return s.lockHome()
}

// packageGrace is how long the file of a package that was replaced stays: a deployment that has looked it up fetches it within that.
const packageGrace = 10 * time.Minute

// openGround brings the schema up to date, and opens the keys and the file store. It returns what the first start has made.
func (s *Server) openGround(ctx context.Context) (*firstStart, error) {
	if err := s.migrate(ctx); err != nil {
		return nil, err
	}
	first := &firstStart{}
	master, err := s.masterKey(ctx, first)
	if err != nil {
		return nil, err
	}
	s.keys = secret.NewKeyring(master)
	if err := s.openInstallation(ctx, first); err != nil {
		return nil, err
	}
	if err := s.openStorage(ctx); err != nil {
		return nil, err
	}
	s.repository = &feed.Repository{Blobs: s.files, Logger: s.log, Grace: packageGrace}
	s.taskLog = tasklog.New(s.db, s.files)
	return first, nil
}

func (s *Server) openMembership(ctx context.Context) error {
	if err := s.claimHome(ctx); err != nil {
		return err
	}
	address, err := s.internalAddress(ctx)
	if err != nil {
		return err
	}
	m, err := cluster.Join(ctx, s.db, cluster.Config{Name: s.cfg.NodeName, Address: address, Epoch: s.epoch, Version: productVersion(), TaskCap: int(s.cfg.TaskCap), Metrics: s.metrics.Cluster, Logger: s.log})
	if err != nil {
		return err
	}
	s.member = m
	s.closeLater(func() error {
		leave, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		return m.Leave(leave)
	})
	if err := s.signHome(); err != nil {
		return err
	}
	s.files.Join(ctx, m)
	return nil
}

// serve runs every part until ctx ends or one of them fails, then stops them in order.
func (s *Server) serve(ctx context.Context, web *web, first *firstStart, started time.Time) error {
	failed := make(chan error, 8)
	beats, stopBeats := context.WithCancel(context.Background())
	works, stopWorks := context.WithCancel(context.Background())
	var beating, working sync.WaitGroup
	part := func(group *sync.WaitGroup, ctx context.Context, name string, run func(context.Context) error) {
		group.Go(func() {
			if err := run(ctx); err != nil && ctx.Err() == nil {
				failed <- fmt.Errorf("%s: %w", name, err)
			}
		})
	}
	part(&beating, beats, "membership", s.member.Run)
	part(&beating, beats, "agents", s.agents.run)
	part(&beating, beats, "relay", s.agents.relays.run)
	part(&beating, beats, "HTTP", web.run)
	part(&beating, beats, "metrics", s.serveMetrics)
	part(&beating, beats, "file store", s.keepStorage)
	part(&beating, beats, "master key", s.keepMasterKey)
	part(&beating, beats, "tidying", func(ctx context.Context) error { s.engine.RunTidy(ctx, 10*time.Second); return nil })
	part(&working, works, "tasks", s.tasks.Run)
	part(&working, works, "duties", s.duties)
	s.announce(web, first, started)
	var err error
	select {
	case <-ctx.Done():
		s.log.Info("stopping: tasks are let go of, scripts run on")
	case err = <-failed:
	}
	stopping := time.Now()
	s.drained.Do(func() { close(s.draining) })
	s.member.SetStopping()
	stopWorks()
	working.Wait()
	if err == nil {
		s.linger(stopping)
	}
	s.engine.Stop()
	web.shutDown()
	stopBeats()
	beating.Wait()
	return err
}
