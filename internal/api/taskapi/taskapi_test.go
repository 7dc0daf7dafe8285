package taskapi_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/api/apitest"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
	"github.com/mantledeploy/mantle/internal/task"
)

func TestATaskOnTheWire(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		f := start(t, db, nil)
		id := f.enqueue(t, task.New{SpaceID: "Spaces-1", Kind: "Deploy", Description: "Deploy OctoFX Rate Service release 3.2.34652 to Acceptance",
			Arguments: map[string]any{"DeploymentId": "Deployments-146222"}, ProjectID: "Projects-1"})
		queued := f.Do(t, "GET", "/api/tasks/"+id, nil).Want(200).Object()
		for name, want := range map[string]any{"Completed": "Queued...", "Duration": "", "StartTime": nil, "IsCompleted": false, "HasBeenPickedUpByProcessor": false, "ServerNode": nil} {
			if diff := cmp.Diff(want, queued[name]); diff != "" {
				t.Errorf("queued: %s (-want +got):\n%s", name, diff)
			}
		}
		f.end(t, id, task.Success, time.Date(2016, 9, 10, 12, 0, 25, 788e6, time.UTC), time.Date(2016, 9, 10, 12, 1, 0, 92e6, time.UTC))
		got := f.Do(t, "GET", "/api/Spaces-1/TASKS/"+id, nil).Want(200).Object()
		for _, p := range apitest.Properties(t, "TaskResource") {
			if _, ok := got[p.Name]; !ok && p.Name != "LastModifiedOn" && p.Name != "LastModifiedBy" {
				t.Errorf("the client's property %s is not in the answer", p.Name)
			}
		}
		want := map[string]any{
			"Id": id, "SpaceId": "Spaces-1", "Name": "Deploy", "Description": "Deploy OctoFX Rate Service release 3.2.34652 to Acceptance",
			"Arguments": map[string]any{"DeploymentId": "Deployments-146222"}, "State": "Success", "Completed": "Saturday, September 10, 2016 12:01 PM",
			"QueueTime": got["QueueTime"], "QueueTimeExpiry": got["QueueTimeExpiry"], "StartTime": "2016-09-10T12:00:25.788Z", "LastUpdatedTime": "2016-09-10T12:01:00.092Z",
			"CompletedTime": "2016-09-10T12:01:00.092Z", "ServerNode": "node-1", "Duration": "34 seconds", "ErrorMessage": "", "HasBeenPickedUpByProcessor": true,
			"IsCompleted": true, "FinishedSuccessfully": true, "HasPendingInterruptions": false, "CanRerun": false, "HasWarningsOrErrors": false, "ProjectId": "Projects-1",
			"EstimatedRemainingQueueDurationSeconds": 0.0, "PendingInterruptionTypes": []any{}, "PendingPreconditionTypes": []any{}, "HasPendingPreconditions": false,
			"IsHeld": false, "WaitReason": "",
			"Links": map[string]any{
				"Self": "/api/tasks/" + id, "Web": "/app#/Spaces-1/tasks/" + id, "Raw": "/api/tasks/" + id + "/raw", "Rerun": "/api/tasks/rerun/" + id,
				"Cancel": "/api/tasks/" + id + "/cancel", "State": "/api/tasks/" + id + "/state", "Prioritize": "/api/tasks/" + id + "/prioritize",
				"QueuedBehind": "/api/tasks/" + id + "/queued-behind{?skip,take}", "Details": "/api/tasks/" + id + "/details{?verbose,tail,ranges}",
				"Log": "/api/tasks/" + id + "/log{?block,from,count}", "LogStream": "/api/tasks/" + id + "/log/stream",
				"Artifacts": "/api/Spaces-1/artifacts?regarding=" + id, "Interruptions": "/api/Spaces-1/interruptions?regarding=" + id,
			},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("ended (-want +got):\n%s", diff)
		}
		var page struct{ Items []map[string]any }
		f.Do(t, "GET", "/api/tasks?ids="+id, nil).Want(200).Into(&page)
		if diff := cmp.Diff([]map[string]any{want}, page.Items); diff != "" {
			t.Errorf("the list (-want +got):\n%s", diff)
		}
	})
}

func TestFilters(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		f := start(t, db, nil)
		f.Do(t, "POST", "/api/spaces", map[string]any{"Name": "Other", "SpaceManagersTeamMembers": []string{"Users-1"}}).Want(201)
		a := f.enqueue(t, task.New{SpaceID: "Spaces-1", Kind: "Deploy", Description: "Deploy ÄPFEL 100%", ProjectID: "Projects-1", EnvironmentID: "Environments-1", TenantID: "Tenants-1"})
		b := f.enqueue(t, task.New{SpaceID: "Spaces-1", Kind: "RunbookRun", Description: "Run B", ProjectID: "Projects-1", RunbookID: "Runbooks-1"})
		c := f.enqueue(t, task.New{Kind: "Retention", Description: "Clean up"})
		d := f.enqueue(t, task.New{SpaceID: "Spaces-2", Kind: "Deploy", Description: "Deploy D", ProjectID: "Projects-2"})
		now := time.Now().UTC()
		f.end(t, b, task.Failed, now, now)
		f.write(t, func(tx *store.Tx) error {
			_, err := tx.Exec("UPDATE server_task SET state = 'Executing', interrupted = $2, owner_node = 'node-2' WHERE id = $1", d, true)
			return err
		})
		for query, want := range map[string][]string{
			"/api/tasks": {d, c, b, a}, "/api/tasks?spaces=all": {d, c, b, a}, "/api/tasks?spaces=Spaces-1": {b, a}, "/api/tasks?spaces=Spaces-1&includeSystem=true": {c, b, a},
			"/api/Spaces-1/tasks": {b, a}, "/api/spaces/Spaces-1/tasks?includeSystem=true": {c, b, a}, "/api/tasks?skip=1&take=2": {c, b}, "/api/tasks?take=0": {},
			"/api/tasks?ids=" + a + "," + d: {d, a}, "/api/tasks?ids=,": {}, "/api/tasks?active=true": {d, c, a}, "/api/tasks?running=TRUE": {d}, "/api/tasks?states=Failed,Executing": {d, b},
			"/api/tasks?environment=Environments-1": {a}, "/api/tasks?tenant=Tenants-1": {a}, "/api/tasks?project=Projects-1": {b, a}, "/api/tasks?runbook=Runbooks-1": {b},
			"/api/tasks?name=Deploy": {d, a}, "/api/tasks?Name=Deploy,Retention": {d, c, a}, "/api/tasks?node=OctopusServerNodes-node-2": {d}, "/api/tasks?partialName=%C3%A4pfel%20100%25": {a},
			"/api/tasks?hasPendingInterruptions=true": {d}, "/api/tasks?hasPendingInterruptions=false": {c, b, a}, "/api/tasks?hasWarningsOrErrors=true": {b},
			"/api/tasks?hasWarningsOrErrors=false": {d, c, a}, "/api/tasks?fromQueueDate=2099-01-01T00:00:00Z": {}, "/api/tasks?skip=9223372036854775807": {},
		} {
			if diff := cmp.Diff(want, f.list(t, apitest.Key, query)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", query, diff)
			}
		}
		page := f.Do(t, "GET", "/api/tasks?states=Queued&take=1", nil).Want(200).Object()
		counts := map[string]any{"Queued": 2.0, "Executing": 1.0, "Cancelling": 0.0, "Success": 0.0, "Failed": 1.0, "Canceled": 0.0, "TimedOut": 0.0}
		if diff := cmp.Diff(counts, page["TotalCounts"]); diff != "" || page["TotalResults"] != 2.0 || page["ItemType"] != "Task" {
			t.Errorf("counts (-want +got):\n%s%v", diff, page)
		}
	})
}

func TestHostileQueries(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		f := start(t, db, nil)
		id := f.enqueue(t, task.New{SpaceID: "Spaces-1", Kind: "Deploy"})
		many := slices.Repeat([]byte("ServerTasks-1,"), 2000)
		for path, want := range map[string]int{
			"/api/tasks?skip=-1": 400, "/api/tasks?take=x": 400, "/api/tasks?take=99999999999999999999": 400, "/api/tasks?active=perhaps": 400, "/api/tasks?hasWarningsOrErrors=2x": 400,
			"/api/tasks?partialName=%00": 400, "/api/tasks?project=%FF": 400, "/api/tasks?ids=" + string(many): 400, "/api/tasks?fromQueueDate=yesterday": 400, "/api/tasks?includeSystem=q": 400,
			"/api/tasks?partialName=%25_%5C%27%22;--": 200, "/api/tasks?states=%27%20OR%201=1": 200, "/api/tasks?take=2147483647": 200, "/api/tasks?spaces=Spaces-99": 200,
			"/api/tasks/%00": 400, "/api/tasks/%FF": 400, "/api/tasks/ServerTasks-99": 404, "/api/Spaces-9/tasks": 404, "/api/tasks/" + id + "/details?tail=-1": 400,
			"/api/tasks/" + id + "/details?tail=99999999": 200, "/api/tasks/" + id + "/details?verbose=so": 400, "/api/tasks/" + id + "/details?ranges=a": 400,
			"/api/tasks/" + id + "/details?ranges=a:5-2": 400, "/api/tasks/" + id + "/details?ranges=nothing:0-5": 200, "/api/tasks/" + id + "/log/none": 404,
			"/api/tasks/" + id + "/log": 404, "/api/tasks/" + id + "/log?block=%00": 400, "/api/tasks/" + id + "/log/stream?lastEventId=x": 400,
		} {
			if got := f.Do(t, "GET", path, nil); got.Status != want {
				t.Errorf("%.100s: %d, want %d: %.300s", path, got.Status, want, got.Body)
			}
		}
	})
}
