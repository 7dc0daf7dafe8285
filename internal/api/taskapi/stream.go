package taskapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/task"
	"github.com/mantledeploy/mantle/internal/task/tasklog"
)

const (
	// streamPoll is how often a stream looks without having been woken, and asks again what the caller may see.
	streamPoll = time.Second
	// streamLines is how many lines one event holds at most.
	streamLines = 500
)

// The data of the stream's events. "task" comes first and with every change; "block" before its lines; "end" last.
type (
	taskEvent struct {
		ID                      string `json:"Id"`
		State                   task.State
		IsCompleted             bool
		HasPendingInterruptions bool
		HasWarningsOrErrors     bool
		StartTime               *time.Time
		CompletedTime           *time.Time
		ErrorMessage            string
		WaitReason              string
	}
	blockEvent struct {
		ID                 string `json:"Id"`
		ParentID           string `json:"ParentId"`
		Name               string
		Status             tasklog.Status
		Place              int64
		Started, Ended     *time.Time
		ProgressPercentage int64
		ProgressMessage    string
		LineCount          int64
	}
	linesEvent struct {
		BlockID string `json:"BlockId"`
		Lines   []Line
	}
)

// follower is one client that follows a log.
type follower struct {
	*Tasks
	c      *api.Call
	out    io.Writer
	taskID string
	// read finds what is new: with the lines, or the blocks alone.
	read func(ctx context.Context, taskID string, after int64) (tasklog.Changes, error)
	// next is the number of the change that the client has last.
	next   int64
	task   taskEvent
	blocks map[string]tasklog.Block
	// checked is when the caller's permissions were last looked at.
	checked time.Time
}

// stream sends blocks and lines from the change after Last-Event-ID on (or from the beginning) until the task has ended and all was
// sent. Each event's ID is the number of the last change that the client then has; lines that come twice after a lost connection
// have the same numbers. With lines=false only states and blocks are sent: a client that shows a part of a long log reads that part.
func (t *Tasks) stream(c *api.Call) error {
	row, err := t.readable(c)
	if err != nil {
		return err
	}
	f := &follower{Tasks: t, c: c, out: &patient{c.Writer}, taskID: row.ID, blocks: map[string]tasklog.Block{}, checked: time.Now(), read: t.Log.Since}
	if c.Has("lines") {
		lines, err := c.QueryBool("lines")
		if err != nil {
			return err
		}
		if !lines {
			f.read = t.Log.Changed
		}
	}
	if f.next, err = beginning(c); err != nil {
		return err
	}
	lines, states := c.Engine.DB.Listen(tasklog.Channel), c.Engine.DB.Listen(task.WakeChannel)
	defer lines.Close()
	defer states.Close()
	h := c.Writer.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no")
	c.Writer.WriteHeader(http.StatusOK)
	if c.Request.Method == http.MethodHead {
		return nil
	}
	f.run(lines.C, states.C)
	return nil // whatever ended it: the client connects again, and gets an error then
}

func beginning(c *api.Call) (int64, error) {
	last := or(c.Request.Header.Get("Last-Event-ID"), c.Query("lastEventId"))
	if last == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(last, 10, 64)
	if err != nil || n < 0 {
		return 0, fault.Invalid("Last-Event-ID is %q; it must be the ID of an event of this stream, a number", last)
	}
	return n, nil
}

func (f *follower) run(lines, states <-chan string) {
	tick := time.NewTicker(streamPoll)
	defer tick.Stop()
	control := http.NewResponseController(f.c.Writer)
	for {
		more, err := f.portion()
		if flushErr := control.Flush(); err != nil || flushErr != nil {
			return
		}
		if !more && !f.wait(lines, states, tick.C) {
			return
		}
	}
}

// wait waits for news of this task; false ends the stream.
func (f *follower) wait(lines, states <-chan string, tick <-chan time.Time) bool {
	for {
		var about string
		select {
		case <-f.c.Request.Context().Done():
			return false
		case <-f.c.Engine.Stopping():
			return false
		case about = <-lines:
		case about = <-states:
		case <-tick:
			_, err := io.WriteString(f.out, ": \n\n")
			return err == nil
		}
		if about == f.taskID || about == "" {
			return true
		}
	}
}

// Reasons to end a stream.
var (
	errEnded   = errors.New("the task has ended and all of its log was sent")
	errRevoked = errors.New("the permission to read the log was taken away")
)

// portion sends what is new, at most what tasklog.Log.Since returns at once, and reports whether there may be more.
func (f *follower) portion() (more bool, err error) {
	row, err := f.look()
	if err != nil {
		return false, err
	}
	// The state is read before the lines: whatever an ended task wrote is in what follows.
	changes, err := f.read(f.c.Request.Context(), f.taskID, f.next)
	if err != nil {
		return false, err
	}
	if now := eventOf(row); !reflect.DeepEqual(now, f.task) {
		f.task = now
		if err := f.send("task", "", now); err != nil {
			return false, err
		}
	}
	if err := f.sendBlocks(changes.Blocks); err != nil {
		return false, err
	}
	if err := f.sendLines(changes); err != nil {
		return false, err
	}
	if changes.Next > f.next {
		f.next = changes.Next
		return true, nil
	}
	if row.State.Completed() {
		return false, errors.Join(errEnded, f.send("end", "", f.task))
	}
	return false, nil
}

// look reads the task, and once a second who the caller is and what it may see.
func (f *follower) look() (row *task.Task, err error) {
	check := time.Since(f.checked) >= streamPoll
	err = f.c.Read(func(tx *store.Tx) error {
		if row, err = task.Get(tx, f.taskID); err != nil || !check {
			return err
		}
		p, err := f.c.Again(tx)
		if err != nil {
			return err
		}
		if !p.Allowed(access.TaskView, scope(row)) || !p.Allowed(access.TaskViewLog, scope(row)) {
			return errRevoked
		}
		return nil
	})
	if check {
		f.checked = time.Now()
	}
	return row, err
}

func eventOf(row *task.Task) taskEvent {
	return taskEvent{
		ID: row.ID, State: row.State, IsCompleted: row.State.Completed(), HasPendingInterruptions: row.Interrupted && !row.State.Completed(),
		HasWarningsOrErrors: row.HasWarnings || row.State == task.Failed || row.State == task.TimedOut, StartTime: row.StartedAt, CompletedTime: row.CompletedAt,
		ErrorMessage: row.ErrorMessage, WaitReason: row.WaitReason,
	}
}

// sendBlocks sends those blocks that the client does not have as they are.
func (f *follower) sendBlocks(blocks []tasklog.Block) error {
	for _, b := range blocks {
		if known, ok := f.blocks[b.ID]; ok && reflect.DeepEqual(known, b) {
			continue
		}
		f.blocks[b.ID] = b
		err := f.send("block", "", blockEvent{
			ID: b.ID, ParentID: b.ParentID, Name: b.Name, Status: b.Status, Place: b.Place, Started: b.StartedAt, Ended: b.EndedAt,
			ProgressPercentage: b.Progress, ProgressMessage: b.ProgressMessage, LineCount: b.Lines,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// sendLines sends lines in their order, those of one block together. The last event has the ID of the whole portion.
func (f *follower) sendLines(changes tasklog.Changes) error {
	rest := changes.Lines
	for len(rest) > 0 {
		n := 1
		for n < len(rest) && n < streamLines && rest[n].Block == rest[0].Block {
			n++
		}
		e := linesEvent{BlockID: rest[0].Block, Lines: make([]Line, 0, n)}
		for _, l := range rest[:n] {
			e.Lines = append(e.Lines, lineOf(l.Line))
		}
		rest = rest[n:]
		if err := f.send("lines", "", e); err != nil {
			return err
		}
	}
	if changes.Next == f.next {
		return nil
	}
	return f.send("position", strconv.FormatInt(changes.Next, 10), struct{}{})
}

func (f *follower) send(event, id string, data any) error {
	text, err := json.Marshal(data)
	if err != nil {
		return err
	}
	if id != "" {
		id = "id: " + id + "\n"
	}
	_, err = fmt.Fprintf(f.out, "%sevent: %s\ndata: %s\n\n", id, event, text)
	return err
}
