package admin

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/cluster"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
)

// Rotation says how the master key is rotated.
type Rotation struct {
	// Key is the new master key; zero: a random one.
	Key secret.MasterKey
	// Finish ends the rotation also where nodes that are offline still have the old key.
	Finish bool
	// Wait bounds the wait for the nodes that run.
	Wait time.Duration
}

// RotateMasterKey replaces the master key, or goes on with that. Until it ends a node can start with either key.
func (t Tool) RotateMasterKey(ctx context.Context, r Rotation) error {
	mine, err := t.masterKey()
	if err != nil {
		return err
	}
	return t.withDatabase(ctx, func(db *store.DB) error {
		keys := secret.NewKeyring(mine)
		if err := cluster.VerifyMasterKey(ctx, db, keys); err != nil {
			return err
		}
		fresh := r.Key
		if fresh.IsZero() {
			fresh = secret.NewMasterKey()
		}
		next, err := cluster.BeginRotation(ctx, db, keys, fresh)
		if err != nil {
			return err
		}
		if !r.Key.IsZero() && !next.Equal(r.Key) {
			return fault.Conflict("a rotation to another master key (%s) is under way; end it first: mantle master-key rotate, without a key", next.ID())
		}
		// Shown before anything depends on it.
		if err := t.say("The new master key (%s), with which every node can start from now on:\n\n  %s\n", next.ID(), next.Text().Reveal()); err != nil {
			return err
		}
		if err := t.takeUp(&mine, next); err != nil {
			return err
		}
		return t.conclude(ctx, db, r, mine, next)
	})
}

// takeUp puts the new key where this command has its own from, if that is a file.
func (t Tool) takeUp(mine *secret.MasterKey, next secret.MasterKey) error {
	if mine.Equal(next) || !t.Config.MasterKey.IsZero() {
		return nil
	}
	if err := secret.ReplaceMasterKeyFile(string(t.Config.DataDir), next); err != nil {
		return err
	}
	*mine = next
	return t.say("%s has the new key.", filepath.Join(string(t.Config.DataDir), secret.MasterKeyFile))
}

// conclude waits for the nodes that run, and ends the rotation where nothing stands against it.
func (t Tool) conclude(ctx context.Context, db *store.DB, r Rotation, mine, next secret.MasterKey) error {
	online, offline, err := t.awaitHolders(ctx, db, r.Wait, next)
	if err != nil {
		return err
	}
	if db.Engine() == store.SQLite { // the one node is stopped, and has its key from where this command has its own
		offline = nil
		if !mine.Equal(next) {
			offline = []string{"the server has its key from a setting (--master-key, MANTLE_MASTER_KEY): set the new key there, for this command too"}
		}
	}
	switch {
	case len(online) > 0:
		return t.unfinished("These nodes run and have the old key", online, "mantle master-key rotate")
	case len(offline) > 0 && (!r.Finish || db.Engine() == store.SQLite):
		return t.unfinished("These nodes are offline and have the old key", offline, "mantle master-key rotate --finish")
	}
	if err := cluster.FinishRotation(ctx, db, next); err != nil {
		return err
	}
	return t.say("The rotation is finished: the old key does not open this database any more.\n" +
		"Back up the new key now, apart from the database. Keep the old key for as long as you keep database backups from before.")
}

func (t Tool) unfinished(who string, nodes []string, then string) error {
	return t.say("The rotation is not finished; both keys open the database.\n%s:\n  %s\nGive them the new one (in the place where they have theirs), restart those that have it from a setting, then run: %s",
		who, strings.Join(nodes, "\n  "), then)
}

// awaitHolders returns the nodes that still have the old key when all that run have the new one, or when the time is over.
func (t Tool) awaitHolders(ctx context.Context, db *store.DB, wait time.Duration, next secret.MasterKey) (online, offline []string, err error) {
	deadline := time.Now().Add(wait)
	for {
		var holders []cluster.KeyHolder
		err := db.Read(ctx, func(tx *store.Tx) (err error) {
			holders, err = cluster.KeyHolders(tx)
			return err
		})
		if err != nil {
			return nil, nil, err
		}
		online, offline = nil, nil
		waiting := false
		for _, h := range holders {
			if h.KeyID == next.ID() {
				continue
			}
			if h.Online {
				online = append(online, h.Node+reasonOf(h))
				waiting = waiting || h.Origin != cluster.KeyFromSetting || h.KeyID == ""
			} else {
				offline = append(offline, h.Node)
			}
		}
		if !waiting || time.Now().After(deadline) {
			return online, offline, nil
		}
		select {
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func reasonOf(h cluster.KeyHolder) string {
	switch {
	case h.Problem != "":
		return fmt.Sprintf(" (%s)", h.Problem)
	case h.Origin == cluster.KeyFromSetting:
		return " (from a setting)"
	case h.KeyID == "":
		return " (it has not told yet: a release that cannot do this?)"
	}
	return ""
}
