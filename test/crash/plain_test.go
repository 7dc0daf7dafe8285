package crash

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/test/mainjob"
)

// TestPlainTentacles deploys to agents that have a Tentacle's own services alone: the server brings the tool for steps.
func TestPlainTentacles(t *testing.T) {
	t.Parallel()
	h := programs.House(t)
	s := h.Server(mainjob.ServerConfig{})
	record := recordDir(t, h)
	environment := s.Environment("Development")
	machines := []string{"tickets", "old"}
	h.PlainAgent(s, "tickets", environment, []string{"web"}, false)
	h.PlainAgent(s, "old", environment, []string{"web"}, true)
	s.AwaitHealthy(machines...)
	project := s.Project("Shop")
	s.SetVariables(project, mainjob.Variable{Name: "Record", Value: record}, mainjob.Variable{Name: "Greeting", Value: "try it"},
		mainjob.Variable{Name: "Secret", Value: "open-sesame-42", Sensitive: true})
	s.SetProcess(project, shopSteps(machines...)...)
	s.Upload("Shop.Web.1.0.0.zip", shop(t))
	release := s.Release(project, "1.0.0", shopPackages())
	for i, uploads := range []int{2, 0} {
		task := s.AwaitTask(s.Deploy(release, environment), time.Minute)
		log := mustSucceed(t, s, task)
		checkShop(t, s, record, "Development", task.ID, log, machines)
		if n := strings.Count(log, "Uploading the tool for steps"); n != uploads {
			t.Errorf("deployment %d brought the tool %d times; want %d\n%s", i+1, n, uploads, log)
		}
	}
	for _, name := range machines {
		if found, err := os.ReadDir(h.Path("agents", name, "Tools", "mantle-agent")); err != nil || len(found) != 1 {
			t.Errorf("tools of %s: %v, %v", name, found, err)
		}
	}
	t.Run("a script that fails", func(t *testing.T) { checkFailure(t, s, environment, record, machines) })
	t.Run("a deployment that is canceled", func(t *testing.T) { checkCancel(t, s, environment, record, machines) })
}
