package taskapi

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/task"
	"github.com/mantledeploy/mantle/internal/task/tasklog"
)

// Window is a stretch of one block's lines. There are more where From and the lines do not reach Total.
type Window struct {
	BlockID     string `json:"BlockId"`
	From, Total int64
	Lines       []Line
}

const (
	defaultCount = 1000
	maxCount     = 5000
)

// readable returns a task whose log the caller may read.
func (t *Tasks) readable(c *api.Call) (*task.Task, error) {
	row, _, log, err := t.seen(c)
	if err == nil && !log {
		err = c.Require(access.TaskViewLog, scope(row))
	}
	return row, err
}

func (t *Tasks) window(c *api.Call) error {
	from, err := c.QueryInt("from", 0)
	if err != nil {
		return err
	}
	count, err := c.QueryInt("count", defaultCount)
	if err != nil {
		return err
	}
	row, err := t.readable(c)
	if err != nil {
		return err
	}
	id := c.Param("block")
	if id == "" {
		id = c.Query("block")
	}
	b, err := t.block(c, row.ID, id)
	if err != nil {
		return err
	}
	w := Window{BlockID: b.ID, From: min(int64(from), b.Lines), Total: b.Lines, Lines: []Line{}}
	r := reader{log: t.Log, task: row.ID, bytes: answerBytes}
	lines, err := r.forwards(c.Request.Context(), b.ID, w.From, min(w.From+int64(min(count, maxCount)), b.Lines))
	if err != nil {
		return err
	}
	for _, l := range lines {
		w.Lines = append(w.Lines, lineOf(l))
	}
	return c.JSON(http.StatusOK, w)
}

func (t *Tasks) block(c *api.Call, taskID, id string) (tasklog.Block, error) {
	blocks, err := t.Log.Tree(c.Request.Context(), taskID)
	if err != nil {
		return tasklog.Block{}, err
	}
	for _, b := range blocks {
		if b.ID == id {
			return b, nil
		}
	}
	return tasklog.Block{}, fault.NotFound("the log of %s has no block %q", taskID, id)
}

// raw sends the whole log as text, however long it is.
func (t *Tasks) raw(c *api.Call) error {
	row, err := t.readable(c)
	if err != nil {
		return err
	}
	h := c.Writer.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	if c.Request.Method == http.MethodHead {
		c.Writer.WriteHeader(http.StatusOK)
		return nil
	}
	out := bufio.NewWriterSize(&patient{c.Writer}, 64<<10)
	writeHead(out, row, c.Engine)
	if err := t.Log.Raw(c.Request.Context(), row.ID, out); err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return nil // the caller is gone
	}
	return nil
}

// writeHead writes what the log is of. The writer keeps its first error.
func writeHead(out io.Writer, row *task.Task, e *api.Engine) {
	at := func(t *time.Time) string {
		if t == nil {
			return "-"
		}
		return t.UTC().Format("Monday, 02 January 2006 15:04:05 UTC")
	}
	fmt.Fprintf(out, "%-16s%s\n%-16s%s\n%-16s%s\n%-16s%s\n%-16s%s\n%-16s%s\n%-16s%s\n", "Task ID:", row.ID, "Description:", row.Description, "Task status:", row.State,
		"Task queued:", at(&row.QueuedAt), "Task started:", at(row.StartedAt), "Task completed:", at(row.CompletedAt), "Task duration:", or(duration(row, e.DB.Now()), "-"))
	fmt.Fprintf(out, "%-16s%s\n%-16s%s\n\n", "Server node:", or(row.OwnerNode, "-"), "Server version:", e.Version)
}

// patience is how long a client may take for one portion.
const patience = time.Minute

// patient writes to a client that may be slow, but has to take a portion now and then: a client that stands still holds nothing for ever.
type patient struct{ w http.ResponseWriter }

func (p *patient) Write(b []byte) (int, error) {
	_ = http.NewResponseController(p.w).SetWriteDeadline(time.Now().Add(patience)) // not every connection has one
	return p.w.Write(b)
}
