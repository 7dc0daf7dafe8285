package server

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/mantledeploy/mantle/internal/api/systemapi"
	"github.com/mantledeploy/mantle/internal/cluster"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
)

// openInstallation opens what the nodes share. A key that was made for nothing, because another node was first, does not stay.
func (s *Server) openInstallation(ctx context.Context, first *firstStart) (err error) {
	s.installation, err = cluster.OpenInstallation(ctx, s.db, s.keys)
	if err != nil && first.madeKey {
		err = errors.Join(err, os.Remove(filepath.Join(string(s.cfg.DataDir), secret.MasterKeyFile)))
	}
	return err
}

// keepMasterKey takes a new master key up while it is being rotated, and tells which one this node would start with again.
func (s *Server) keepMasterKey(ctx context.Context) error {
	changed := s.db.Listen(cluster.RotationChannel)
	defer changed.Close()
	tick := time.NewTicker(5 * time.Second)
	defer tick.Stop()
	told := ""
	for {
		if now, err := s.followRotation(ctx, told); err == nil {
			told = now
		} else if ctx.Err() == nil {
			s.log.Info("the master key's rotation could not be followed; it is tried again", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-changed.C:
		case <-tick.C:
		}
	}
}

// followRotation does what is due once, and returns what the other nodes were told.
func (s *Server) followRotation(ctx context.Context, told string) (string, error) {
	var next secret.MasterKey
	err := s.db.Read(ctx, func(tx *store.Tx) (err error) {
		next, _, err = cluster.NextMasterKey(tx, s.keys)
		return err
	})
	if err != nil {
		return told, err
	}
	origin, problem := cluster.KeyFromFile, ""
	if !s.cfg.MasterKey.IsZero() {
		origin = cluster.KeyFromSetting
	}
	if !next.IsZero() && next.ID() != s.keys.Master().ID() && origin == cluster.KeyFromFile {
		if err := secret.ReplaceMasterKeyFile(string(s.cfg.DataDir), next); err != nil {
			problem = err.Error()
		} else {
			s.keys.Adopt(next)
			s.log.Info("the master key is being rotated: this node has the new one", "key", next.ID())
		}
	}
	now := s.keys.Master().ID() + " " + problem
	if now == told {
		return told, nil
	}
	return now, s.member.TellMasterKey(ctx, s.keys.Master().ID(), origin, problem)
}

// masterKeys shows the master key to the API, without showing it.
type masterKeys struct{ s *Server }

// Show returns which key is in force, who has it, and when a copy of it was tried.
func (m masterKeys) Show(tx *store.Tx) (systemapi.MasterKey, error) {
	next, before, err := cluster.NextMasterKey(tx, m.s.keys)
	if err != nil {
		return systemapi.MasterKey{}, err
	}
	shown := systemapi.MasterKey{KeyID: before, Holders: []systemapi.KeyHolder{}}
	if !next.IsZero() {
		shown.NextKeyID = next.ID()
	}
	holders, err := cluster.KeyHolders(tx)
	if err != nil {
		return shown, err
	}
	for _, h := range holders {
		shown.Holders = append(shown.Holders, systemapi.KeyHolder{Node: h.Node, KeyID: h.KeyID, Origin: h.Origin, Problem: h.Problem, IsOnline: h.Online})
	}
	last, err := cluster.LastKeyCheck(tx)
	if last.KeyID != "" {
		shown.Checked = &systemapi.KeyCheck{At: last.At, By: last.By, KeyID: last.KeyID, IsCurrent: last.KeyID == before}
	}
	return shown, err
}

// Check compares a copy with the key in force.
func (m masterKeys) Check(tx *store.Tx, copy secret.Text, by string) error {
	key, err := secret.ParseMasterKey(copy.Reveal())
	if err != nil {
		return err
	}
	if cluster.IsMasterKey(tx, key) != nil {
		_, inForce, err := cluster.NextMasterKey(tx, m.s.keys)
		if err != nil {
			return err
		}
		return fault.Invalid("this is another master key: its ID is %s, that of the key in force %s; keep looking for the right copy, or make one with mantle master-key show", key.ID(), inForce)
	}
	return cluster.RecordKeyCheck(tx, key.ID(), by)
}
