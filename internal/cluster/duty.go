package cluster

import (
	"time"

	"github.com/mantledeploy/mantle/internal/store"
)

// Once tells whether this node is to start the duty that was due at the end of the last full interval: the first one who asks, in a
// transaction that commits.
func (m *Member) Once(tx *store.Tx, name string, interval time.Duration) (bool, error) {
	n, err := tx.Exec("INSERT INTO duty_start (name, due, node) VALUES ($1, $2, $3) ON CONFLICT (name, due) DO NOTHING",
		name, store.At(tx.Now.Truncate(interval)), m.Name())
	return n == 1, err
}

// ForgetDuties drops the rows of starts before a time.
func ForgetDuties(tx *store.Tx, before time.Time) error {
	_, err := tx.Exec("DELETE FROM duty_start WHERE due < $1", store.At(before))
	return err
}
