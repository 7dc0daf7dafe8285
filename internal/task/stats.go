package task

import (
	"time"

	"github.com/mantledeploy/mantle/internal/store"
)

// Stats is the queue of the whole cluster at one moment.
type Stats struct {
	// Queued tasks are due, Scheduled ones are not yet.
	Queued, Scheduled int
	// Running tasks have a runner, Orphaned ones had one that is gone; Waiting ones wait for something other than a node; Held ones for a person.
	Running, Orphaned, Waiting, Held int
	// Oldest is how long the oldest due task has been due.
	Oldest time.Duration
}

// ReadStats counts the tasks that have not ended.
func ReadStats(tx *store.Tx) (s Stats, err error) {
	now := store.At(tx.Now)
	var oldest store.Time
	err = tx.QueryRow(`SELECT
		COALESCE(SUM(CASE WHEN state = 'Queued' AND (not_before IS NULL OR not_before <= $1) THEN 1 ELSE 0 END), 0),
		COALESCE(SUM(CASE WHEN state = 'Queued' AND not_before > $1 THEN 1 ELSE 0 END), 0),
		COALESCE(SUM(CASE WHEN state <> 'Queued' AND owner_epoch IS NOT NULL AND EXISTS (SELECT 1 FROM node WHERE node.epoch = owner_epoch) THEN 1 ELSE 0 END), 0),
		COALESCE(SUM(CASE WHEN state <> 'Queued' AND NOT held AND (wait_until IS NULL OR wait_until <= $1) AND `+notLive+` THEN 1 ELSE 0 END), 0),
		COALESCE(SUM(CASE WHEN state <> 'Queued' AND wait_until > $1 THEN 1 ELSE 0 END), 0),
		COALESCE(SUM(CASE WHEN held THEN 1 ELSE 0 END), 0),
		MIN(CASE WHEN state = 'Queued' AND (not_before IS NULL OR not_before <= $1) THEN COALESCE(not_before, queued_at) END)
		FROM server_task WHERE state IN ('Queued', 'Executing', 'Cancelling')`, now).
		Scan(&s.Queued, &s.Scheduled, &s.Running, &s.Orphaned, &s.Waiting, &s.Held, &oldest)
	if !oldest.IsZero() {
		s.Oldest = max(tx.Now.Sub(oldest.Time), 0)
	}
	return s, err
}
