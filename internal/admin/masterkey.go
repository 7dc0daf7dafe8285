package admin

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"

	"github.com/mantledeploy/mantle/internal/cluster"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
)

// ShowMasterKey prints the master key and nothing else, so that it can be kept in a safe place.
func (t Tool) ShowMasterKey() error {
	key, err := t.masterKey()
	if err != nil {
		return err
	}
	return t.say("%s", key.Text().Reveal())
}

// VerifyMasterKey says whether the master key opens the database's secrets.
func (t Tool) VerifyMasterKey(ctx context.Context) error {
	key, err := t.masterKey()
	if err != nil {
		return err
	}
	keys := secret.NewKeyring(key)
	var next secret.MasterKey
	var before string
	err = t.withDatabase(ctx, func(db *store.DB) error {
		if err := cluster.VerifyMasterKey(ctx, db, keys); err != nil {
			return err
		}
		return db.Read(ctx, func(tx *store.Tx) (err error) {
			next, before, err = cluster.NextMasterKey(tx, keys)
			return err
		})
	})
	if err != nil {
		return err
	}
	if !next.IsZero() {
		return t.say("The master key %s opens this database's secrets. A rotation from %s to %s is under way, in which both do; end it with mantle master-key rotate.", key.ID(), before, next.ID())
	}
	return t.say("The master key %s is the one of this database and opens its secrets.", key.ID())
}

// masterKey returns the key of the settings or of the data directory. It makes none.
func (t Tool) masterKey() (secret.MasterKey, error) {
	if key := t.Config.MasterKey.MasterKey; !key.IsZero() {
		return key, nil
	}
	path := filepath.Join(string(t.Config.DataDir), secret.MasterKeyFile)
	key, err := secret.ReadMasterKeyFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return key, fault.NotFound("there is no master key: %s does not exist, and none is given; say with --data-dir where the server keeps its data, or give the key with --master-key or MANTLE_MASTER_KEY", path)
	}
	return key, err
}
