package task

import (
	"errors"
	"fmt"
	"time"

	"github.com/mantledeploy/mantle/internal/cluster"
	"github.com/mantledeploy/mantle/internal/store"
)

// Behind tells why a task does not go on: a sentence for people, and the tasks that it waits for, nearest first.
type Behind struct {
	Reason string
	Tasks  []*Task
}

// QueuedBehind explains a task that waits; a task that runs or has ended waits for nothing.
func QueuedBehind(tx *store.Tx, t *Task) (Behind, error) {
	switch {
	case t.State.Completed():
		return Behind{}, nil
	case t.State.Started():
		return behindStarted(tx, t)
	case t.NotBefore != nil && t.NotBefore.After(tx.Now):
		return Behind{Reason: "The task is scheduled to start at " + t.NotBefore.Format(time.RFC3339) + "."}, nil
	}
	if paused, err := Paused(tx); paused || err != nil {
		return Behind{Reason: "The task queue is paused."}, err
	}
	if b, err := behindExclusion(tx, t); b.Reason != "" || err != nil {
		return b, err
	}
	return behindNodes(tx, t)
}

// behindStarted explains a started task that has no runner.
func behindStarted(tx *store.Tx, t *Task) (Behind, error) {
	switch {
	case t.Held:
		return Behind{Reason: t.WaitReason}, nil
	case t.WaitUntil != nil:
		tasks, err := lockedBy(tx, t)
		return Behind{Reason: t.WaitReason, Tasks: tasks}, err
	}
	return Behind{}, nil
}

// lockedBy returns the tasks that stand before the task at its locks.
func lockedBy(tx *store.Tx, t *Task) (tasks []*Task, err error) {
	var ids []string
	err = tx.Query(`SELECT DISTINCT before_.task_id FROM task_lock mine JOIN task_lock before_ ON before_.resource = mine.resource AND before_.place < mine.place
		WHERE mine.task_id = $1 AND mine.granted = $2 AND before_.task_id <> $1`, []any{t.ID, false}, func(row *store.Row) error {
		var id string
		err := row.Scan(&id)
		ids = append(ids, id)
		return err
	})
	for _, id := range ids {
		other, getErr := Get(tx, id)
		err = errors.Join(err, getErr)
		tasks = append(tasks, other)
	}
	return tasks, err
}

func behindExclusion(tx *store.Tx, t *Task) (Behind, error) {
	if t.Exclusion == "" {
		return Behind{}, nil
	}
	var id string
	err := tx.QueryRow("SELECT task_id FROM task_exclusion WHERE key = $1", t.Exclusion).Scan(&id)
	if errors.Is(err, store.ErrNoRow) {
		return Behind{}, nil
	}
	if err != nil {
		return Behind{}, err
	}
	other, err := Get(tx, id)
	if err != nil {
		return Behind{}, err
	}
	return Behind{Reason: fmt.Sprintf("Only one such task runs at a time; %s (%s) is under way.", other.ID, other.Description), Tasks: []*Task{other}}, nil
}

// behindNodes explains a task that could start if a node took it.
func behindNodes(tx *store.Tx, t *Task) (Behind, error) {
	nodes, err := cluster.Nodes(tx)
	if err != nil {
		return Behind{}, err
	}
	online, draining, room := 0, 0, 0
	for _, n := range nodes {
		if !n.Online() {
			continue
		}
		online++
		if n.Draining {
			draining++
		} else {
			room += max(n.TaskCap-n.Running, 0)
		}
	}
	before, err := ahead(tx, t)
	if err != nil {
		return Behind{}, err
	}
	switch {
	case online == 0:
		return Behind{Reason: "No server node is online."}, nil
	case draining == online:
		return Behind{Reason: "All nodes that are online are being drained, and take no new tasks."}, nil
	case room == 0:
		return Behind{Reason: "All nodes run as many tasks as their task caps allow.", Tasks: before}, nil
	case len(before) > 0:
		return Behind{Reason: fmt.Sprintf("%d tasks are before it in the queue.", len(before)), Tasks: before}, nil
	}
	return Behind{Reason: "The task is about to start."}, nil
}

// ahead returns the queued tasks that were asked for earlier or moved before the task.
func ahead(tx *store.Tx, t *Task) (tasks []*Task, err error) {
	err = tx.Query("SELECT "+columns+` FROM server_task WHERE state = 'Queued' AND id <> $1 AND (not_before IS NULL OR not_before <= $2)
		AND (moved_to_top > $3 OR (moved_to_top = $3 AND (priority > $4 OR (priority = $4 AND seq < $5)))) ORDER BY moved_to_top DESC, priority DESC, seq LIMIT 100`,
		[]any{t.ID, store.At(tx.Now), t.MovedToTop, t.Priority, t.Seq}, func(row *store.Row) error {
			other, err := scan(row)
			tasks = append(tasks, other)
			return err
		})
	return tasks, err
}
