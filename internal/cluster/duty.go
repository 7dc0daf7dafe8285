package cluster

import (
	"errors"
	"time"

	"github.com/mantledeploy/mantle/internal/store"
)

// Begin tells whether this node is to start the duty that was due at the end of the last full interval, and makes it this node's until End:
// one node of the cluster begins it, and not while a living node still does it. A duty that is this node's and that it does not do is free: the
// answer to its beginning or its end was lost.
func (m *Member) Begin(tx *store.Tx, name string, interval time.Duration) (bool, error) {
	if _, err := tx.Exec("INSERT INTO duty (name) VALUES ($1) ON CONFLICT (name) DO NOTHING", name); err != nil {
		return false, err
	}
	var owner string
	err := tx.QueryRow("SELECT COALESCE(epoch, '') FROM duty WHERE name = $1"+tx.ForUpdate(), name).Scan(&owner)
	if err != nil {
		return false, err
	}
	if owner == m.epoch && !m.does(name) {
		owner = ""
	}
	if owner != "" {
		alive, err := live(tx, owner)
		if alive || err != nil {
			return false, err
		}
	}
	if mine, err := m.once(tx, name, interval); !mine || err != nil {
		return false, err
	}
	tx.OnCommit(func() { m.setDoes(name, true) })
	_, err = tx.Exec("UPDATE duty SET epoch = $2 WHERE name = $1", name, m.epoch)
	return err == nil, err
}

// does tells whether this process has begun the duty and has not ended it.
func (m *Member) does(name string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.duties[name]
}

func (m *Member) setDoes(name string, does bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.duties[name] = does
}

// End tells that the duty that this node began is over, well or not.
func (m *Member) End(tx *store.Tx, name string) error {
	m.setDoes(name, false)
	_, err := tx.Exec("UPDATE duty SET epoch = NULL WHERE name = $1 AND epoch = $2", name, m.epoch)
	return err
}

func live(tx *store.Tx, epoch string) (bool, error) {
	var id string
	err := tx.QueryRow("SELECT id FROM node WHERE epoch = $1", epoch).Scan(&id)
	if errors.Is(err, store.ErrNoRow) {
		return false, nil
	}
	return err == nil, err
}

// once writes the start's row: one node of the cluster can, in a transaction that commits.
func (m *Member) once(tx *store.Tx, name string, interval time.Duration) (bool, error) {
	n, err := tx.Exec("INSERT INTO duty_start (name, due, node) VALUES ($1, $2, $3) ON CONFLICT (name, due) DO NOTHING",
		name, store.At(tx.Now.Truncate(interval)), m.Name())
	return n == 1, err
}

// ForgetDuties drops the rows of starts before a time.
func ForgetDuties(tx *store.Tx, before time.Time) error {
	_, err := tx.Exec("DELETE FROM duty_start WHERE due < $1", store.At(before))
	return err
}
