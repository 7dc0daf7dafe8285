package access

import (
	"time"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
)

// Maintenance tells whether the installation is in maintenance mode: administrators change things, everybody else reads. Tasks go on, those that are
// queued too.
type Maintenance struct {
	On bool
	// Since and By (a user's name) tell of the last change; zero: there was none.
	Since time.Time
	By    string
}

// ReadMaintenance reads it.
func ReadMaintenance(tx *store.Tx) (m Maintenance, err error) {
	var since store.Time
	err = tx.QueryRow("SELECT is_on, changed_at, changed_by FROM maintenance WHERE id = 'maintenance'").Scan(&m.On, &since, &m.By)
	m.Since = since.Time
	return m, err
}

// SetMaintenance begins or ends maintenance mode. Once its transaction has committed nobody else's write does.
func SetMaintenance(tx *store.Tx, on bool, by string) error {
	if err := Changing.take(tx); err != nil {
		return err
	}
	_, err := tx.Exec("UPDATE maintenance SET is_on = $1, changed_at = $2, changed_by = $3 WHERE id = 'maintenance'", on, store.At(tx.Now), by)
	return err
}

// MayChange is nil for who may change things now. Maintenance mode stays as it is until the transaction ends where the principal was loaded Held.
func (p *Principal) MayChange(tx *store.Tx) error {
	if p.Administrator() {
		return nil
	}
	m, err := ReadMaintenance(tx)
	if err != nil || !m.On {
		return err
	}
	return fault.Forbidden("the server is in maintenance mode since %s, and only administrators change things; nothing was changed: try again when it is over, or ask %s",
		m.Since.UTC().Format("2006-01-02 15:04 MST"), m.By)
}
