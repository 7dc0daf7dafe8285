package admin

import (
	"context"
	"time"
)

// API is a server that a command asks instead of the database. An empty URL: the database.
type API struct{ URL, Key string }

// nodeRow is a node as commands show it.
type nodeRow struct {
	ID, Name, State, Problem, Version, Address string
	Running, TaskCap                           int
	Offline, Draining                          bool
	StartedAt, LastSeenAt, StaysUntil          time.Time
}

// desk is where commands steer a cluster from: its database, or the API of one of its nodes.
type desk interface {
	nodes(ctx context.Context) ([]nodeRow, error)
	// drain lets tasks go on there for as long as stays says before they are handed over.
	drain(ctx context.Context, n nodeRow, stays time.Duration) error
	undrain(ctx context.Context, n nodeRow) error
	setTaskCap(ctx context.Context, n nodeRow, taskCap int) error
	remove(ctx context.Context, n nodeRow) error
	// cancelTasks asks for the end of what runs on the node, and returns of how much.
	cancelTasks(ctx context.Context, n nodeRow) (int, error)
	queuePaused(ctx context.Context) (bool, error)
	pauseQueue(ctx context.Context, paused bool) error
	maintenance(ctx context.Context) (bool, error)
	setMaintenance(ctx context.Context, on bool) error
}

// atDesk opens the desk for f.
func (t Tool) atDesk(ctx context.Context, f func(desk) error) error {
	if t.API.URL != "" {
		d, err := newAPIDesk(t.API)
		if err != nil {
			return err
		}
		return f(d)
	}
	return t.withDatabase(ctx, func(db databaseHandle) error { return f(databaseDesk{db}) })
}
