package taskapi_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api/apitest"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
	"github.com/mantledeploy/mantle/internal/task"
	"github.com/mantledeploy/mantle/internal/task/tasklog"
)

// event is one server-sent event.
type event struct{ id, name, data string }

// follow opens a stream; the channel closes when it ends.
func (f fixture) follow(t *testing.T, key, path, last string) <-chan event {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
	req, err := http.NewRequestWithContext(ctx, "GET", f.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Octopus-ApiKey", key)
	if last != "" {
		req.Header.Set("Last-Event-ID", last)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("status %d, %v", res.StatusCode, res.Header)
	}
	events := make(chan event, 10_000)
	done := make(chan struct{})
	t.Cleanup(func() { stop(); <-done })
	go func() {
		defer close(done)
		defer close(events)
		defer res.Body.Close()
		var e event
		in := bufio.NewReaderSize(res.Body, 1<<20)
		for {
			line, err := in.ReadString('\n')
			if err != nil {
				return
			}
			name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
			switch name {
			case "id":
				e.id = value
			case "event":
				e.name = value
			case "data":
				e.data = value
			case "":
				if e.name != "" {
					events <- e
				}
				e = event{}
			}
		}
	}()
	return events
}

// until reads events up to the first that ok accepts.
func until(t *testing.T, events <-chan event, ok func(event) bool) []event {
	t.Helper()
	var got []event
	for {
		select {
		case e, open := <-events:
			if !open {
				t.Fatalf("the stream ended; it had sent %v", got)
			}
			if got = append(got, e); ok(e) {
				return got
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("nothing more came after %v", got)
		}
	}
}

func named(name string) func(event) bool { return func(e event) bool { return e.name == name } }

// texts returns the numbers and texts of the lines.
func texts(t *testing.T, events []event) []string {
	t.Helper()
	var out []string
	for _, e := range events {
		if e.name != "lines" {
			continue
		}
		var data struct {
			BlockID string `json:"BlockId"`
			Lines   []struct{ MessageText string }
		}
		if err := json.Unmarshal([]byte(e.data), &data); err != nil {
			t.Fatal(err)
		}
		for _, l := range data.Lines {
			out = append(out, data.BlockID+" "+l.MessageText)
		}
	}
	return out
}

func TestAStreamFollowsALogToItsEnd(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		f := start(t, db, nil)
		id := f.enqueue(t, task.New{SpaceID: "Spaces-1", Kind: "Deploy"})
		f.put(t, id, tasklog.Block{ID: "a", Status: tasklog.Running})
		f.append(t, id, "a", 2)
		events := f.follow(t, apitest.Key, "/api/tasks/"+id+"/log/stream", "")
		first := until(t, events, named("position"))
		if diff := cmp.Diff([]string{"a line 0", "a line 1"}, texts(t, first)); diff != "" {
			t.Errorf("at first (-want +got):\n%s", diff)
		}
		f.put(t, id, tasklog.Block{ID: "b", ParentID: "a", Status: tasklog.Running})
		f.append(t, id, "b", 1)
		second := until(t, events, named("lines"))
		if diff := cmp.Diff([]string{"b line 0"}, texts(t, second)); diff != "" {
			t.Errorf("then (-want +got):\n%s", diff)
		}
		f.write(t, func(tx *store.Tx) error {
			if err := tasklog.Append(tx, id, "a", []tasklog.Line{{Text: "bye"}}); err != nil {
				return err
			}
			return task.Cancel(tx, id, "Users-1")
		})
		rest := until(t, events, named("end"))
		if diff := cmp.Diff([]string{"a bye"}, texts(t, rest)); diff != "" {
			t.Errorf("at last (-want +got):\n%s", diff)
		}
		if e, open := <-events; open {
			t.Errorf("after the end came %v", e)
		}
		if end := rest[len(rest)-1].data; !strings.Contains(end, `"State":"Canceled"`) {
			t.Errorf("the end is %s", end)
		}
		if err := f.log.Compact(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		again := until(t, f.follow(t, apitest.Key, "/api/tasks/"+id+"/log/stream", first[len(first)-1].id), named("end"))
		if diff := cmp.Diff([]string{"b line 0", "a bye"}, texts(t, again)); diff != "" {
			t.Errorf("resumed (-want +got):\n%s", diff)
		}
		blocks := until(t, f.follow(t, apitest.Key, "/api/tasks/"+id+"/log/stream?lines=false", ""), named("end"))
		counts := 0
		for _, e := range blocks {
			if e.name == "block" && strings.Contains(e.data, `"LineCount":3`) {
				counts++
			}
		}
		if got := texts(t, blocks); len(got) != 0 || counts != 1 {
			t.Errorf("without lines came %v, and %d blocks of three lines in %v", got, counts, blocks)
		}
		whole := until(t, f.follow(t, apitest.Key, "/api/tasks/"+id+"/log/stream", ""), named("end"))
		if got := texts(t, whole); len(got) != 4 {
			t.Errorf("the whole log is %v", got)
		}
	})
}

func TestARevokedPermissionEndsAStream(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		f := start(t, db, nil)
		id := f.enqueue(t, task.New{SpaceID: "Spaces-1", Kind: "Deploy"})
		f.put(t, id, tasklog.Block{ID: "a", Status: tasklog.Running})
		role := f.Do(t, "POST", "/api/userroles", map[string]any{"Name": "Reads", "GrantedSpacePermissions": []string{"TaskView", "TaskViewLog"}}).Want(201).Object()
		events := f.follow(t, f.User(t, "reader", role["Id"].(string), "Spaces-1"), "/api/tasks/"+id+"/log/stream", "")
		until(t, events, named("block"))
		role["GrantedSpacePermissions"] = []string{"TaskView"}
		f.Do(t, "PUT", "/api/userroles/"+role["Id"].(string), role).Want(200)
		for deadline := time.After(20 * time.Second); ; {
			select {
			case _, open := <-events:
				if !open {
					return
				}
			case <-deadline:
				t.Fatal("the stream goes on")
			}
		}
	})
}

// A long log comes in order, whole, and in events of a bounded size.
func TestALongLogIsStreamed(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		f := start(t, db, nil)
		id := f.enqueue(t, task.New{SpaceID: "Spaces-1", Kind: "Deploy"})
		f.put(t, id, tasklog.Block{ID: "a", Status: tasklog.Running})
		f.append(t, id, "a", 100_000)
		f.write(t, func(tx *store.Tx) error { return task.Cancel(tx, id, access.AnyID) })
		n := 0
		for _, e := range until(t, f.follow(t, apitest.Key, "/api/tasks/"+id+"/log/stream", ""), named("end")) {
			if len(e.data) > 100_000 {
				t.Fatalf("an event has %d bytes", len(e.data))
			}
			n += strings.Count(e.data, `"MessageText":"line `)
		}
		if n != 100_000 {
			t.Errorf("%d lines came", n)
		}
	})
}
