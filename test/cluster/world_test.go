//go:build unix

package cluster

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	cryptorand "crypto/rand"

	"github.com/mantledeploy/mantle/test/mainjob"
)

// lines is how many each script of a deployment says, and pause how many seconds it takes for each.
const (
	lines = 10
	pause = "0.15"
)

// worldConfig says what a cluster is made of.
type worldConfig struct {
	nodes, listening, polling int
	programs                  mainjob.Programs
	// standby: the primary waits for a standby before it acknowledges.
	standby bool
	// standbyClock is by how many seconds the standby's clock is off.
	standbyClock int
	// large: the nodes' files do not fit on a small disk of their own.
	large bool
	// apart: the first node lives in a network namespace of its own.
	apart bool
}

// world is a cluster with everything that it needs, and a project to deploy.
type world struct {
	t      *testing.T
	house  *mainjob.House
	cfg    worldConfig
	bases  [2]*mainjob.Postgres
	active int
	// replication is how the standby reaches the primary.
	replication *mainjob.Link
	nodes       []*node
	balancer    *mainjob.Balancer
	agents      []*agent
	record      string
	watch       *watch
	// apart is the first node's machine, where it has one.
	apart *mainjob.Apart
	// eyes are how the watch reaches the two servers.
	eyes [2]*mainjob.Link
	// files is where the nodes share files; disk: that is a disk of its own.
	files string
	disk  bool

	environment string
	// releases are of projects that are alike; the first goes to the first agent, and so on, round and round.
	releases []string
}

// node is a server and the ways to and from it.
type node struct {
	*mainjob.Server
	web, comms *mainjob.Link
	// internal is how other nodes reach it.
	internal *mainjob.Link
	bases    [2]*mainjob.Link
	// order is the file that says where the node dies or stops; orders counts them.
	order  string
	orders int
}

// agent is an agent, and the way to it where it listens.
type agent struct {
	*mainjob.Agent
	link *mainjob.Link
}

const masterKeyBytes = 32

// openWorld starts a cluster.
func openWorld(t *testing.T, cfg worldConfig) *world {
	t.Helper()
	if cfg.programs == (mainjob.Programs{}) {
		cfg.programs = programs
	}
	w := &world{t: t, cfg: cfg, house: cfg.programs.House(t)}
	w.record = w.directory("record")
	w.openNetwork()
	w.mountStore()
	t.Cleanup(w.close)
	w.openBases()
	key := make([]byte, masterKeyBytes)
	if _, err := cryptorand.Read(key); err != nil {
		t.Fatal(err)
	}
	apiKey := "API-" + cryptorand.Text()
	behind := []mainjob.Behind{}
	for i := range cfg.nodes {
		n := w.openNode(i+1, base64.StdEncoding.EncodeToString(key), apiKey)
		w.nodes = append(w.nodes, n)
		behind = append(behind, mainjob.Behind{Web: n.web, Comms: n.comms})
	}
	w.balancer = w.house.HAProxy(filepath.Join("..", "..", "docs", "haproxy.cfg"), behind)
	w.watch = openWatch(t, w.baseURL(w.eyes[0], w.eyes[1]))
	w.openAgents()
	w.openProjects()
	return w
}

func (w *world) close() {
	if !w.disk {
		return
	}
	if err := unmount(w.house.Path("store")); err != nil {
		w.t.Error(err)
	}
}

func (w *world) directory(name string) string {
	w.t.Helper()
	dir := w.house.Path(name)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		w.t.Fatal(err)
	}
	return dir
}

func (w *world) openBases() {
	w.t.Helper()
	for i, name := range []string{"one", "two"} {
		w.bases[i] = w.house.Postgres(name)
		w.eyes[i] = w.house.Link(fmt.Sprintf("127.0.0.1:%d", w.bases[i].Port))
	}
	w.bases[1].SetClock(w.cfg.standbyClock)
	w.bases[0].Init()
	w.bases[0].SQL("CREATE DATABASE mantle")
	w.replication = w.house.Link(fmt.Sprintf("127.0.0.1:%d", w.bases[0].Port))
	if w.cfg.standby {
		w.follow(1)
	}
}

// follow makes one of the two servers the standby of the other, and lets the primary wait for it.
func (w *world) follow(i int) {
	w.t.Helper()
	primary := w.bases[1-i]
	w.replication.To(fmt.Sprintf("127.0.0.1:%d", primary.Port))
	w.bases[i].Follow(w.replication.Port)
	mainjob.Eventually(w.t, 30*time.Second, "the standby streams", func() bool {
		return primary.SQL("SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'") == "1"
	})
	primary.Set("synchronous_standby_names", "*")
}

// baseURL is a connection string with both servers.
func (w *world) baseURL(first, second *mainjob.Link) string {
	return fmt.Sprintf("postgres://postgres@%s,%s/mantle?sslmode=disable&connect_timeout=3&target_session_attrs=read-write", first.Address(), second.Address())
}

func (w *world) openNode(i int, masterKey, apiKey string) *node {
	w.t.Helper()
	n := &node{order: w.house.Path(fmt.Sprintf("order%d", i))}
	cfg := mainjob.ServerConfig{
		Name: fmt.Sprintf("node%d", i), Home: fmt.Sprintf("node%d", i), Files: w.files, MasterKey: masterKey, APIKey: apiKey, TaskCap: 20,
		InternalPort: w.house.FreePort(), Host: "127.0.0.1", InternalHost: "127.0.0.1", Environ: []string{"MANTLE_FAULT_FILE=" + n.order},
	}
	if w.apart != nil && i == 1 {
		cfg.Apart, cfg.Host, cfg.InternalHost = w.apart, w.apart.Own(toClients), w.apart.Own(toNodes)
	}
	for j, base := range w.bases {
		n.bases[j] = w.house.LinkAt(w.address(toBase), fmt.Sprintf("127.0.0.1:%d", base.Port))
	}
	n.internal = w.house.LinkAt(w.address(toNodes), fmt.Sprintf("%s:%d", cfg.InternalHost, cfg.InternalPort))
	cfg.InternalAddress, cfg.Database = n.internal.Address(), w.baseURL(n.bases[0], n.bases[1])
	n.Server = w.house.Server(cfg)
	n.web = w.house.Link(n.Address())
	n.comms = w.house.Link(n.CommsAddress())
	return n
}

// api is the cluster as clients see it.
func (w *world) api() *mainjob.Client { return w.house.Client(w.balancer.URL(), w.nodes[0].APIKey) }

func (w *world) openAgents() {
	w.t.Helper()
	api := w.api()
	names := []string{}
	w.environment = api.Environment("Production")
	w.agents = make([]*agent, w.cfg.listening+w.cfg.polling)
	for i := range w.agents {
		name := fmt.Sprintf("agent%d", i+1)
		names = append(names, name)
		w.agents[i] = &agent{Agent: w.house.Agent(w.nodes[0].Server, mainjob.AgentConfig{
			Name: name, Environment: []string{"Production"}, Roles: []string{name}, Polling: i >= w.cfg.listening,
			URL: w.balancer.URL(), CommsPort: w.balancer.CommsPort, PublicHost: w.address(toAgents),
		})}
	}
	ids := api.AwaitHealthy(names...)
	for _, a := range w.agents[:w.cfg.listening] {
		if a.link = w.house.LinkAt(w.address(toAgents), a.Address()); w.apart == nil {
			a.link = w.house.LinkByProcess(a.Address())
		}
		machine := api.Get("machines/" + ids[a.Name()])
		endpoint := machine["Endpoint"].(map[string]any)
		endpoint["Uri"] = "https://" + a.link.Address() + "/"
		api.Put("machines/"+ids[a.Name()], machine)
	}
}

// projects is how many projects there are: so many deployments may run at once.
const projects = 12

func (w *world) openProjects() {
	w.t.Helper()
	api := w.api()
	for i := range projects {
		id := api.Project(fmt.Sprintf("Shop %d", i+1))
		api.SetVariables(id, mainjob.Variable{Name: "Record", Value: w.record})
		api.SetProcess(id, shopSteps(w.agentFor(i).Name())...)
		w.releases = append(w.releases, api.Release(id, "1.0.0", nil))
	}
}

// agentFor returns where a project is deployed to.
func (w *world) agentFor(project int) *agent { return w.agents[project%len(w.agents)] }

// shopSteps are three scripts; the last one says what it knows of the first.
func shopSteps(role string) []mainjob.Step {
	recording := mainjob.Recording(lines, pause)
	return []mainjob.Step{
		{Name: "Build", Role: role, Script: recording + "record build\nset_octopusvariable Run \"$run\"\necho \"built $run\" > built.txt\nnew_octopusartifact \"$PWD/built.txt\" built.txt\n"},
		{Name: "Install", Role: role, Script: recording + "record install\n"},
		{Name: "Check", Role: role, Script: recording + "record check\necho \"knows $(get_octopusvariable \"Octopus.Action[Build].Output.Run\")\"\n"},
	}
}

// places are those of a deployment to an agent.
func places(machine string) []mainjob.Place {
	return []mainjob.Place{{Step: "build", Machine: machine}, {Step: "install", Machine: machine}, {Step: "check", Machine: machine}}
}

// repair brings everything back that an injection has broken, and waits until the cluster is whole.
func (w *world) repair() {
	w.t.Helper()
	for i := range w.bases {
		for _, n := range w.nodes {
			n.bases[i].Heal()
		}
		w.eyes[i].Heal()
	}
	for _, a := range w.agents {
		if a.link != nil {
			a.link.Heal()
		}
		if a.Process().Exited() {
			a.Restart()
		}
	}
	w.replication.Heal()
	w.plugAll()
	for _, n := range w.nodes {
		n.web.Heal()
		n.internal.Heal()
		n.comms.Heal()
		_ = os.Remove(n.order)
		if n.Process().Stopped() {
			_ = n.Process().Signal(syscall.SIGCONT)
		}
		if n.Process().Exited() {
			n.Launch()
		}
	}
	w.awaitWhole()
}

// awaitWhole waits until every node serves. One that was retired ends, and is started again as its service would do.
func (w *world) awaitWhole() {
	w.t.Helper()
	for _, n := range w.nodes {
		mainjob.Eventually(w.t, 60*time.Second, n.Name()+" serves", func() bool {
			if n.Process().Exited() {
				n.Launch()
			}
			return n.Ready()
		})
	}
}

// running returns the nodes that own tasks, as the database says.
func (w *world) running(tasks []string) []*node {
	owners := w.watch.owners(tasks)
	var found []*node
	for _, n := range w.nodes {
		if owners[n.Name()] > 0 {
			found = append(found, n)
		}
	}
	return found
}
