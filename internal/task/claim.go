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

// claimer is on whose behalf tasks are claimed. The name is the one that the node is started with, by which tasks want it.
type claimer struct {
	node, name, epoch string
}

// standing is what the claimer's row says in the claim's own transaction.
type standing struct {
	// shown is the node's name as people see it.
	shown    string
	taskCap  int
	draining bool
}

// lockNode share-locks the claimer's row, so that it cannot be retired, drained or capped meanwhile; ErrLost where it was retired.
func (c claimer) lockNode(tx *store.Tx) (s standing, err error) {
	err = tx.QueryRow("SELECT COALESCE(shown_name, name), task_cap, draining FROM node WHERE id = $1 AND epoch = $2"+tx.ForShare(), c.node, c.epoch).Scan(&s.shown, &s.taskCap, &s.draining)
	if errors.Is(err, store.ErrNoRow) {
		err = ErrLost
	}
	return s, err
}

// claim takes up a task that nobody runs, or starts a queued one if there is room beside those that run here, or returns nil. A draining node
// starts none, and where another node takes tasks it takes up only those that wait for it: nobody else can go on with them. A node with
// cap 0 takes up those alone.
func (c claimer) claim(tx *store.Tx, running int) (t *Task, kind string, err error) {
	s, err := c.lockNode(tx)
	if err != nil {
		return nil, "", err
	}
	awaited := s.taskCap == 0
	if s.draining && !awaited {
		if awaited, err = cluster.OthersTake(tx, c.node); err != nil {
			return nil, "", err
		}
	}
	if t, err = c.takeUp(tx, s.shown, awaited); t != nil || err != nil {
		return t, "taken up", err
	}
	if s.draining || running >= s.taskCap {
		return nil, "", nil
	}
	t, err = c.start(tx, s.shown)
	return t, "new", err
}

// notLive selects tasks that nobody runs: no owner, or one whose epoch is no live node's.
const notLive = "(owner_epoch IS NULL OR NOT EXISTS (SELECT 1 FROM node WHERE node.epoch = server_task.owner_epoch))"

// takeUp claims one started task that nobody runs, or returns nil; awaited: only one that waits for this node.
func (c claimer) takeUp(tx *store.Tx, shown string, awaited bool) (*Task, error) {
	t, err := scan(tx.QueryRow(`SELECT `+columns+` FROM server_task WHERE state IN ('Executing', 'Cancelling') AND `+notLive+`
		AND (wait_until IS NOT NULL AND wanted_node = $2 OR NOT $3 AND (wait_until IS NULL OR wait_until <= $1)) AND NOT held
		ORDER BY seq LIMIT 1`+tx.SkipLocked(), store.At(tx.Now), c.name, awaited))
	if errors.Is(err, store.ErrNoRow) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	t.awaited = t.WaitUntil != nil && t.WantedNode == c.name
	orphaned := t.OwnerEpoch != ""
	if orphaned && t.Fruitless >= Attempts {
		return nil, hold(tx, t)
	}
	return t, c.own(tx, shown, t)
}

// hold keeps a task that killed its runners away from the next one.
func hold(tx *store.Tx, t *Task) error {
	reason := fmt.Sprintf("The task was begun or taken up %d times, and each time its node was gone before it got any further, last %s. It is held so that it takes no more nodes along: look at that node's log, then release the task or cancel it.",
		t.Fruitless, t.OwnerNode)
	tx.Notify(WakeChannel, t.ID)
	_, err := tx.Exec("UPDATE server_task SET held = $2, wait_reason = $3, owner_epoch = NULL, updated_at = $4 WHERE id = $1", t.ID, true, reason, store.At(tx.Now))
	return err
}

// first selects tasks that no other queued one stands before in the line of their exclusion. It matters where several nodes claim at once: one skips the
// row that another has locked, and would overtake it.
const first = `id IN (SELECT id FROM (SELECT id, ROW_NUMBER() OVER (PARTITION BY exclusion ORDER BY moved_to_top DESC, priority DESC, seq) AS place
		FROM server_task WHERE state = 'Queued' AND exclusion <> '' AND (not_before IS NULL OR not_before <= $1) AND (expires_at IS NULL OR expires_at > $1)) lines
		WHERE place = 1)`

// start claims the next queued task, or returns nil.
func (c claimer) start(tx *store.Tx, shown string) (*Task, error) {
	if paused, err := Paused(tx); paused || err != nil {
		return nil, err
	}
	t, err := scan(tx.QueryRow(`WITH busy AS (SELECT project_id AS project, COUNT(*) AS tasks FROM server_task
			WHERE state = 'Executing' AND owner_epoch IS NOT NULL AND project_id <> '' GROUP BY project_id)
		SELECT `+columns+` FROM server_task WHERE state = 'Queued' AND (not_before IS NULL OR not_before <= $1)
		AND (expires_at IS NULL OR expires_at > $1)
		AND (exclusion = '' OR NOT EXISTS (SELECT 1 FROM task_exclusion e WHERE e.key = server_task.exclusion) AND `+first+`)
		AND NOT EXISTS (SELECT 1 FROM space WHERE space.id = server_task.space_id AND space.queue_stopped)
		ORDER BY moved_to_top DESC, priority DESC, COALESCE((SELECT tasks FROM busy WHERE busy.project = server_task.project_id), 0), seq LIMIT 1`+tx.SkipLocked(), store.At(tx.Now)))
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
	return t, c.own(tx, shown, t)
}

// own makes this node the runner of the task under a new fence.
func (c claimer) own(tx *store.Tx, shown string, t *Task) error {
	t.Fruitless++
	return c.fence(tx, shown, t)
}

// adopt gives a task that this node owns under an old fence a new one. ErrLost: it does not own it so any more, or may not claim.
func (c claimer) adopt(tx *store.Tx, id, old string) (*Task, error) {
	s, err := c.lockNode(tx)
	if err != nil {
		return nil, err
	}
	t, err := scan(tx.QueryRow("SELECT "+columns+" FROM server_task WHERE id = $1 AND fence = $2 AND state IN ('Executing', 'Cancelling')"+tx.ForUpdate(), id, old))
	if errors.Is(err, store.ErrNoRow) {
		err = ErrLost
	}
	if err != nil {
		return nil, err
	}
	return t, c.fence(tx, s.shown, t)
}

// fence gives the task of this node a new fence.
func (c claimer) fence(tx *store.Tx, shown string, t *Task) error {
	t.fence, t.OwnerEpoch, t.OwnerNode = uuid.NewString(), c.epoch, shown
	if t.WantedNode == c.name {
		t.WantedNode = ""
	}
	_, err := tx.Exec(`UPDATE server_task SET state = $2, owner_node = $3, owner_epoch = $4, fence = $5, fruitless = $7,
		started_at = COALESCE(started_at, $6), wait_until = NULL, wait_reason = '', wanted_node = $8, woken = $9, updated_at = $6 WHERE id = $1`,
		t.ID, t.State, shown, c.epoch, t.fence, store.At(tx.Now), t.Fruitless, t.WantedNode, false)
	tx.Notify(WakeChannel, t.ID)
	return err
}

// expire times out queued tasks that nobody started in time.
func expire(tx *store.Tx) error {
	_, err := tx.Exec(`UPDATE server_task SET state = $1, completed_at = $2, updated_at = $2, error_message = $3 WHERE state = 'Queued' AND expires_at <= $2`,
		TimedOut, store.At(tx.Now), "The task was not started before it expired: no node had room for it in time.")
	return err
}

// RenameNode makes tasks that have not ended name their node by its new name. Those that have ended keep the name that it had.
func RenameNode(tx *store.Tx, from, to string) error {
	_, err := tx.Exec("UPDATE server_task SET owner_node = $2 WHERE state IN ('Executing', 'Cancelling') AND owner_node = $1", from, to)
	return err
}

func claimerOf(m *cluster.Member) claimer {
	return claimer{node: m.ID(), name: m.Name(), epoch: m.Epoch()}
}
