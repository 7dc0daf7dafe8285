package journal_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/executor/journal"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

// A commit whose answer is lost is carried out again: the second time finds what the first wrote.
func TestBeginningAgainFindsTheFirst(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		u := journal.Unit{Action: "1", Machine: "Machines-1", Phase: "script", Attempt: 1}
		begin := func() (s *journal.Script) {
			t.Helper()
			err := db.Write(t.Context(), func(tx *store.Tx) (err error) {
				s, err = journal.Begin(tx, "ServerTasks-1", u, "ticket", "")
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		first := begin()
		err := db.Write(t.Context(), func(tx *store.Tx) error { return journal.SetHandle(tx, "ServerTasks-1", first, "handle") })
		if err != nil {
			t.Fatal(err)
		}
		again := begin()
		if diff := cmp.Diff([]string{"Machines-1", "ticket", "handle"}, []string{again.Where, again.Ticket, again.Handle}); diff != "" || again.State != journal.Running {
			t.Errorf("state %s\n%s", again.State, diff)
		}
		err = db.Read(t.Context(), func(tx *store.Tx) error {
			units, err := journal.Units(tx, "ServerTasks-1")
			if diff := cmp.Diff([]journal.Unit{u}, units); diff != "" {
				t.Error(diff)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
