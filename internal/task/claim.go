package task

import (
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/mantledeploy/mantle/internal/cluster"
	"github.com/mantledeploy/mantle/internal/store"
)

// Attempts is how many claims a task may have without progress before it is held.
const Attempts = 3

// claimer is on whose behalf tasks are claimed.
type claimer struct {
	node, name, epoch string
}

// lockNode share-locks the claimer's row, so that it cannot be retired meanwhile; ErrLost where it was.
func (c claimer) lockNode(tx *store.Tx) error {
	var id string
	err := tx.QueryRow("SELECT id FROM node WHERE id = $1 AND epoch = $2"+tx.ForShare(), c.node, c.epoch).Scan(&id)
	if errors.Is(err, store.ErrNoRow) {
		return ErrLost
	}
	return err
}

// notLive selects tasks that nobody runs: no owner, or one whose epoch is no live node's.
const notLive = "(owner_epoch IS NULL OR NOT EXISTS (SELECT 1 FROM node WHERE node.epoch = server_task.owner_epoch))"

// takeUp claims one started task that nobody runs, or returns nil.
func (c claimer) takeUp(tx *store.Tx) (*Task, error) {
	if err := c.lockNode(tx); err != nil {
		return nil, err
	}
	t, err := scan(tx.QueryRow(`SELECT `+columns+` FROM server_task WHERE state IN ('Executing', 'Cancelling') AND `+notLive+`
		AND (wait_until IS NULL OR wait_until <= $1) AND NOT held ORDER BY seq LIMIT 1`+tx.SkipLocked(), store.At(tx.Now)))
	if errors.Is(err, store.ErrNoRow) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	orphaned := t.OwnerEpoch != ""
	if orphaned && t.Fruitless >= Attempts {
		return nil, hold(tx, t)
	}
	return t, c.own(tx, t)
}

// hold keeps a task that killed its runners away from the next one.
func hold(tx *store.Tx, t *Task) error {
	reason := fmt.Sprintf("The task was taken up %d times and its node died each time before it got any further. It is held: look at the nodes' logs, then cancel it or let it go on.", t.Fruitless)
	_, err := tx.Exec("UPDATE server_task SET held = $2, wait_reason = $3, owner_epoch = NULL, updated_at = $4 WHERE id = $1", t.ID, true, reason, store.At(tx.Now))
	return err
}

// start claims the next queued task, or returns nil.
func (c claimer) start(tx *store.Tx) (*Task, error) {
	if err := c.lockNode(tx); err != nil {
		return nil, err
	}
	if paused, err := Paused(tx); paused || err != nil {
		return nil, err
	}
	t, err := scan(tx.QueryRow(`SELECT `+columns+` FROM server_task WHERE state = 'Queued' AND (not_before IS NULL OR not_before <= $1)
		AND (expires_at IS NULL OR expires_at > $1)
		AND (exclusion = '' OR NOT EXISTS (SELECT 1 FROM task_exclusion e WHERE e.key = server_task.exclusion))
		AND NOT EXISTS (SELECT 1 FROM space WHERE space.id = server_task.space_id AND space.queue_stopped)
		ORDER BY moved_to_top DESC, priority DESC,
			(SELECT COUNT(*) FROM server_task running WHERE project_id <> '' AND running.project_id = server_task.project_id AND running.state = 'Executing' AND running.owner_epoch IS NOT NULL),
			seq LIMIT 1`+tx.SkipLocked(), store.At(tx.Now)))
	if errors.Is(err, store.ErrNoRow) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if t.Exclusion != "" {
		// Another claim may have inserted the key since: then this one waits for it, conflicts, and claims nothing.
		n, err := tx.Exec("INSERT INTO task_exclusion (key, task_id) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING", t.Exclusion, t.ID)
		if err != nil || n == 0 {
			return nil, err
		}
	}
	t.State, t.StartedAt = Executing, &tx.Now
	return t, c.own(tx, t)
}

// own makes this node the runner of the task under a new fence.
func (c claimer) own(tx *store.Tx, t *Task) error {
	t.fence, t.OwnerEpoch, t.OwnerNode = uuid.NewString(), c.epoch, c.name
	t.Fruitless++
	_, err := tx.Exec(`UPDATE server_task SET state = $2, owner_node = $3, owner_epoch = $4, fence = $5, fruitless = fruitless + 1,
		started_at = COALESCE(started_at, $6), wait_until = NULL, wait_reason = '', updated_at = $6 WHERE id = $1`,
		t.ID, t.State, c.name, c.epoch, t.fence, store.At(tx.Now))
	tx.Notify(WakeChannel, t.ID)
	return err
}

// expire times out queued tasks that nobody started in time.
func expire(tx *store.Tx) error {
	_, err := tx.Exec(`UPDATE server_task SET state = $1, completed_at = $2, updated_at = $2, error_message = $3 WHERE state = 'Queued' AND expires_at <= $2`,
		TimedOut, store.At(tx.Now), "The task was not started before it expired: no node had room for it in time.")
	return err
}

func claimerOf(m *cluster.Member) claimer {
	return claimer{node: m.ID(), name: m.Name(), epoch: m.Epoch()}
}
