// Package tasklog keeps the logs of server tasks: a tree of blocks, each with lines.
//
// Lines are appended in batches, inside the transaction that writes what the lines tell (Append takes a Tx), as compressed
// chunks that every node can read at once. When a task has ended its chunks are compacted to one file in the blob store, in which
// each chunk is found through an index at the end. Readers fetch the tree and the window that is seen, never the whole:
// a log of a million lines opens as fast as one of ten.
//
// It is not the program's own log (slog). Packages of the floor "running", internal/api and internal/server import it.
package tasklog

import (
	"time"

	"github.com/mantledeploy/mantle/internal/store"
)

// Category is the level of a line, in the API's words.
type Category string

// The categories.
const (
	Verbose   Category = "Verbose"
	Info      Category = "Info"
	Highlight Category = "Highlight"
	Wait      Category = "Wait"
	Warning   Category = "Warning"
	Error     Category = "Error"
	Fatal     Category = "Fatal"
	Gap       Category = "Gap"
	Planned   Category = "Planned"
)

var categories = []Category{Verbose, Info, Highlight, Wait, Warning, Error, Fatal, Gap, Planned}

// Status is the state of a block, in the API's words.
type Status string

// The states of a block.
const (
	Pending            Status = "Pending"
	Running            Status = "Running"
	Success            Status = "Success"
	SuccessWithWarning Status = "SuccessWithWarning"
	Failed             Status = "Failed"
	Skipped            Status = "Skipped"
	Canceled           Status = "Canceled"
)

// Line is one line of a log.
type Line struct {
	// Number is the line's number in the task, from 1; the store gives it.
	Number   int64
	Category Category
	At       time.Time
	Text     string
}

// Block is a node of the tree. Its ID is unique in the task and stable: the caller chooses it.
type Block struct {
	ID, ParentID, Name string
	Status             Status
	// Place orders blocks below one parent.
	Place           int64
	Progress        int64
	ProgressMessage string
	StartedAt       *time.Time
	EndedAt         *time.Time
	// Lines counts the block's own lines.
	Lines int64
}

// Put writes a block: a new one, or new values of one that exists. Lines is kept.
func Put(tx *store.Tx, taskID string, b Block) error {
	change, _, err := count(tx, taskID, 0)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO task_log_block (task_id, id, parent_id, place, name, status, progress, progress_message, started_at, ended_at, lines, changed)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, $11)
		ON CONFLICT (task_id, id) DO UPDATE SET parent_id = excluded.parent_id, place = excluded.place, name = excluded.name, status = excluded.status,
			progress = excluded.progress, progress_message = excluded.progress_message,
			started_at = excluded.started_at, ended_at = excluded.ended_at, changed = excluded.changed`,
		taskID, b.ID, b.ParentID, b.Place, b.Name, b.Status, b.Progress, b.ProgressMessage, store.AtPtr(b.StartedAt), store.AtPtr(b.EndedAt), change)
	notify(tx, taskID)
	return err
}

// SetStatus moves a block to a status: the first one that is not pending starts it, a final one ends it.
func SetStatus(tx *store.Tx, taskID, blockID string, s Status) error {
	change, _, err := count(tx, taskID, 0)
	if err != nil {
		return err
	}
	var ended store.Time
	if s != Pending && s != Running {
		ended = store.At(tx.Now)
	}
	_, err = tx.Exec(`UPDATE task_log_block SET status = $3, started_at = COALESCE(started_at, $4), ended_at = $5, changed = $6 WHERE task_id = $1 AND id = $2`,
		taskID, blockID, s, store.At(tx.Now), ended, change)
	notify(tx, taskID)
	return err
}

// Ended returns the status of each block that has ended, by its ID.
func Ended(tx *store.Tx, taskID string) (map[string]Status, error) {
	ended := map[string]Status{}
	err := tx.Query("SELECT id, status FROM task_log_block WHERE task_id = $1 AND ended_at IS NOT NULL", []any{taskID}, func(row *store.Row) error {
		var id string
		var s Status
		err := row.Scan(&id, &s)
		ended[id] = s
		return err
	})
	return ended, err
}

// CloseOpen gives all blocks that still run a status, but for those at the top.
func CloseOpen(tx *store.Tx, taskID string, s Status) error {
	change, _, err := count(tx, taskID, 0)
	if err != nil {
		return err
	}
	_, err = tx.Exec("UPDATE task_log_block SET status = $2, ended_at = $3, changed = $4 WHERE task_id = $1 AND status = $5 AND parent_id <> ''",
		taskID, s, store.At(tx.Now), change, Running)
	notify(tx, taskID)
	return err
}

// SetProgress tells how far the work of a block is, in percent.
func SetProgress(tx *store.Tx, taskID, blockID string, percent int, message string) error {
	change, _, err := count(tx, taskID, 0)
	if err != nil {
		return err
	}
	_, err = tx.Exec("UPDATE task_log_block SET progress = $3, progress_message = $4, changed = $5 WHERE task_id = $1 AND id = $2",
		taskID, blockID, percent, message, change)
	notify(tx, taskID)
	return err
}

// Bounds of a chunk before compression.
const (
	chunkLines = 2000
	chunkBytes = 256 << 10
	// lineBytes is where a longer line is cut in two.
	lineBytes = 128 << 10
)

// Append adds lines to a block.
func Append(tx *store.Tx, taskID, blockID string, lines []Line) error {
	for batch := range batches(lines) {
		if err := appendChunk(tx, taskID, blockID, batch); err != nil {
			return err
		}
	}
	notify(tx, taskID)
	return nil
}

func appendChunk(tx *store.Tx, taskID, blockID string, lines []Line) error {
	number, last, err := count(tx, taskID, len(lines))
	if err != nil {
		return err
	}
	var first int64
	err = tx.QueryRow("UPDATE task_log_block SET lines = lines + $3, changed = $4 WHERE task_id = $1 AND id = $2 RETURNING lines - $3",
		taskID, blockID, len(lines), number).Scan(&first)
	if err != nil {
		return err
	}
	data, err := compress(lines)
	if err != nil {
		return err
	}
	_, err = tx.Exec("INSERT INTO task_log_chunk (task_id, number, block_id, first_line, lines, first_number, data) VALUES ($1, $2, $3, $4, $5, $6, $7)",
		taskID, number, blockID, first, len(lines), last-int64(len(lines))+1, data)
	return err
}

// count moves the task's counters: the number of this change, and that of the last line.
func count(tx *store.Tx, taskID string, lines int) (change, lastLine int64, err error) {
	err = tx.QueryRow("UPDATE server_task SET log_chunk = log_chunk + 1, log_line = log_line + $2 WHERE id = $1 RETURNING log_chunk, log_line",
		taskID, lines).Scan(&change, &lastLine)
	return change, lastLine, err
}

// Channel is notified with a task's ID when its log has grown.
const Channel = "mantle_log"

func notify(tx *store.Tx, taskID string) { tx.Notify(Channel, taskID) }
