package cluster

import (
	"errors"
	"testing"

	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

// A renewal counts once and a node is retired once where the answer is lost; what was renewed meanwhile is not retired.
func TestRenewingAndRetiringLoseTheirAnswers(t *testing.T) {
	t.Parallel()
	storetest.RunLosing(t, 0, func(t *testing.T, db *store.DB, commits *storetest.Commits) {
		ledger := table{db}
		for _, how := range storetest.Losses() {
			m, err := Join(t.Context(), db, Config{Name: "web-1", Version: "test"})
			if err != nil {
				t.Fatal(err)
			}
			seen, err := ledger.nodes(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			commits.Lose(1, how)
			if renewals, _, err := ledger.renew(t.Context(), beat{id: m.id, epoch: m.epoch}); renewals != 1 || err != nil {
				t.Errorf("%s: %d renewals, %v", how, renewals, err)
			}
			commits.Lose(1, how)
			if done, err := ledger.retire(t.Context(), seen[0]); done || err != nil {
				t.Errorf("%s: a node that had renewed was retired: %v, %v", how, done, err)
			}
			seen[0].Renewals = 1
			commits.Lose(1, how)
			if done, err := ledger.retire(t.Context(), seen[0]); !done || err != nil {
				t.Errorf("%s: not retired: %v", how, err)
			}
			commits.Lose(1, how)
			if _, _, err := ledger.renew(t.Context(), beat{id: m.id, epoch: m.epoch}); !errors.Is(err, ErrRetired) {
				t.Errorf("%s: a retired epoch renewed: %v", how, err)
			}
			commits.Choose(nil) // what is refused commits nothing
		}
		if commits.Lost() != 6 {
			t.Errorf("%d answers were lost", commits.Lost())
		}
	})
}
