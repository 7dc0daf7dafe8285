package portal

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/mantledeploy/mantle/test/mainjob"
)

// lines is how many the script of the deployment says, and pause how many seconds lie between them: it has to run on for a while after the
// kill, and to be caught up with. After ten it waits until there is the file that the variable Go names: the kill comes in the middle,
// however long the browser takes to get there.
const (
	lines = 60
	pause = "0.2"
	gate  = `sleep() {
  command sleep "$1"
  waited=0
  while [ "$i" -ge 10 ] && [ ! -e "$(get_octopusvariable Go)" ] && [ $waited -lt 1000 ]; do command sleep 0.3; waited=$((waited+1)); done
}
`
)

// TestKill shows a running deployment in a browser, behind HAProxy, and kills the node that runs it and serves the page.
func TestKill(t *testing.T) {
	repository := needBrowser(t)
	house := programs.House(t)
	nodes, balancer := openCluster(t, house)
	api := house.Client(balancer.URL(), nodes[0].APIKey)
	environment := api.Environment("Production")
	house.Agent(nodes[0], mainjob.AgentConfig{Name: "web-1", Environment: []string{"Production"}, Roles: []string{"web"}, URL: balancer.URL(), CommsPort: balancer.CommsPort})
	api.AwaitHealthy("web-1")
	record := house.Path("record")
	if err := os.Mkdir(record, 0o777); err != nil {
		t.Fatal(err)
	}
	shop := api.Project("Shop")
	told := house.Path("go")
	api.SetVariables(shop, mainjob.Variable{Name: "Record", Value: record}, mainjob.Variable{Name: "Go", Value: told})
	api.SetProcess(shop, mainjob.Step{Name: "Install", Role: "web", Script: mainjob.Recording(lines, pause) + gate + "record install\n"}, mainjob.Step{Name: "Tell", Script: "echo told"})
	api.Release(shop, "1.0.0", nil)

	processes := map[string]int{}
	for _, n := range nodes {
		processes[n.Name()] = n.Process().PID()
	}
	known, err := json.Marshal(processes)
	if err != nil {
		t.Fatal(err)
	}
	browse(t, repository, house, "web/test/kill.mjs", "MANTLE_URL="+balancer.URL(), "MANTLE_TEST_NODES="+string(known), "MANTLE_TEST_ENVIRONMENT="+environment, "MANTLE_TEST_GO="+told, fmt.Sprintf("MANTLE_TEST_LINES=%d", lines))

	task := api.Items("tasks?name=Deploy&take=1")[0]
	findings := mainjob.Judge(record, task.ID(), api.RawLog(task.ID()), lines, []mainjob.Place{{Step: "install", Machine: "web-1"}})
	if findings.Bad() || findings.Runs != 1 {
		t.Errorf("the script's own record and the log: %+v", findings)
	}
}

// openCluster starts two nodes on one PostgreSQL, and HAProxy in front of them.
func openCluster(t *testing.T, house *mainjob.House) ([]*mainjob.Server, *mainjob.Balancer) {
	t.Helper()
	base := house.Postgres("base")
	base.Init()
	base.SQL("CREATE DATABASE mantle")
	key := make([]byte, 32)
	rand.Read(key)
	files := house.Path("files")
	if err := os.Mkdir(files, 0o777); err != nil {
		t.Fatal(err)
	}
	cfg := mainjob.ServerConfig{
		Files: files, MasterKey: base64.StdEncoding.EncodeToString(key), APIKey: "API-" + rand.Text(), Database: base.URL(base.Port, "mantle"),
		Environ: []string{"MANTLE_ADMIN_PASSWORD=" + password},
	}
	var nodes []*mainjob.Server
	var behind []mainjob.Behind
	for _, name := range []string{"node1", "node2"} {
		cfg.Name, cfg.Home = name, name
		n := house.Server(cfg)
		nodes = append(nodes, n)
		behind = append(behind, mainjob.Behind{Web: house.Link(n.Address()), Comms: house.Link(fmt.Sprintf("127.0.0.1:%d", n.CommsPort))})
	}
	return nodes, house.HAProxy(filepath.Join("..", "..", "docs", "haproxy.cfg"), behind)
}
