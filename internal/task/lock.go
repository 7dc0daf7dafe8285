package task

import (
	"errors"

	"github.com/mantledeploy/mantle/internal/store"
)

// Lock is a wish for a resource, or its grant. Holder tells the wishes of one task apart (an action on a machine).
type Lock struct {
	Resource, TaskID, Holder string
	// Writes: alone; else together with other readers.
	Writes  bool
	Granted bool
	place   int64
}

// Acquire asks for the lock, standing in line since the first time it asked. Where it is not granted, behind holds the
// requests before it; the task is woken when its turn comes.
func Acquire(tx *store.Tx, want Lock) (granted bool, behind []Lock, err error) {
	if err := lockLine(tx, want.Resource); err != nil {
		return false, nil, err
	}
	line, err := line(tx, want.Resource)
	if err != nil {
		return false, nil, err
	}
	for i, l := range line {
		if l.TaskID == want.TaskID && l.Holder == want.Holder {
			return l.Granted, line[:i], nil
		}
	}
	want.Granted = grantable(line, want)
	_, err = tx.Exec(`INSERT INTO task_lock (resource, place, task_id, holder, writes, granted)
		SELECT $1, next, $2, $3, $4, $5 FROM task_lock_line WHERE resource = $1`, want.Resource, want.TaskID, want.Holder, want.Writes, want.Granted)
	if err != nil {
		return false, nil, err
	}
	_, err = tx.Exec("UPDATE task_lock_line SET next = next + 1 WHERE resource = $1", want.Resource)
	return want.Granted, line, err
}

// lockLine serialises what happens to one resource.
func lockLine(tx *store.Tx, resource string) error {
	_, err := tx.Exec("INSERT INTO task_lock_line (resource, next) VALUES ($1, 1) ON CONFLICT (resource) DO UPDATE SET next = task_lock_line.next", resource)
	return err
}

func line(tx *store.Tx, resource string) (line []Lock, err error) {
	err = tx.Query("SELECT place, task_id, holder, writes, granted FROM task_lock WHERE resource = $1 ORDER BY place", []any{resource}, func(row *store.Row) error {
		l := Lock{Resource: resource}
		err := row.Scan(&l.place, &l.TaskID, &l.Holder, &l.Writes, &l.Granted)
		line = append(line, l)
		return err
	})
	return line, err
}

// grantable tells whether the wish may be granted behind the line: readers join readers, nobody passes one who waits.
func grantable(line []Lock, want Lock) bool {
	for _, l := range line {
		if !l.Granted || l.Writes || want.Writes {
			return false
		}
	}
	return true
}

// Unlock gives one lock back, and wakes the tasks whose turn it is.
func Unlock(tx *store.Tx, l Lock) error {
	if err := lockLine(tx, l.Resource); err != nil {
		return err
	}
	if _, err := tx.Exec("DELETE FROM task_lock WHERE resource = $1 AND task_id = $2 AND holder = $3", l.Resource, l.TaskID, l.Holder); err != nil {
		return err
	}
	return grant(tx, l.Resource)
}

// grant gives the resource to those in line whose turn it is.
func grant(tx *store.Tx, resource string) error {
	all, err := line(tx, resource)
	if err != nil {
		return err
	}
	for i, l := range all {
		if l.Granted {
			continue
		}
		if !grantable(all[:i], l) {
			break
		}
		all[i].Granted = true
		if _, err := tx.Exec("UPDATE task_lock SET granted = $3 WHERE resource = $1 AND place = $2", resource, l.place, true); err != nil {
			return err
		}
		if err := Wake(tx, l.TaskID); err != nil {
			return err
		}
	}
	return nil
}

// ReleaseLocks gives back every lock and every place in line of the task.
func ReleaseLocks(tx *store.Tx, taskID string) error {
	var held []Lock
	err := tx.Query("SELECT resource, holder FROM task_lock WHERE task_id = $1 ORDER BY resource, place", []any{taskID}, func(row *store.Row) error {
		l := Lock{TaskID: taskID}
		err := row.Scan(&l.Resource, &l.Holder)
		held = append(held, l)
		return err
	})
	for _, l := range held {
		err = errors.Join(err, Unlock(tx, l))
	}
	return err
}

// LeaveUnsettled writes that a ticket of the task may still run on the machine: the machine's next holder settles it first.
func LeaveUnsettled(tx *store.Tx, machineID, ticket, taskID string) error {
	_, err := tx.Exec("INSERT INTO task_unsettled (machine_id, ticket, task_id, at) VALUES ($1, $2, $3, $4) ON CONFLICT (machine_id, ticket) DO NOTHING",
		machineID, ticket, taskID, store.At(tx.Now))
	return err
}

// Unsettled is a script that a task which has ended may have left running on a machine.
type Unsettled struct {
	Ticket, TaskID string
	// Canceled: somebody wanted that task's scripts to end.
	Canceled bool
}

// UnsettledOn returns what other tasks left on the machine.
func UnsettledOn(tx *store.Tx, machineID, taskID string) (left []Unsettled, err error) {
	err = tx.Query(`SELECT u.ticket, u.task_id, CASE WHEN t.state = 'Canceled' THEN 1 ELSE 0 END FROM task_unsettled u LEFT JOIN server_task t ON t.id = u.task_id
		WHERE u.machine_id = $1 AND u.task_id <> $2 ORDER BY u.at`, []any{machineID, taskID}, func(row *store.Row) error {
		var u Unsettled
		var canceled int
		err := row.Scan(&u.Ticket, &u.TaskID, &canceled)
		u.Canceled = canceled == 1
		left = append(left, u)
		return err
	})
	return left, err
}

// Settled forgets a script that is known to have ended.
func Settled(tx *store.Tx, machineID, ticket string) error {
	_, err := tx.Exec("DELETE FROM task_unsettled WHERE machine_id = $1 AND ticket = $2", machineID, ticket)
	return err
}
