package auditapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/audit"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/task"
)

// How often a stream looks without having been woken, and how many events it reads at once.
const (
	streamPoll  = time.Second
	streamBatch = 200
)

// change is what the stream tells of an event: enough to know what to read again.
type change struct {
	Type, Category string
	DocumentID     string  `json:"DocumentId"`
	SpaceID        *string `json:"SpaceId"`
	Occurred       time.Time
}

// stream sends changes from the one after Last-Event-ID on (or from now). Each second it asks again who the caller is and what it
// may see, so that a revoked permission ends it.
func stream(c *api.Call) error {
	listener, tasks := c.Engine.DB.Listen(audit.Channel), c.Engine.DB.Listen(task.WakeChannel)
	defer listener.Close()
	defer tasks.Close()
	seq, err := beginning(c)
	if err != nil {
		return err
	}
	h := c.Writer.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no")
	control := http.NewResponseController(c.Writer)
	_ = control.SetWriteDeadline(time.Time{}) // not every connection has one
	c.Writer.WriteHeader(http.StatusOK)
	if _, err := fmt.Fprintf(c.Writer, ": from %d\n\n", seq); err != nil {
		return nil
	}
	tick := time.NewTicker(streamPoll)
	defer tick.Stop()
	for {
		more, err := follow(c, &seq)
		if err != nil {
			return nil // the answer has begun: the client connects again and gets the error then
		}
		if control.Flush() != nil {
			return nil
		}
		if more {
			continue
		}
		select {
		case <-c.Request.Context().Done():
			return nil
		case <-c.Engine.Stopping():
			return nil
		case <-listener.C:
		case id := <-tasks.C:
			if sendTask(c, id) != nil {
				return nil
			}
		case <-tick.C:
		}
	}
}

// sendTask tells that a task was queued, claimed, or came into another state; not every such change is in the audit. Who may see no
// task learns nothing.
func sendTask(c *api.Call, id string) error {
	if id == "" || !c.Principal.HoldsAnywhere(access.TaskView) {
		return nil
	}
	data, err := json.Marshal(map[string]string{"TaskId": id})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.Writer, "event: task\ndata: %s\n\n", data)
	return err
}

func beginning(c *api.Call) (seq int64, err error) {
	last := c.Request.Header.Get("Last-Event-ID")
	if last == "" {
		last = c.Query("lastEventId")
	}
	if last != "" {
		seq, ok := sequence(last)
		if !ok {
			return 0, fault.Invalid("Last-Event-ID is %q; it must be the ID of an event, Events-12", last)
		}
		return seq, nil
	}
	err = c.Read(func(tx *store.Tx) error {
		seq, err = audit.Last(tx)
		return err
	})
	return seq, err
}

var errRevoked = errors.New("the permission to see events was taken away")

// follow sends one batch, and reports whether there may be more.
func follow(c *api.Call, seq *int64) (more bool, err error) {
	var events []*audit.Event
	var p *access.Principal
	err = c.Read(func(tx *store.Tx) error {
		if p, err = c.Again(tx); err != nil {
			return err
		}
		events, err = audit.After(tx, *seq, streamBatch)
		return err
	})
	if err != nil {
		return false, err
	}
	if !p.HoldsAnywhere(access.EventView) {
		return false, errRevoked
	}
	wrote := false
	for _, e := range events {
		*seq = e.Seq
		if !mayView(p, e) || c.Space != nil && (e.SpaceID == nil || *e.SpaceID != c.Space.ID) {
			continue
		}
		data, err := json.Marshal(change{e.DocumentType, string(e.Category), e.DocumentID, e.SpaceID, e.Occurred})
		if err != nil {
			return false, err
		}
		if _, err := fmt.Fprintf(c.Writer, "id: %s\nevent: change\ndata: %s\n\n", e.ID, data); err != nil {
			return false, err
		}
		wrote = true
	}
	if !wrote {
		_, err = fmt.Fprint(c.Writer, ": \n\n")
	}
	return len(events) == streamBatch, err
}
