package task

import (
	"errors"
	"fmt"
	"slices"
	"strings"
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
		return Behind{Reason: "The task queue is paused: no queued task is started until somebody lets it go on."}, err
	}
	if stopped, err := spaceStopped(tx, t); stopped || err != nil {
		return Behind{Reason: "The task queue of its space is stopped; whoever manages the space can start it again in the space's settings."}, err
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
	return behindGone(tx, t)
}

// behindGone explains a started task whose runner is gone and that no other has taken up yet.
func behindGone(tx *store.Tx, t *Task) (Behind, error) {
	nodes, err := cluster.Nodes(tx)
	if err != nil {
		return Behind{}, err
	}
	for _, n := range nodes {
		if t.OwnerEpoch != "" && n.Epoch == t.OwnerEpoch {
			return Behind{}, nil
		}
	}
	reason := fmt.Sprintf("It was begun on %s and is being taken up by another node.", t.OwnerNode)
	if !slices.ContainsFunc(nodes, cluster.Node.Takes) {
		reason = fmt.Sprintf("It was begun on %s. %s", t.OwnerNode, noNode(nodes))
	}
	return Behind{Reason: reason}, nil
}

func spaceStopped(tx *store.Tx, t *Task) (bool, error) {
	var n int
	err := tx.QueryRow("SELECT COUNT(*) FROM space WHERE id = $1 AND queue_stopped", t.SpaceID).Scan(&n)
	return n > 0, err
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
	running, err := runningByEpoch(tx)
	if err != nil {
		return Behind{}, err
	}
	room, full := 0, []string{}
	for _, n := range nodes {
		if n.Takes() {
			room += max(n.TaskCap-running[n.Epoch], 0)
			full = append(full, fmt.Sprintf("%s %d of %d", n.Name, running[n.Epoch], n.TaskCap))
		}
	}
	before, err := ahead(tx, t)
	if err != nil {
		return Behind{}, err
	}
	switch {
	case len(full) == 0:
		return Behind{Reason: noNode(nodes)}, nil
	case room == 0:
		return Behind{Reason: fmt.Sprintf("All nodes run as many tasks as their task caps allow (%s).", strings.Join(full, ", ")), Tasks: before}, nil
	case len(before) == 1:
		return Behind{Reason: "One task is before it in the queue.", Tasks: before}, nil
	case len(before) > 0:
		return Behind{Reason: fmt.Sprintf("%d tasks are before it in the queue.", len(before)), Tasks: before}, nil
	}
	return Behind{Reason: "The task is about to start."}, nil
}

// runningByEpoch counts the tasks that each start of a node runs. What nodes say of themselves with their heartbeats is older.
func runningByEpoch(tx *store.Tx) (map[string]int, error) {
	running := map[string]int{}
	err := tx.Query("SELECT owner_epoch, COUNT(*) FROM server_task WHERE state IN ('Executing', 'Cancelling') AND owner_epoch IS NOT NULL GROUP BY owner_epoch", nil, func(row *store.Row) error {
		var epoch string
		var n int
		err := row.Scan(&epoch, &n)
		running[epoch] = n
		return err
	})
	return running, err
}

// noNode says why no node takes tasks.
func noNode(nodes []cluster.Node) string {
	var online, drained, capped, ill []string
	for _, n := range nodes {
		switch {
		case !n.Online():
			continue
		case n.Trouble != "":
			ill = append(ill, n.Name)
		case n.Draining || n.Stopping:
			drained = append(drained, n.Name)
		case n.TaskCap == 0:
			capped = append(capped, n.Name)
		}
		online = append(online, n.Name)
	}
	switch {
	case len(online) == 0:
		return "No server node is online."
	case len(drained) == len(online):
		return fmt.Sprintf("All nodes that are online are being drained or stopped (%s), and take no new tasks.", strings.Join(drained, ", "))
	case len(capped) == len(online):
		return fmt.Sprintf("All nodes that are online have the task cap 0 (%s), and run no tasks.", strings.Join(capped, ", "))
	}
	var why []string
	for _, group := range []struct {
		names []string
		what  string
	}{{drained, "being drained or stopped"}, {capped, "task cap 0"}, {ill, "in trouble, which its page tells"}} {
		if len(group.names) > 0 {
			why = append(why, strings.Join(group.names, ", ")+": "+group.what)
		}
	}
	return "No node takes tasks (" + strings.Join(why, "; ") + ")."
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
