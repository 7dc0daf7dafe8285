package crash

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/internal/store/storetest"
	"github.com/mantledeploy/mantle/test/mainjob"
)

// databases runs a test on both.
func databases(t *testing.T, f func(t *testing.T, database string)) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		f(t, "")
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		f(t, storetest.PostgresURL(t))
	})
}

// shop is a small application: its configuration takes variables, its scripts record that they ran.
func shop(t *testing.T) []byte {
	t.Helper()
	return pack(t, map[string]string{
		"index.html":    "<h1>Shop</h1>\n",
		"config.ini":    "greeting=#{Greeting}\nenvironment=#{Octopus.Environment.Name}\nsecret=#{Secret}\n",
		"PreDeploy.sh":  recording + "record predeploy\n",
		"Deploy.sh":     recording + "record deploy\ncp config.ini \"$(get_octopusvariable Record)/config-$(get_octopusvariable Octopus.Environment.Name)-$(get_octopusvariable Octopus.Machine.Name)\"\n",
		"PostDeploy.sh": recording + "record postdeploy\n",
	})
}

// shopSteps build on the server, announce on the targets, deploy the package there, and check on the server what the targets told.
func shopSteps(machines ...string) []mainjob.Step {
	install := "#{Record}/www/#{Octopus.Environment.Name}/#{Octopus.Machine.Name}"
	return []mainjob.Step{
		{Name: "Build", Script: recording + `record build
set_octopusvariable Run "$run"
echo "the secret is $(get_octopusvariable Secret)"
echo "built $run" > built.txt
new_octopusartifact "$PWD/built.txt" "built-#{Octopus.Environment.Name}.txt"
echo "beside it: $(cat sources/index.html)"
`, References: []mainjob.Reference{{Name: "sources", Package: "Shop.Web", Extract: true}}},
		{Name: "Announce", Role: "web", References: []mainjob.Reference{{Name: "whole", Package: "Shop.Web"}, {Name: "again", Package: "Shop.Web", Extract: true}}, Script: recording + `record announce
echo "beside it: $(get_octopusvariable "Octopus.Action.Package[whole].PackageFileName"), $(basename "$(get_octopusvariable "Octopus.Action.Package[again].ExtractedPath")"), $(ls whole.zip again/index.html | wc -l) files"
set_octopusvariable Saw "$(get_octopusvariable "Octopus.Action[Build].Output.Run") on $machine"
`},
		{Name: "Web", Role: "web", Package: "Shop.Web", Properties: map[string]string{
			"Octopus.Action.EnabledFeatures":                                          "Octopus.Features.CustomDirectory,Octopus.Features.SubstituteInFiles",
			"Octopus.Action.SubstituteInFiles.Enabled":                                "True",
			"Octopus.Action.SubstituteInFiles.TargetFiles":                            "*.ini",
			"Octopus.Action.Package.CustomInstallationDirectory":                      install,
			"Octopus.Action.Package.AutomaticallyRunConfigurationTransformationFiles": "False",
		}},
		{Name: "Check", Script: recording + `record check
for m in ` + strings.Join(machines, " ") + `; do echo "target said: $(get_octopusvariable "Octopus.Action[Announce].Output[$m].Saw")"; done
`},
	}
}

// shopPackages are the versions that the steps of the shop need.
func shopPackages() map[string]string {
	return map[string]string{"Web": "1.0.0", "Build/sources": "1.0.0", "Announce/whole": "1.0.0", "Announce/again": "1.0.0"}
}

func TestMainJob(t *testing.T) {
	t.Parallel()
	databases(t, func(t *testing.T, database string) {
		h := programs.House(t)
		s := h.Server(mainjob.ServerConfig{Database: database})
		record := recordDir(t, h)
		environments := map[string]string{}
		for _, name := range []string{"Development", "Production"} {
			environments[name] = s.Environment(name)
		}
		machines := []string{"listens", "polls"}
		both := []string{"Development", "Production"}
		h.Agent(s, mainjob.AgentConfig{Name: "listens", Environment: both, Roles: []string{"web"}})
		h.Agent(s, mainjob.AgentConfig{Name: "polls", Environment: both, Roles: []string{"web"}, Polling: true})
		project := s.Project("Shop")
		s.SetVariables(project,
			mainjob.Variable{Name: "Record", Value: record},
			mainjob.Variable{Name: "Greeting", Value: "try it", Environments: []string{environments["Development"]}},
			mainjob.Variable{Name: "Greeting", Value: "welcome", Environments: []string{environments["Production"]}},
			mainjob.Variable{Name: "Secret", Value: "open-sesame-42", Sensitive: true})
		s.SetProcess(project, shopSteps(machines...)...)
		s.Upload("Shop.Web.1.0.0.zip", shop(t))
		release := s.Release(project, "1.0.0", shopPackages())
		s.AwaitHealthy(machines...)
		for _, name := range both {
			task := s.AwaitTask(s.Deploy(release, environments[name]), time.Minute)
			log := mustSucceed(t, s, task)
			checkShop(t, s, record, name, task.ID, log, machines)
		}
		t.Run("a script that fails", func(t *testing.T) { checkFailure(t, s, environments["Development"], record, machines) })
		t.Run("a deployment that is canceled", func(t *testing.T) { checkCancel(t, s, environments["Development"], record, machines) })
	})
}

// checkShop looks at what a deployment of the shop left behind.
func checkShop(t *testing.T, s *mainjob.Server, record, environment, taskID, log string, machines []string) {
	t.Helper()
	places := []place{{"build", "server"}, {"check", "server"}}
	for _, m := range machines {
		for _, step := range []string{"announce", "predeploy", "deploy", "postdeploy"} {
			places = append(places, place{step, m})
		}
	}
	runs := checkRecord(t, record, taskID, log, places)
	build := runs[place{"build", "server"}]
	if !strings.Contains(log, "beside it: <h1>Shop</h1>") || strings.Count(log, "beside it: whole.zip, again, 2 files") != len(machines) {
		t.Errorf("the scripts do not have their packages beside them:\n%s", log)
	}
	greeting := map[string]string{"Development": "try it", "Production": "welcome"}[environment]
	want := "greeting=" + greeting + "\nenvironment=" + environment + "\nsecret=open-sesame-42\n"
	for _, m := range machines {
		if line := "target said: " + build + " on " + m; !strings.Contains(log, line) {
			t.Errorf("the log has no line %q:\n%s", line, log)
		}
		for _, file := range []string{filepath.Join(record, "www", environment, m, "config.ini"), filepath.Join(record, "config-"+environment+"-"+m)} {
			if got, err := os.ReadFile(file); err != nil || string(got) != want {
				t.Errorf("%s: %q, %v; want %q", file, got, err, want)
			}
		}
		if _, err := os.Stat(filepath.Join(record, "www", environment, m, "index.html")); err != nil {
			t.Error(err)
		}
	}
	if strings.Contains(log, "open-sesame-42") || !strings.Contains(log, "the secret is ********") {
		t.Errorf("the log does not mask the secret:\n%s", log)
	}
	artifacts := s.Items("artifacts?regarding=" + taskID)
	if len(artifacts) != 1 || artifacts[0].Text("Filename") != "built-"+environment+".txt" {
		t.Fatalf("artifacts of %s: %v; want one file built-%s.txt", taskID, artifacts, environment)
	}
	var content string
	if err := s.Ask(http.MethodGet, "artifacts/"+artifacts[0].ID()+"/content", nil, &content); err != nil || content != "built "+build+"\n" {
		t.Errorf("the artifact holds %q, %v; want %q", content, err, "built "+build+"\n")
	}
}

// deployScript makes a project with one script for the targets and deploys it.
func deployScript(t *testing.T, s *mainjob.Server, name, environment, record string, steps ...mainjob.Step) (taskID string) {
	t.Helper()
	project := s.Project(name)
	s.SetVariables(project, mainjob.Variable{Name: "Record", Value: record})
	s.SetProcess(project, steps...)
	return s.Deploy(s.Release(project, "0.0.1", nil), environment)
}

func checkFailure(t *testing.T, s *mainjob.Server, environment, record string, machines []string) {
	id := deployScript(t, s, "Fails", environment, record,
		mainjob.Step{Name: "Break", Role: "web", Script: recording + "record break\nexit 7\n"},
		mainjob.Step{Name: "Never", Script: recording + "record never\n"},
		mainjob.Step{Name: "Always", Condition: "Always", Script: recording + "record always\n"})
	task := s.AwaitTask(id, time.Minute)
	log := s.RawLog(id)
	if task.State != "Failed" || task.FinishedSuccessfully || !strings.Contains(task.ErrorMessage, "exit code 7") {
		t.Errorf("task %+v\n%s", task, log)
	}
	checkRecord(t, record, id, log, append(on("break", machines), place{"always", "server"}))
}

// treeOf is the directory in which the processes of a script that never ends work.
func treeOf(record, taskID string) string { return filepath.Join(record, "tree-"+taskID) }

// endless is a script with children that ends only when somebody ends it.
const endless = recording + `
tree="$(get_octopusvariable Record)/tree-$(get_octopusvariable Octopus.Task.Id)"
mkdir -p "$tree" && cd "$tree"
record sleep
sleep 600 &
bash -c 'sleep 600; true' &
wait
`

func checkCancel(t *testing.T, s *mainjob.Server, environment, record string, machines []string) {
	id := deployScript(t, s, "Sleeps", environment, record,
		mainjob.Step{Name: "Sleep", Role: "web", Script: endless}, mainjob.Step{Name: "Never", Script: recording + "record never\n"})
	places := on("sleep", machines)
	awaitLines(t, s, id, places)
	s.Cancel(id)
	checkCancelled(t, s, id, record, places)
}

// awaitLines waits until the log has every line of the places.
func awaitLines(t *testing.T, s *mainjob.Server, id string, places []place) {
	t.Helper()
	mainjob.Eventually(t, 30*time.Second, "the scripts have said their lines", func() bool {
		log := logged(s.RawLog(id))
		for _, p := range places {
			if len(log[p]) < 3 {
				return false
			}
		}
		return true
	})
}

func checkCancelled(t *testing.T, s *mainjob.Server, id, record string, places []place) {
	t.Helper()
	task := s.AwaitTask(id, time.Minute)
	log := s.RawLog(id)
	if task.State != "Canceled" {
		t.Errorf("task %+v\n%s", task, log)
	}
	checkRecord(t, record, id, log, places)
	mainjob.Eventually(t, 10*time.Second, "every process of the script is gone", func() bool { return len(mainjob.Processes(treeOf(record, id))) == 0 })
}
