// Package agent is what runs on a target or a worker: it listens for servers, or polls them, and answers what a
// Tentacle answers. Its sub-packages run scripts (script, shim, workspace, outputlog, isolation) and move files
// (transfer).
//
// It reads no configuration file and registers nowhere: internal/agent/setup does. It never imports the store, the
// API or a product package, so that the agent's program stays small. cmd/mantle-agent and internal/agent/setup
// import it.
package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"sync"
	"time"

	"github.com/mantledeploy/mantle/halibut"
	"github.com/mantledeploy/mantle/internal/agent/script"
	"github.com/mantledeploy/mantle/internal/agent/transfer"
	"github.com/mantledeploy/mantle/internal/agent/workspace"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/tentacle/contract"
)

// Agent is one running agent.
type Agent struct {
	cfg      Config
	trust    *halibut.Trust
	scripts  *script.Runner
	services *halibut.Services
	polling  polling

	mu sync.Mutex
	// listening is the address in use, once it is.
	listening net.Addr
}

// New checks the configuration and makes an agent. It opens nothing before Run.
func New(cfg Config) (*Agent, error) {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if !filepath.IsAbs(cfg.Home) {
		return nil, fault.Invalid("the agent's home %q is not an absolute path; configure one", cfg.Home)
	}
	if len(cfg.Certificate.Certificate) == 0 {
		return nil, fault.Invalid("the agent has no certificate; make one with new-certificate")
	}
	if cfg.ListenAddress == "" && cfg.Listener == nil && len(cfg.Polling) == 0 {
		return nil, fault.Invalid("the agent neither listens nor polls a server; configure a port, or register it with a server")
	}
	trust, err := halibut.NewTrust(cfg.TrustedThumbprints...)
	if err != nil {
		return nil, fmt.Errorf("trusted servers: %w", err)
	}
	executable, err := program()
	if err != nil {
		return nil, err
	}
	if err := errors.Join(durationFrom("TENTACLE_WORKSPACE_CLEANER_DELAY", &cfg.CleanDelay),
		durationFrom("TENTACLE_WORKSPACE_CLEANER_DELETE_OLDER_THAN", &cfg.CleanAge)); err != nil {
		return nil, err
	}
	a := &Agent{cfg: cfg, trust: trust, polling: polling{changed: make(chan struct{}, 1)}}
	if a.scripts, err = script.NewRunner(scriptConfig(cfg, executable)); err != nil {
		return nil, err
	}
	if a.services, err = a.makeServices(); err != nil {
		return nil, err
	}
	if err := a.Reload(cfg.TrustedThumbprints, cfg.Polling); err != nil {
		return nil, err
	}
	return a, nil
}

func (a *Agent) makeServices() (*halibut.Services, error) {
	registry, err := contract.Registry()
	if err != nil {
		return nil, err
	}
	all := []halibut.Service{{Name: contract.CapabilitiesService, ClrType: "Octopus.Tentacle.Services.Capabilities.CapabilitiesServiceV2",
		Methods: map[string]any{"GetCapabilities": capabilities}}}
	all = append(all, a.scripts.Services()...)
	all = append(all, transfer.New(a.cfg.Home).Services()...)
	return halibut.NewServices(halibut.ServicesConfig{Registry: registry, Services: all, UnknownService: unknownService})
}

func capabilities(context.Context) (*contract.CapabilitiesResponseV2, error) {
	return &contract.CapabilitiesResponseV2{SupportedCapabilities: []string{
		contract.ScriptServiceV1, contract.FileTransferService, contract.ScriptServiceV2}}, nil
}

// unknownService has the words by which servers recognise an agent that lacks a service.
func unknownService(name string) error {
	return &halibut.Exception{Type: "Octopus.Tentacle.Communications.UnknownServiceNameException",
		Message: "Error: " + name + " has not been registered through an IAutofacServiceSource"}
}

// Trust is the list of servers that may call; it may be changed at any time, and a server that is taken away is cut
// off at once.
func (a *Agent) Trust() *halibut.Trust { return a.trust }

// Address returns where the agent listens, or nil while it does not.
func (a *Agent) Address() net.Addr {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.listening
}

// Run serves until the context ends or serving fails. Scripts run on when it returns, and the next agent with the
// same home takes them over.
func (a *Agent) Run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	home, err := lockHome(ctx, a.cfg.Home)
	if err != nil {
		return err
	}
	defer home.Release()
	defer a.scripts.Close()
	if err := a.scripts.Attach(); err != nil {
		return err
	}
	a.logTrust()
	parts, err := a.parts()
	if err != nil {
		return err
	}
	ended := make(chan error, len(parts))
	for _, part := range parts {
		go func() { ended <- part(ctx) }()
	}
	var first error
	for range parts {
		err := <-ended
		if first == nil && err != nil && !errors.Is(err, context.Canceled) {
			first = err
		}
		if err != nil {
			stop()
		}
	}
	return first
}

// homeWait is how long an agent waits for the one before it to end.
const homeWait = 5 * time.Second

// lockHome keeps two agents from running the scripts of one home, each with mutexes of its own.
func lockHome(ctx context.Context, home string) (*workspace.Lock, error) {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(homeWait); ; {
		lock, free, err := workspace.TryLock(filepath.Join(home, "agent.lock"))
		if err != nil {
			return nil, fmt.Errorf("lock the agent's home: %w", err)
		}
		if free {
			return lock, nil
		}
		if time.Now().After(deadline) {
			return nil, fault.Conflict("another agent runs with the home %s; stop it, or give this one a home of its own", home)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// parts returns what runs side by side: each until the context ends.
func (a *Agent) parts() ([]func(context.Context) error, error) {
	parts := []func(context.Context) error{a.cleanUp, a.poll}
	serve, err := a.listener()
	if err != nil {
		return nil, err
	}
	if serve != nil {
		parts = append(parts, serve)
	}
	return parts, nil
}

func (a *Agent) cleanUp(ctx context.Context) error {
	a.scripts.CleanUp(ctx)
	return nil
}
