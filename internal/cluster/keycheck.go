package cluster

import (
	"errors"
	"time"

	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
)

// KeyCheck is when somebody showed that a copy of the master key, as it is kept away from the server, is the right one.
type KeyCheck struct {
	// KeyID is the key's: after a rotation the check was of another key.
	KeyID string
	At    time.Time
	// By is a user's name.
	By string
}

// LastKeyCheck returns the last one; a zero value where there was none.
func LastKeyCheck(tx *store.Tx) (c KeyCheck, err error) {
	var at store.Time
	err = tx.QueryRow("SELECT key_id, checked_at, checked_by FROM master_key_check").Scan(&c.KeyID, &at, &c.By)
	if errors.Is(err, store.ErrNoRow) {
		return KeyCheck{}, nil
	}
	c.At = at.Time
	return c, err
}

// IsMasterKey is nil for the master key in force, and says what is wrong with another one.
func IsMasterKey(tx *store.Tx, key secret.MasterKey) error {
	var check string
	if err := tx.QueryRow("SELECT key_check FROM installation").Scan(&check); err != nil {
		return err
	}
	return secret.NewKeyring(key).Verify(check)
}

// RecordKeyCheck keeps that a copy of the key was right.
func RecordKeyCheck(tx *store.Tx, keyID, by string) error {
	_, err := tx.Exec(`INSERT INTO master_key_check (id, key_id, checked_at, checked_by) VALUES ('master-key', $1, $2, $3)
		ON CONFLICT (id) DO UPDATE SET key_id = $1, checked_at = $2, checked_by = $3`, keyID, store.At(tx.Now), by)
	return err
}
