package admin

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/audit"
	"github.com/mantledeploy/mantle/internal/cluster"
	"github.com/mantledeploy/mantle/internal/cluster/storage"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/task"
)

// databaseHandle is the database as the commands have it.
type databaseHandle = *store.DB

// databaseDesk steers through the database; running nodes hear of it at once.
type databaseDesk struct{ db databaseHandle }

func (d databaseDesk) nodes(ctx context.Context) (rows []nodeRow, err error) {
	err = d.db.Read(ctx, func(tx *store.Tx) error {
		all, err := cluster.Nodes(tx)
		if err != nil {
			return err
		}
		stores, err := storage.Problems(tx)
		rows = nil
		for _, n := range all {
			rows = append(rows, nodeRow{
				ID: n.ID, Name: n.Name, State: n.State(), Problem: cmp.Or(n.Problem(), stores[n.ID]), Version: n.Version, Address: n.Address, Running: n.Running, TaskCap: n.TaskCap,
				Offline: !n.Online(), Draining: n.Draining, StartedAt: n.StartedAt, LastSeenAt: n.LastSeenAt, StaysUntil: n.StaysUntil,
			})
		}
		return err
	})
	return rows, err
}

// change makes one change and writes its event.
func (d databaseDesk) change(ctx context.Context, e audit.Entry, f func(tx *store.Tx) error) error {
	e.Actor = audit.Actor{EstablishedWith: "Command line"}
	return d.db.Write(ctx, func(tx *store.Tx) error {
		if err := f(tx); err != nil {
			return err
		}
		_, err := audit.Record(tx, e)
		return err
	})
}

func nodeEvent(n nodeRow, category audit.Category, what string) audit.Entry {
	return audit.Entry{Category: category, DocumentID: n.ID, DocumentType: "OctopusServerNodes", Message: fmt.Sprintf("Node %s was %s with the command mantle node", n.Name, what),
		Subjects: []audit.Subject{{ID: n.ID, Name: n.Name}}}
}

func (d databaseDesk) drain(ctx context.Context, n nodeRow, stays time.Duration) error {
	return d.change(ctx, nodeEvent(n, audit.NodeMaintenance, "drained"), func(tx *store.Tx) error {
		if stays > 0 {
			return cluster.Drain(tx, n.ID, tx.Now.Add(stays))
		}
		return cluster.Drain(tx, n.ID, time.Time{})
	})
}

func (d databaseDesk) undrain(ctx context.Context, n nodeRow) error {
	return d.change(ctx, nodeEvent(n, audit.NodeMaintenance, "undrained"), func(tx *store.Tx) error { return cluster.Undrain(tx, n.ID) })
}

func (d databaseDesk) setTaskCap(ctx context.Context, n nodeRow, taskCap int) error {
	return d.change(ctx, nodeEvent(n, audit.Modified, fmt.Sprintf("given the task cap %d", taskCap)), func(tx *store.Tx) error { return cluster.SetTaskCap(tx, n.ID, taskCap) })
}

func (d databaseDesk) remove(ctx context.Context, n nodeRow) error {
	return d.change(ctx, nodeEvent(n, audit.Deleted, "deleted"), func(tx *store.Tx) error { return cluster.Delete(tx, n.ID) })
}

func (d databaseDesk) cancelTasks(ctx context.Context, n nodeRow) (cancelled int, err error) {
	err = d.db.Write(ctx, func(tx *store.Tx) error {
		cancelled = 0
		running, _, err := task.List(tx, task.Filter{Node: n.Name, Running: true})
		if err != nil {
			return err
		}
		for _, t := range running {
			if t.OwnerEpoch == "" || t.State == task.Cancelling {
				continue
			}
			if err := task.Cancel(tx, t.ID, ""); err != nil {
				return err
			}
			cancelled++
			_, err := audit.Record(tx, audit.Entry{Category: audit.TaskCanceled, SpaceID: t.SpaceID, DocumentID: t.ID, DocumentType: "ServerTasks", Actor: audit.Actor{EstablishedWith: "Command line"},
				Message: fmt.Sprintf("%s (%s) was canceled: its node %s is drained", t.ID, t.Description, n.Name), Subjects: []audit.Subject{{ID: t.ID, Name: t.ID}}})
			if err != nil {
				return err
			}
		}
		return nil
	})
	return cancelled, err
}

func (d databaseDesk) queuePaused(ctx context.Context) (paused bool, err error) {
	err = d.db.Read(ctx, func(tx *store.Tx) error {
		paused, err = task.Paused(tx)
		return err
	})
	return paused, err
}

func (d databaseDesk) pauseQueue(ctx context.Context, paused bool) error {
	message := "The task queue was let go on with the command mantle queue"
	if paused {
		message = "The task queue was paused with the command mantle queue"
	}
	return d.change(ctx, audit.Entry{Category: audit.Modified, DocumentID: "tasks-queue", DocumentType: "TaskQueue", Message: message}, func(tx *store.Tx) error { return task.Pause(tx, paused) })
}

func (d databaseDesk) maintenance(ctx context.Context) (on bool, err error) {
	err = d.db.Read(ctx, func(tx *store.Tx) error {
		m, err := access.ReadMaintenance(tx)
		on = m.On
		return err
	})
	return on, err
}

func (d databaseDesk) setMaintenance(ctx context.Context, on bool) error {
	message := "Maintenance mode was ended with the command mantle maintenance"
	if on {
		message = "Maintenance mode was begun with the command mantle maintenance"
	}
	return d.change(ctx, audit.Entry{Category: audit.Modified, DocumentID: "maintenance", DocumentType: "MaintenanceConfigurations", Message: message},
		func(tx *store.Tx) error { return access.SetMaintenance(tx, on, "an administrator") })
}
