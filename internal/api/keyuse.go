package api

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/store"
)

// keyUses keeps which API keys were used since the last time that it was written down.
type keyUses struct {
	mu     sync.Mutex
	noted  map[string]time.Time
	latest map[string]time.Time
}

func (k *keyUses) note(hash string, db *store.DB) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.latest == nil {
		k.latest, k.noted = map[string]time.Time{}, map[string]time.Time{}
	}
	k.latest[hash] = db.Now()
}

// due returns the uses that were not written down within the last minute.
func (k *keyUses) due(now time.Time) map[string]time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	due := map[string]time.Time{}
	for hash, at := range k.latest {
		if now.Sub(k.noted[hash]) >= time.Minute {
			due[hash] = at
			k.noted[hash] = now
			delete(k.latest, hash)
		}
	}
	return due
}

// Tidy writes down when API keys were used last, and removes expired sessions and old answers to Idempotency-Keys. The
// assembly calls it every few seconds and once at the end; more than one node may.
func (e *Engine) Tidy(ctx context.Context) error {
	due := e.uses.due(e.DB.Now())
	return e.DB.Write(ctx, func(tx *store.Tx) error {
		for hash, at := range due {
			if err := access.KeyUsed(tx, hash, at); err != nil {
				return err
			}
		}
		if err := access.RemoveExpiredSessions(tx); err != nil {
			return err
		}
		_, err := tx.Exec("DELETE FROM idempotency WHERE at < $1", store.At(tx.Now.Add(-24*time.Hour)))
		return err
	})
}

// RunTidy calls Tidy until ctx ends.
func (e *Engine) RunTidy(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := e.Tidy(ctx); err != nil && ctx.Err() == nil {
				e.Logger.Warn("tidying up failed", slog.Any("error", err))
			}
		}
	}
}
