package retention_test

import (
	"strings"
	"testing"

	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
	"github.com/mantledeploy/mantle/internal/task"
)

// Where the answers to commits are lost, on either side, each release goes once, with one event and one line.
func TestApplyLosesItsAnswers(t *testing.T) {
	t.Parallel()
	storetest.RunLosing(t, 0, func(t *testing.T, db *store.DB, commits *storetest.Commits) {
		h := start(t, db)
		h.keep(t, items(2))
		h.deployed(t, 6)
		n := 0
		commits.Choose(func() storetest.Loss {
			if n++; n%3 != 0 {
				return storetest.Kept
			}
			return storetest.Losses()[n/3%2]
		})
		ran := h.apply(t, h.handler)
		commits.Choose(nil)
		log := h.text(t, ran.ID)
		if ran.State != task.Success || h.versions(t) != "4 5 6" || commits.Lost() < 3 {
			t.Errorf("%s: %s, %d answers lost\n%s", ran.State, h.versions(t), commits.Lost(), log)
		}
		for table, want := range map[string]int{
			"event WHERE category = 'Deleted' AND document_type = 'Releases'": 3, "server_task WHERE kind = 'Deploy'": 3, "artifact_file": 3, "task_log_file": 3,
		} {
			if got := h.rows(t, table); got != want {
				t.Errorf("%s has %d rows, want %d", table, got, want)
			}
		}
		if h.keys(t) != 6 || strings.Count(log, " with 1 deployment.") != 3 {
			t.Errorf("%d files\n%s", h.keys(t), log)
		}
	})
}
