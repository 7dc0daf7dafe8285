package server

import (
	"cmp"
	"context"
	"crypto/x509"
	"slices"
	"time"

	"github.com/mantledeploy/mantle/halibut"
	"github.com/mantledeploy/mantle/internal/api/systemapi"
	"github.com/mantledeploy/mantle/internal/executor"
	"github.com/mantledeploy/mantle/internal/executor/health"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/infrastructure"
	"github.com/mantledeploy/mantle/internal/orchestrator"
	"github.com/mantledeploy/mantle/internal/process"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/task"
	"github.com/mantledeploy/mantle/internal/tentacle"
)

// host reads a machine or a worker.
func host(tx *store.Tx, id string, isWorker bool) (*infrastructure.Host, error) {
	if isWorker {
		w, err := infrastructure.Workers().Get(tx, id)
		if err != nil {
			return nil, err
		}
		return &w.Host, nil
	}
	m, err := infrastructure.Machines().Get(tx, id)
	if err != nil {
		return nil, err
	}
	return &m.Host, nil
}

// reach returns the agent of a machine.
func (s *Server) reach(tx *store.Tx, h *infrastructure.Host) (tentacle.Agent, error) {
	uri, thumbprint, polling, ok := h.Endpoint.Agent()
	if !ok {
		return nil, fault.Unsupported("%s is of the style %s, which this server does not reach yet", h.Name, h.Endpoint.CommunicationStyle)
	}
	ep := halibut.Endpoint{URI: uri, Thumbprint: infrastructure.NormalThumbprint(thumbprint)}
	if polling {
		ep.URI = h.Endpoint.Subscription()
	}
	if h.Endpoint.ProxyID != "" {
		p, err := infrastructure.Proxies().Get(tx, h.Endpoint.ProxyID)
		if err != nil {
			return nil, err
		}
		password, err := p.Password.Open(s.keys, p.ID)
		if err != nil {
			return nil, err
		}
		ep.Proxy = &halibut.Proxy{Host: p.Host, Port: p.Port, User: p.Username, Password: password.Reveal()}
	}
	return s.agents.caller.At(ep), nil
}

// place says how a machine of a plan is reached now.
func (s *Server) place(tx *store.Tx, m process.PlannedMachine) (executor.Place, error) {
	h, err := host(tx, m.ID, m.Worker)
	if fault.Is(err, fault.KindNotFound) {
		return executor.Place{}, task.Failf("The machine %s was deleted after this deployment began.", m.Name)
	}
	if err != nil {
		return executor.Place{}, err
	}
	agent, err := s.reach(tx, h)
	if fault.Is(err, fault.KindUnsupported) {
		return executor.Place{}, task.Failf("%v.", err)
	}
	return executor.Place{ID: m.ID, Name: h.Name, Agent: agent, Isolated: !m.Worker}, err
}

// serverPlace is the built-in worker.
func (s *Server) serverPlace() executor.Place {
	return executor.Place{ID: orchestrator.ServerID, Name: "Mantle server", Agent: s.worker.agent, Tool: s.worker.program, Home: s.worker.home, Node: s.member.Name()}
}

// chooseWorker takes the healthiest worker of a pool.
func (s *Server) chooseWorker(tx *store.Tx, spaceID, poolID string) (process.PlannedMachine, error) {
	pool, err := infrastructure.Pools().Get(tx, poolID)
	if err != nil {
		return process.PlannedMachine{}, err
	}
	workers, err := infrastructure.Workers().Find(tx, store.Query{Where: []store.Cond{store.Eq("space_id", spaceID), store.Eq("worker_pool", poolID), store.Eq("is_disabled", false)}})
	if err != nil {
		return process.PlannedMachine{}, err
	}
	rank := map[string]int{infrastructure.Healthy: 0, infrastructure.HasWarnings: 1, infrastructure.Unknown: 2, infrastructure.Unhealthy: 3, infrastructure.Unavailable: 4}
	health, err := infrastructure.HealthOf(tx, spaceID, true)
	if err != nil {
		return process.PlannedMachine{}, err
	}
	if len(workers) == 0 {
		return process.PlannedMachine{}, task.Failf("The worker pool %q has no worker that is enabled; add one, or enable one.", pool.Name)
	}
	best := slices.MinFunc(workers, func(a, b *infrastructure.Worker) int {
		return cmp.Compare(rank[health[a.ID].Status], rank[health[b.ID].Status])
	})
	return process.PlannedMachine{ID: best.ID, Name: best.Name, Worker: true}, nil
}

// checkSubjects finds the machines that a health check task names.
func (s *Server) checkSubjects(tx *store.Tx, spaceID string, a health.Arguments) ([]health.Subject, error) {
	inSpace := []store.Cond{store.Eq("space_id", spaceID), store.Eq("is_disabled", false)}
	machines, workers := inSpace, inSpace
	switch {
	case len(a.MachineIDs) > 0:
		machines = append(machines, store.In("id", a.MachineIDs...))
		workers = append(workers, store.In("id", a.MachineIDs...))
	case a.EnvironmentID != "":
		machines = append(machines, store.Eq("environment", a.EnvironmentID))
		workers = append(workers, store.In[string]("id"))
	case a.WorkerPoolID != "":
		machines = append(machines, store.In[string]("id"))
		workers = append(workers, store.Eq("worker_pool", a.WorkerPoolID))
	}
	targets, err := infrastructure.Machines().Find(tx, store.Query{Where: machines, OrderBy: []string{"name_fold"}})
	if err != nil {
		return nil, err
	}
	helpers, err := infrastructure.Workers().Find(tx, store.Query{Where: workers, OrderBy: []string{"name_fold"}})
	if err != nil {
		return nil, err
	}
	var subjects []health.Subject
	for _, m := range targets {
		if subjects, err = s.addSubject(tx, subjects, m.ID, false, &m.Host); err != nil {
			return nil, err
		}
	}
	for _, w := range helpers {
		if subjects, err = s.addSubject(tx, subjects, w.ID, true, &w.Host); err != nil {
			return nil, err
		}
	}
	return subjects, nil
}

func (s *Server) addSubject(tx *store.Tx, subjects []health.Subject, id string, isWorker bool, h *infrastructure.Host) ([]health.Subject, error) {
	agent, err := s.reach(tx, h)
	if fault.Is(err, fault.KindUnsupported) {
		return subjects, nil
	}
	if err != nil {
		return nil, err
	}
	subject := health.Subject{ID: id, Name: h.Name, Worker: isWorker, Agent: agent}
	policy, err := infrastructure.Policies().Get(tx, h.MachinePolicyID)
	if err != nil {
		return nil, err
	}
	p := policy.MachineHealthCheckPolicy
	subject.OnlyConnect = p.HealthCheckType == "OnlyConnectivity"
	subject.Bash, subject.PowerShell = inline(p.BashHealthCheckPolicy), inline(p.PowerShellHealthCheckPolicy)
	return append(subjects, subject), nil
}

func inline(p infrastructure.ScriptPolicy) string {
	if p.RunType != "Inline" || p.ScriptBody == nil {
		return ""
	}
	return *p.ScriptBody
}

// checkSoon asks for a health check of a machine that was just registered.
func checkSoon(tx *store.Tx, spaceID, machineID, name string) error {
	_, err := task.Enqueue(tx, task.New{SpaceID: spaceID, Kind: health.Kind, Description: "Check the health of " + name, Arguments: health.Arguments{MachineIDs: []string{machineID}}})
	return err
}

// discover asks who listens at an address.
func (s *Server) discover(ctx context.Context, address string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	return s.agents.caller.Discover(ctx, address)
}

// settings shows this node's settings, without secrets.
func (s *Server) settings() []systemapi.Setting {
	var all []systemapi.Setting
	for _, each := range s.cfg.Show() {
		all = append(all, systemapi.Setting(each))
	}
	return all
}

// certificate shows the server's identity towards agents.
func (s *Server) certificate() systemapi.Certificate {
	der := s.installation.Certificate.Certificate[0]
	shown := systemapi.Certificate{Name: "Mantle Server", Thumbprint: halibut.Thumbprint(s.installation.Certificate), DER: der, SignatureAlgorithm: "sha256RSA"}
	if c, err := x509.ParseCertificate(der); err == nil && c.SignatureAlgorithm != x509.SHA256WithRSA {
		shown.SignatureAlgorithm = c.SignatureAlgorithm.String()
	}
	return shown
}
