package server

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/mantledeploy/mantle/internal/cluster"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/premises"
	"github.com/mantledeploy/mantle/internal/secret"
)

// makeWritable makes the data directory, and makes sure that this process may write in it.
func makeWritable(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fault.Invalid("the data directory %s cannot be made: %v; make it for this user, or choose another with --data-dir", dir, reason(err)).Because(err)
	}
	return premises.Writable(dir)
}

func reason(err error) error { return premises.Reason(err) }

// masterKey returns the key that the settings give, or the data directory's, or, for a database that is not set up yet, a new one.
func (s *Server) masterKey(ctx context.Context, first *firstStart) (secret.MasterKey, error) {
	if key := s.cfg.MasterKey.MasterKey; !key.IsZero() {
		return key, nil
	}
	path := filepath.Join(string(s.cfg.DataDir), secret.MasterKeyFile)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		id, err := cluster.MasterKeyID(ctx, s.db)
		if err != nil {
			return secret.MasterKey{}, err
		}
		if id != "" {
			return secret.MasterKey{}, fault.Invalid("this database was set up with the master key %s, and this server has none: give it with --master-key or MANTLE_MASTER_KEY, or copy the other server's %s to %s",
				id, secret.MasterKeyFile, path)
		}
	}
	key, made, err := secret.LoadOrCreateMasterKey(string(s.cfg.DataDir))
	if err != nil {
		return secret.MasterKey{}, err
	}
	first.madeKey, first.master = made, key
	return key, nil
}
