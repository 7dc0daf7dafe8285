package taskapi_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api/apitest"
	"github.com/mantledeploy/mantle/internal/api/taskapi"
	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
	"github.com/mantledeploy/mantle/internal/task"
)

func TestVerbs(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		judged := make(chan task.State, 10)
		f := start(t, db, func(c *taskapi.Config) {
			c.Rerun = map[string]taskapi.Rerun{"AdHocScript": func(tx *store.Tx, row *task.Task, by string) (string, error) {
				again, err := task.Enqueue(tx, task.New{SpaceID: row.SpaceID, Kind: row.Kind, Description: row.Description + " again", CreatedBy: by})
				return again.ID, err
			}}
			c.Judged = func(_ *store.Tx, _ *task.Task, s task.State) error { judged <- s; return nil }
		})
		deploy := f.enqueue(t, task.New{SpaceID: "Spaces-1", Kind: "Deploy", Description: "one"})
		script := f.enqueue(t, task.New{SpaceID: "Spaces-1", Kind: "AdHocScript", Description: "two"})
		post := func(path string, body any, status int) map[string]any {
			t.Helper()
			return f.Do(t, "POST", "/api"+path, body).Want(status).Object()
		}
		post("/tasks/"+script+"/state", map[string]any{"State": "Failed"}, 409)
		post("/tasks/rerun/"+script, nil, 409)
		post("/tasks/"+script+"/prioritize", nil, 200)
		post("/tasks/"+script+"/release", nil, 409)
		behind := f.Do(t, "GET", "/api/tasks/"+deploy+"/queued-behind", nil).Want(200).Object()
		if behind["Reason"] != "No server node is online." {
			t.Errorf("queued behind %v", behind)
		}
		f.Do(t, "PUT", "/api/tasks/queue", map[string]any{"IsPaused": true}).Want(200)
		if paused := f.Do(t, "GET", "/api/tasks/queue", nil).Want(200).Object(); paused["IsPaused"] != true {
			t.Errorf("the queue is %v", paused)
		}
		if got := f.Do(t, "GET", "/api/Spaces-1/tasks/"+deploy+"/queued-behind", nil).Want(200).Object()["Reason"]; got != "The task queue is paused: no queued task is started until somebody lets it go on." {
			t.Errorf("queued behind: %v", got)
		}
		if got := post("/spaces/Spaces-1/tasks/"+deploy+"/cancel", nil, 200); got["State"] != "Canceled" || got["IsCompleted"] != true {
			t.Errorf("canceled: %v", got)
		}
		post("/tasks/"+deploy+"/cancel", nil, 409)
		post("/tasks/rerun/"+deploy, nil, 400)
		post("/tasks/"+deploy+"/state", map[string]any{"State": "Queued"}, 400)
		if got := post("/tasks/"+deploy+"/state", map[string]any{"State": "success", "Reason": "it is fine"}, 200); got["State"] != "Success" || got["FinishedSuccessfully"] != true {
			t.Errorf("judged: %v", got)
		}
		if s := <-judged; s != task.Success {
			t.Errorf("the hook was told %s", s)
		}
		post("/tasks/"+script+"/cancel", nil, 200)
		again := post("/tasks/rerun/"+script, nil, 200)
		if again["Id"] == script || again["Description"] != "two again" || again["State"] != "Queued" {
			t.Errorf("run again: %v", again)
		}
		var events struct{ Items []struct{ Category string } }
		f.Do(t, "GET", "/api/events?regarding="+deploy, nil).Want(200).Into(&events)
		if len(events.Items) != 2 || events.Items[1].Category != "TaskCanceled" {
			t.Errorf("events: %v", events.Items)
		}
	})
}

func TestHealthChecksOnDemand(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		f := start(t, db, nil)
		f.write(t, func(tx *store.Tx) error {
			for _, name := range []string{"Dev", "Prod"} {
				if err := environment.Environments().Insert(tx, &environment.Environment{Member: space.Member{SpaceID: "Spaces-1"}, Name: name, Slug: name}); err != nil {
					return err
				}
			}
			return nil
		})
		made := f.Do(t, "POST", "/api/tasks", `{"name":"health","description":"","arguments":{"environmentId":"Environments-1","TIMEOUT":"00:05:00","machineTimeout":"1.00:05:00.5"}}`).Want(201).Object()
		want := map[string]any{"EnvironmentId": "Environments-1", "Timeout": "00:05:00", "MachineTimeout": "1.00:05:00.5"}
		if diff := cmp.Diff(want, made["Arguments"]); diff != "" || made["Name"] != "Health" || made["SpaceId"] != "Spaces-1" || made["Description"] != "Check the machines of Environments-1" {
			t.Errorf("made %v\n%s", made, diff)
		}
		f.Do(t, "POST", "/api/Spaces-1/tasks", map[string]any{"Name": "Health", "Description": "All", "Arguments": nil}).Want(201)
		for _, body := range []string{
			`{"Name":"Deploy"}`, `{}`, `{"Name":"Health","Arguments":[]}`, `{"Name":"Health","Arguments":{"MachineIds":"x"}}`, `{"Name":"Health","Arguments":{"MachineIds":["Machines-1"]}}`,
			`{"Name":"Health","Arguments":{"MachineIds":["Workers-1"]}}`, `{"Name":"Health","Arguments":{"EnvironmentId":"Environments-9"}}`, `{"Name":"Health","Arguments":{"WorkerPoolId":"WorkerPools-9"}}`,
			`{"Name":"Health","Arguments":{"Timeout":"soon"}}`, `{"Name":"Health","Description":"\u0000"}`, `{"Name":"Health","Arguments":{"EnvironmentId":"\u0000"}}`,
		} {
			f.Do(t, "POST", "/api/tasks", body).Want(400)
		}
		role := f.Do(t, "POST", "/api/userroles", map[string]any{"Name": "Checks", "GrantedSpacePermissions": []string{"TaskCreate"}}).Want(201).Object()["Id"].(string)
		key := f.User(t, "checker", role, "Spaces-1", access.ScopedUserRole{EnvironmentIDs: []string{"Environments-1"}})
		for body, status := range map[string]int{
			`{"Name":"Health","Arguments":{"EnvironmentId":"Environments-1"}}`: 201, `{"Name":"Health","Arguments":{"EnvironmentId":"Environments-2"}}`: 403, `{"Name":"Health"}`: 403,
		} {
			f.DoAs(t, key, "POST", "/api/tasks", body).Want(status)
		}
	})
}

func TestWhoMayDoWhat(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		f := start(t, db, nil)
		mine := f.enqueue(t, task.New{SpaceID: "Spaces-1", Kind: "Deploy", ProjectID: "Projects-1", EnvironmentID: "Environments-1"})
		other := f.enqueue(t, task.New{SpaceID: "Spaces-1", Kind: "Deploy", ProjectID: "Projects-1", EnvironmentID: "Environments-2"})
		system := f.enqueue(t, task.New{Kind: "Retention"})
		role := f.Do(t, "POST", "/api/userroles", map[string]any{"Name": "Works", "GrantedSpacePermissions": []string{"TaskView", "TaskCancel", "TaskCreate"}}).Want(201).Object()["Id"].(string)
		key := f.User(t, "worker", role, "Spaces-1", access.ScopedUserRole{EnvironmentIDs: []string{"Environments-1"}})
		if diff := cmp.Diff([]string{mine}, f.list(t, key, "/api/tasks")); diff != "" {
			t.Errorf("the list (-want +got):\n%s", diff)
		}
		page := f.DoAs(t, key, "GET", "/api/Spaces-1/tasks?includeSystem=true&take=0", nil).Want(200).Object()
		if counts := page["TotalCounts"].(map[string]any); page["TotalResults"] != 1.0 || counts["Queued"] != 1.0 {
			t.Errorf("the page counts what must not be seen: %v", page)
		}
		if diff := cmp.Diff([]string{system, other, mine}, f.list(t, apitest.Key, "/api/tasks")); diff != "" {
			t.Errorf("the administrator's list (-want +got):\n%s", diff)
		}
		for _, id := range []string{other, system} {
			f.DoAs(t, key, "GET", "/api/tasks/"+id, nil).Want(404)
			f.DoAs(t, key, "POST", "/api/tasks/"+id+"/cancel", nil).Want(404)
		}
		f.DoAs(t, key, "GET", "/api/tasks/"+mine, nil).Want(200)
		f.DoAs(t, key, "POST", "/api/tasks/"+mine+"/state", map[string]any{"State": "Failed"}).Want(403)
		f.DoAs(t, key, "POST", "/api/tasks/"+mine+"/prioritize", nil).Want(403)
		f.DoAs(t, key, "POST", "/api/tasks/rerun/"+mine, nil).Want(403)
		f.DoAs(t, key, "PUT", "/api/tasks/queue", map[string]any{"IsPaused": true}).Want(403)
		f.DoAs(t, key, "POST", "/api/tasks/"+mine+"/cancel", nil).Want(200)
		f.DoAs(t, "", "GET", "/api/tasks", nil).Want(401)
	})
}

func TestWords(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		f := start(t, db, nil)
		id := f.enqueue(t, task.New{SpaceID: "Spaces-1", Kind: "Deploy"})
		at := time.Date(2026, 1, 31, 23, 59, 0, 0, time.UTC)
		for d, want := range map[time.Duration]string{
			400 * time.Millisecond: "less than 1 second", time.Second: "1 second", 33914 * time.Millisecond: "34 seconds", 59600 * time.Millisecond: "1 minute",
			89 * time.Second: "1 minute", 90 * time.Second: "2 minutes", time.Hour: "1 hour", 26 * time.Hour: "1 day", 60 * time.Hour: "3 days",
		} {
			f.end(t, id, task.Success, at.Add(-d), at)
			got := f.Do(t, "GET", "/api/tasks/"+id, nil).Want(200).Object()
			if got["Duration"] != want || got["Completed"] != "Saturday, January 31, 2026 11:59 PM" {
				t.Errorf("%v: %v, completed %v", d, got["Duration"], got["Completed"])
			}
		}
	})
}

func TestEveryOperationIsGuarded(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		f := start(t, db, nil)
		apitest.CheckOperations(t, f.Engine, []string{"GET ", "POST users/login", "POST users/logout", "GET authentication", "GET octopusservernodes/ping", "GET swagger.json"})
		var kinds []taskapi.Kind
		f.Do(t, "GET", "/api/tasks/taskTypes", nil).Want(200).Into(&kinds)
		if len(kinds) == 0 || kinds[0].ID != "Deploy" {
			t.Errorf("kinds: %v", kinds)
		}
	})
}
