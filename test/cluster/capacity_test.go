//go:build unix

package cluster

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/test/mainjob"
)

// TestFullCapsWhenANodeDies kills a node when both run as many tasks as they may. The other one takes its tasks up at once, beyond its cap, and
// starts what is queued only when it has room again.
func TestFullCapsWhenANodeDies(t *testing.T) {
	from(t, middle)
	w := openWorld(t, worldConfig{nodes: 2, listening: 2})
	const taskCap = 2
	releases := make([]string, 2*taskCap+2)
	for i := range releases {
		releases[i] = w.release(fmt.Sprintf("Long %d", i+1), mainjob.Step{Name: "Build", Role: w.agentFor(i).Name(), Script: mainjob.Recording(lines, "1.5") + "record build\n"})
	}
	w.setCap(w.nodes[0], taskCap)
	w.setCap(w.nodes[1], taskCap)
	front := w.front()
	tasks := make([]string, len(releases))
	for i, release := range releases {
		tasks[i] = front.Deploy(release, w.environment)
	}
	running, queued := tasks[:2*taskCap], tasks[2*taskCap:]
	mainjob.Eventually(t, 30*time.Second, "both nodes are full", func() bool {
		owners := w.watch.owners(tasks)
		return owners[w.nodes[0].Name()] == taskCap && owners[w.nodes[1].Name()] == taskCap
	})
	mainjob.Eventually(t, 10*time.Second, "a queued task says that all nodes are full", func() bool {
		return strings.Contains(front.Get("/api/tasks/"+queued[0]+"/queued-behind").Text("Reason"), "as many tasks as their task caps allow")
	})
	dead := w.nodes[0]
	killed := time.Now()
	dead.Kill()
	mainjob.Eventually(t, 20*time.Second, "the other node has the tasks", func() bool { return w.watch.held(running, dead.Name(), killed) == 0 })
	if n := w.query("SELECT count(*) FROM server_task WHERE state = 'Executing' AND owner_epoch IS NOT NULL"); n != "4" {
		t.Errorf("%s tasks run on the node that is left; want 4, of which it may start 2", n)
	}
	if n := w.query("SELECT count(*) FROM server_task WHERE state = 'Queued' AND id IN " + list(queued)); n != "2" {
		t.Errorf("%s tasks are queued; want 2: there is no room for them", n)
	}
	claimed, _ := w.watch.takeOvers(running, dead.Name(), killed)
	t.Logf("claimed %v after the kill", claimed)
	for i, task := range tasks {
		w.mustSucceed(task, lines, mainjob.Place{Step: "build", Machine: w.agentFor(i).Name()})
	}
	early := w.query("SELECT count(*) FROM server_task q WHERE q.id IN " + list(queued) +
		" AND (SELECT count(*) FROM server_task r WHERE r.id IN " + list(running) + " AND r.completed_at <= q.started_at) < 3")
	if early != "0" {
		t.Errorf("%s queued tasks were started before there was room for them", early)
	}
}

// list writes IDs as SQL does.
func list(ids []string) string { return "('" + strings.Join(ids, "', '") + "')" }

// TestTaskThatKillsItsNodes lets every node die that begins a task. After three deaths the task is held for a person, who is told why; nodes live
// on and do other work. Released, it goes on; canceled, it ends.
func TestTaskThatKillsItsNodes(t *testing.T) {
	from(t, middle)
	w := openWorld(t, worldConfig{nodes: 3, listening: 1})
	front := w.front()
	w.setCap(front, 0)
	at := places(w.agents[0].Name())
	task := w.held(w.releases[0])
	w.mustSucceed(front.Deploy(w.releases[1], w.environment), lines, at...)
	if document := front.Get("/api/tasks/" + task); document["IsHeld"] != true {
		t.Errorf("the task is not held any more: %v", document)
	}
	front.Post("/api/tasks/"+task+"/release", mainjob.Object{})
	w.mustSucceed(task, lines, at...)

	task = w.held(w.releases[2])
	front.Cancel(task)
	if got := front.AwaitTask(task, 30*time.Second); got.State != "Canceled" {
		t.Errorf("the canceled task is %s: %s", got.State, got.ErrorMessage)
	}
	if found := mainjob.Judge(w.record, task, front.RawLog(task), lines, at); found.Runs > 0 {
		t.Errorf("the canceled task ran: %+v", found)
	}
}

// held deploys a release whose task kills three nodes, and returns the task when it is held.
func (w *world) held(release string) (task string) {
	w.t.Helper()
	const deadly = "journal.plan.before"
	front, mortals := w.front(), w.nodes[:len(w.nodes)-1]
	for _, n := range mortals {
		n.at(w.t, deadly, 1, false)
	}
	deaths, last := 0, ""
	task = front.Deploy(release, w.environment)
	var document mainjob.Object
	mainjob.Eventually(w.t, 60*time.Second, "the task is held", func() bool {
		for _, n := range mortals {
			if n.Process().Exited() {
				deaths, last = deaths+1, n.Name()
				n.at(w.t, deadly, 1, false)
				n.Launch()
			}
		}
		document = front.Get("/api/tasks/" + task)
		return document["IsHeld"] == true
	})
	if deaths != 3 {
		w.t.Errorf("%d nodes died; want 3", deaths)
	}
	w.repair()
	reason := document.Text("WaitReason")
	if !strings.Contains(reason, "3 times") || !strings.Contains(reason, last) || !strings.Contains(reason, "release the task or cancel it") {
		w.t.Errorf("it is held because: %s; the last node that died is %s", reason, last)
	}
	if behind := front.Get("/api/tasks/" + task + "/queued-behind").Text("Reason"); behind != reason {
		w.t.Errorf("it waits because: %s", behind)
	}
	return task
}
