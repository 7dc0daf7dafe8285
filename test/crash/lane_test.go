package crash

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/test/mainjob"
)

// lane is a server whose deployments run in one kind of place, and are killed again and again.
type lane struct {
	kind    string
	house   *mainjob.House
	server  *mainjob.Server
	record  string
	machine string
	// release is deployed to environment again and again; sleeper is a release that ends only when it is canceled.
	environment, release, sleeper string
	places                        []place
	// order tells the server where to die; log is where it notes the places that it reaches.
	order, log string
}

// openLane makes a server and what it deploys to: a listening agent, a polling one, or the server's built-in worker.
func openLane(t *testing.T, kind string) *lane {
	t.Helper()
	h := programs.House(t)
	l := &lane{kind: kind, house: h, record: recordDir(t, h), order: h.Path("order"), log: h.Path("points.log"), machine: "server"}
	l.server = h.Server(mainjob.ServerConfig{Environ: []string{"MANTLE_FAULT_FILE=" + l.order, "MANTLE_FAULT_LOG=" + l.log}})
	s := l.server
	l.environment = s.Environment("Development")
	role := ""
	if kind != "built-in worker" {
		role, l.machine = "web", "target"
		h.Agent(s, mainjob.AgentConfig{Name: l.machine, Environment: []string{"Development"}, Roles: []string{"web"}, Polling: kind == "polling"})
	}
	s.Upload("Shop.Web.1.0.0.zip", pack(t, map[string]string{
		"PreDeploy.sh": recording + "record predeploy\n", "run.sh": recording + "record predeploy\n", "big.bin": strings.Repeat("ballast", 1000)}))
	l.release = l.project(t, "Shop", l.steps(role))
	l.sleeper = l.project(t, "Sleeper", []mainjob.Step{{Name: "Sleep", Role: role, Script: endless}})
	l.places = []place{{"build", l.machine}, {"predeploy", l.machine}, {"check", l.machine}}
	if role != "" {
		s.AwaitHealthy(l.machine)
	}
	return l
}

func (l *lane) project(t *testing.T, name string, steps []mainjob.Step) (release string) {
	t.Helper()
	s := l.server
	id := s.Project(name)
	s.SetVariables(id, mainjob.Variable{Name: "Record", Value: l.record})
	s.SetProcess(id, steps...)
	packages := map[string]string{}
	for _, step := range steps {
		if step.Package != "" {
			packages[step.Name] = "1.0.0"
		}
	}
	return s.Release(id, "1.0.0", packages)
}

// steps are three: a script with an output variable and an artifact, a package, a script that says what it knows of the first.
func (l *lane) steps(role string) []mainjob.Step {
	web := mainjob.Step{Name: "Web", Role: role, Package: "Shop.Web", Properties: map[string]string{
		"Octopus.Action.EnabledFeatures": "Octopus.Features.CustomDirectory", "Octopus.Action.Package.CustomInstallationDirectory": "#{Record}/www"}}
	if role == "" {
		web.Properties = map[string]string{"Octopus.Action.Script.ScriptSource": "Package", "Octopus.Action.Script.ScriptFileName": "run.sh",
			"Octopus.Action.RunOnServer": "true"}
		web.Packaged = true
	}
	return []mainjob.Step{
		{Name: "Build", Role: role, Script: recording + `record build
set_octopusvariable Run "$run"
echo "built $run" > built.txt
new_octopusartifact "$PWD/built.txt" built.txt
`},
		web,
		{Name: "Check", Role: role, Script: recording + `record check
echo "knows $(get_octopusvariable "Octopus.Action[Build].Output.Run")"
`},
	}
}

// deploy asks for a deployment while the server may die at any time, also before it answers.
func (l *lane) deploy(t *testing.T, release string) (taskID string) {
	t.Helper()
	var made mainjob.Object
	before := l.newest(t)
	err := l.server.Ask("POST", "deployments", mainjob.Object{"ReleaseId": release, "EnvironmentId": l.environment, "ForcePackageDownload": true}, &made)
	if err == nil {
		return made.Text("TaskId")
	}
	l.server.AwaitExit(t, 10*time.Second)
	l.server.Start()
	if id := l.newest(t); id != before {
		return id
	}
	t.Fatalf("the server made no deployment: %v", err)
	return ""
}

// newest returns the ID of the youngest deployment's task.
func (l *lane) newest(t *testing.T) string {
	t.Helper()
	if tasks := l.server.Items("/api/tasks?name=Deploy&take=1"); len(tasks) > 0 {
		return tasks[0].ID()
	}
	return ""
}

// at orders the server to die, and returns a function for when the task has ended: it withdraws the order once no point of the task is to
// come, and tells whether it was carried out. A server that died after its last answer runs again then.
func (l *lane) at(t *testing.T, point string, visit int) (done func() bool) {
	t.Helper()
	temporary := l.order + ".new"
	if err := os.WriteFile(temporary, fmt.Appendf(nil, "%s=%d\n", point, visit), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(temporary, l.order); err != nil {
		t.Fatal(err)
	}
	ordered, ended := l.server.Process(), l.ends()
	return func() bool {
		t.Helper()
		mainjob.Eventually(t, time.Minute, "the server dies, or passes the task's last point", func() bool {
			_, err := os.Stat(l.order)
			return err != nil || l.ends() > ended
		})
		carriedOut := os.Remove(l.order) != nil
		if carriedOut && l.server.Process() == ordered {
			l.server.AwaitExit(t, time.Minute)
			l.server.Start()
		}
		return carriedOut
	}
}

// revive waits for the task's end and starts the server again each time that it has died.
func (l *lane) revive(t *testing.T, taskID string, within time.Duration) mainjob.Task {
	t.Helper()
	var task mainjob.Task
	ended := mainjob.Wait(within, func() bool {
		if l.server.Process().Exited() {
			l.server.Start()
		}
		found, err := l.server.Task(taskID)
		if err == nil {
			task = found
		}
		return err == nil && task.IsCompleted
	})
	if !ended {
		l.server.Process().Dump()
		t.Fatalf("%s did not end within %s: %+v\n%s", taskID, within, task, l.server.RawLog(taskID))
	}
	return task
}

// ends counts the visits of the last point of every task.
func (l *lane) ends() (n int) {
	for _, name := range l.house.Lines(filepath.Base(l.log)) {
		if name == "task.end.after" {
			n++
		}
	}
	return n
}

// visits returns how often each point was reached since the last call.
func (l *lane) visits(t *testing.T) map[string]int {
	t.Helper()
	counted := map[string]int{}
	for _, name := range l.house.Lines(filepath.Base(l.log)) {
		counted[name]++
	}
	if err := os.Truncate(l.log, 0); err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return counted
}
