package server

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/mantledeploy/mantle/internal/cluster"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/premises"
	"github.com/mantledeploy/mantle/internal/store"
)

// homeFile is where a data directory keeps whose it is; premises.HomeLock keeps a second process of this machine away.
const homeFile = "node.json"

// home is whose a data directory is.
type home struct{ Installation, NodeID, NodeName string }

// lockHome refuses a data directory that another server uses. Nodes share a database and a store of files, never their homes. On SQLite the
// database's own lock has settled it.
func (s *Server) lockHome() error {
	if s.db.Engine() != store.Postgres {
		return nil
	}
	dir := string(s.cfg.DataDir)
	unlock, err := store.LockFile(filepath.Join(dir, premises.HomeLock))
	if errors.Is(err, store.ErrInUse) {
		return fault.Conflict("another mantle server uses the data directory %s; give each node a data directory of its own with --data-dir (nodes share the database and the store of files, nothing else)", dir).Because(err)
	}
	if err != nil {
		return fault.Unavailable("the data directory %s cannot be locked: %v", dir, reason(err)).Because(err)
	}
	s.closeLater(unlock)
	return nil
}

// claimHome refuses a data directory of another node that is online: a lock does not reach over every network share. It comes before the node joins.
func (s *Server) claimHome(ctx context.Context) error {
	if s.db.Engine() != store.Postgres {
		return nil
	}
	path := filepath.Join(string(s.cfg.DataDir), homeFile)
	var whose home
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && json.Unmarshal(text, &whose) != nil || whose.Installation != s.installation.UUID || strings.EqualFold(whose.NodeName, s.cfg.NodeName) {
		return nil
	}
	if err != nil {
		return fault.Unavailable("the file %s cannot be read: %v", path, reason(err)).Because(err)
	}
	return s.db.Read(ctx, func(tx *store.Tx) error {
		node, err := cluster.Find(tx, whose.NodeID)
		if fault.Is(err, fault.KindNotFound) {
			return nil
		}
		if err == nil && node.Online() {
			return fault.Conflict("the data directory %s belongs to the node %q, which is online; give this node a data directory of its own with --data-dir (nodes share the database and the store of files, nothing else)",
				s.cfg.DataDir, node.Name)
		}
		return err
	})
}

// signHome writes whose the data directory is.
func (s *Server) signHome() error {
	if s.db.Engine() != store.Postgres {
		return nil
	}
	text, err := json.Marshal(home{Installation: s.installation.UUID, NodeID: s.member.ID(), NodeName: s.cfg.NodeName})
	if err != nil {
		return err
	}
	path := filepath.Join(string(s.cfg.DataDir), homeFile)
	if err := os.WriteFile(path, append(text, '\n'), 0o600); err != nil {
		return fault.Unavailable("the file %s cannot be written: %v", path, reason(err)).Because(err)
	}
	return nil
}
