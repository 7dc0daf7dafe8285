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
	err = t.withDatabase(ctx, func(db *store.DB) error {
		return cluster.VerifyMasterKey(ctx, db, secret.NewKeyring(key))
	})
	if err != nil {
		return err
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
