//go:build unix

package cluster

import (
	"fmt"
	"os"
	"regexp"
	"syscall"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/test/mainjob"
)

// faults are those that one cluster survives one after the other.
func faults() []fault {
	return []fault{
		{name: "node killed", times: [3]int{1, 6, 100}, strike: kill},
		{name: "node stopped past its lease", times: [3]int{1, 6, 100}, strike: freeze},
		{name: "node stopped, retired, going on", times: [3]int{2, 10, 100}, strike: late},
		{name: "living node retired", times: [3]int{0, 3, 20}, strike: retire},
		{name: "node drained", times: [3]int{1, 3, 20}, strike: drain, gentle: true},
		{name: "node shut down", times: [3]int{0, 3, 20}, strike: shutDown, gentle: true},
		{name: "node cut from the database", times: [3]int{1, 3, 100}, strike: cutFromDatabase},
		{name: "node cut from the agents", times: [3]int{0, 3, 100}, strike: cutFromAgents},
		{name: "node cut from the other nodes", times: [3]int{1, 3, 100}, strike: cutFromNodes},
		{name: "agent killed", times: [3]int{1, 3, 100}, strike: killAgent},
		{name: "database away for 5 s", times: [3]int{1, 2, 20}, strike: outage(5 * time.Second)},
		{name: "database away for 30 s", times: [3]int{0, 1, 20}, strike: outage(30 * time.Second)},
		{name: "database away for 120 s", times: [3]int{0, 0, 5}, strike: outage(120 * time.Second)},
		{name: "database away for 600 s", times: [3]int{0, 0, 1}, strike: outage(600 * time.Second)},
		{name: "primary killed, standby promoted", times: [3]int{1, 3, 20}, strike: failover},
		{name: "store gone", times: [3]int{1, 1, 20}, strike: loseStore},
		{name: "store full", times: [3]int{0, 1, 20}, strike: fillStore, disk: true},
		{name: "store read-only", times: [3]int{0, 1, 20}, strike: protectStore, disk: true},
	}
}

// TestFaults injects every fault into a running cluster.
func TestFaults(t *testing.T) {
	level, seed := levelOf(t), seedOf(t)
	t.Logf("seed %d", seed)
	all, err := openResults(os.Getenv("MANTLE_TEST_RESULTS"))
	if err != nil {
		t.Fatal(err)
	}
	only := regexp.MustCompile(os.Getenv("MANTLE_TEST_FAULTS"))
	deployments := []int{4, 6, 10}[level]
	w := openWorld(t, worldConfig{nodes: 3, listening: 2, polling: 2, standby: true})
	defer func() { fmt.Println(all.table()) }()
	for _, f := range faults() {
		if f.disk && !w.disk {
			t.Logf("%s is left out: this user may not mount a disk", f.name)
			continue
		}
		for i := all.done(f.name); i < f.times[level] && only.MatchString(f.name); i++ {
			started := time.Now()
			r := w.inject(f, i, seed, deployments)
			t.Logf("%s %d (%s): %s; claimed %v, attached %v, resumed %v, %d of %d requests failed, gap %s, %d late writes refused",
				f.name, i, r.Where, time.Since(started).Round(time.Second), r.Claimed, r.Attached, r.Resumed, r.Failed, r.Requests, r.Gap.Round(time.Millisecond), r.Refused)
			if err := all.add(r); err != nil {
				t.Fatal(err)
			}
			if r.bad() || f.gentle && r.Failed > 0 {
				t.Errorf("%s, injection %d, seed %d (%s): %+v", f.name, i, seed, r.Where, r.Findings)
				for _, note := range r.Notes {
					t.Log(note)
				}
			}
			if r.Unfinished > 0 {
				t.FailNow() // what did not end would be in the way of the next ones
			}
		}
	}
}

// points are places of the program at which a node is killed or stopped.
func points() []string {
	return []string{"journal.plan.before", "journal.plan.after", "task.claim.after", "task.write.before", "task.write.after", "task.write.locked",
		"journal.begin.before", "journal.begin.after", "agent.start.before", "agent.start.after", "journal.handle.before", "journal.handle.after",
		"agent.status.before", "agent.status.after", "journal.advance.before", "journal.advance.after", "agent.download.before", "journal.artifact.after",
		"journal.finish.before", "journal.finish.after", "agent.complete.before", "agent.complete.after", "journal.settle.after",
		"journal.outcome.before", "journal.outcome.after", "task.end.before", "task.end.after"}
}

// kill kills a node that runs tasks, at a fault point or at any time.
func kill(in *injection) {
	in.pauseUpTo(2 * time.Second)
	n := in.victim()
	point, visit := points()[in.IntN(len(points()))], 1+in.IntN(4)
	in.result.Where = fmt.Sprintf("%s at visit %d of %s", n.Name(), visit, point)
	n.at(in.t, point, visit, false)
	if !mainjob.Wait(4*time.Second, n.Process().Exited) {
		_ = os.Remove(n.order)
		n = in.victim()
		in.result.Where = n.Name() + " at a random time"
		n.Kill()
	}
	in.await(n.Name(), time.Now())
}

// await waits until the tasks that a node had are others', and notes how long it took.
func (in *injection) await(node string, since time.Time) {
	mainjob.Wait(25*time.Second, func() bool { return in.watch.held(in.open(), node, since) == 0 })
	in.awaitEnds(90 * time.Second)
	in.result.Claimed, in.result.Attached = in.watch.takeOvers(in.tasks, node, since)
}

// open returns the tasks that have not ended, or of which that is not known.
func (in *injection) open() []string {
	var ids []string
	for _, id := range in.tasks {
		if task, err := in.api().Within(time.Second).Task(id); err != nil || !task.IsCompleted {
			ids = append(ids, id)
		}
	}
	return ids
}

// fencedPoints lie between the check that the task is still one's own and what depends on it.
func fencedPoints() []string {
	return []string{"task.write.before", "task.write.locked", "agent.start.before", "journal.advance.before", "journal.finish.before", "journal.begin.before"}
}

// freeze stops a node on a fault point for longer than its lease, and lets it go on when others have its tasks.
func freeze(in *injection) {
	in.pauseUpTo(time.Second)
	n := in.victim()
	choice := fencedPoints()
	point, visit := choice[in.IntN(len(choice))], 1+in.IntN(3)
	in.result.Where = fmt.Sprintf("%s at visit %d of %s", n.Name(), visit, point)
	n.at(in.t, point, visit, true)
	if !mainjob.Wait(4*time.Second, n.Process().Stopped) {
		_ = os.Remove(n.order)
		n = in.victim()
		in.result.Where = n.Name() + " at a random time"
		_ = n.Process().Signal(syscall.SIGSTOP)
	}
	stopped := time.Now()
	mainjob.Wait(20*time.Second, func() bool { return in.watch.held(in.open(), n.Name(), stopped) == 0 })
	in.pauseUpTo(5 * time.Second) // the successor may be anywhere, or done
	if err := n.Process().Signal(syscall.SIGCONT); err != nil {
		in.t.Fatal(err)
	}
	in.awaitEnds(90 * time.Second)
	in.result.Claimed, in.result.Attached = in.watch.takeOvers(in.tasks, n.Name(), stopped)
}

func cutFromDatabase(in *injection) {
	in.pauseUpTo(2 * time.Second)
	n := in.victim()
	in.result.Where = n.Name()
	for _, l := range n.bases {
		l.Cut()
	}
	in.await(n.Name(), time.Now())
}

// cutFromAgents bars a node from all agents for a while; the tasks wait, or go on elsewhere.
func cutFromAgents(in *injection) {
	in.pauseUpTo(2 * time.Second)
	n := in.victim()
	in.result.Where = n.Name() + " for 15 s"
	for _, a := range in.agents {
		if a.link != nil {
			a.link.Bar(n.Process().PID())
		}
	}
	<-time.After(15 * time.Second)
	for _, a := range in.agents {
		if a.link != nil {
			a.link.Heal()
		}
	}
}

// cutFromNodes keeps a node from the others: those that agents of theirs poll cannot be reached.
func cutFromNodes(in *injection) {
	in.pauseUpTo(2 * time.Second)
	n := in.nodes[in.IntN(len(in.nodes))]
	in.result.Where = n.Name() + " for 15 s"
	n.internal.Cut()
	<-time.After(15 * time.Second)
	n.internal.Heal()
}

// killAgent kills an agent while it runs scripts, and starts it again.
func killAgent(in *injection) {
	in.pauseUpTo(3 * time.Second)
	a := in.agents[in.IntN(len(in.agents))]
	in.result.Where = a.Name()
	a.Kill()
	in.pauseUpTo(3 * time.Second)
	a.Restart()
}

// outage takes the database away from every node.
func outage(d time.Duration) func(*injection) {
	return func(in *injection) {
		in.pauseUpTo(2 * time.Second)
		refuse := in.IntN(2) == 0
		in.result.Where = fmt.Sprintf("silent: %t", !refuse)
		for _, n := range in.nodes {
			for _, l := range n.bases {
				if refuse {
					l.Refuse()
				} else {
					l.Cut()
				}
			}
		}
		<-time.After(d)
		for _, n := range in.nodes {
			for _, l := range n.bases {
				l.Heal()
			}
		}
		back := time.Now()
		before := in.watch.progress(in.tasks)
		if mainjob.Wait(60*time.Second, func() bool { return in.watch.progress(in.tasks) != before }) {
			in.result.Resumed = append(in.result.Resumed, time.Since(back))
		}
	}
}

// failover kills the primary and promotes its standby. The old primary becomes the standby afterwards.
func failover(in *injection) {
	in.pauseUpTo(2 * time.Second)
	old, next := in.active, 1-in.active
	in.result.Where = fmt.Sprintf("server %d", old+1)
	in.bases[old].Kill()
	<-time.After(time.Second)
	in.bases[next].Promote()
	in.bases[next].Set("synchronous_standby_names", "")
	in.active = next
	promoted := time.Now()
	before := in.watch.progress(in.tasks)
	if mainjob.Wait(60*time.Second, func() bool { return in.watch.progress(in.tasks) != before }) {
		in.result.Resumed = append(in.result.Resumed, time.Since(promoted))
	}
	in.awaitEnds(90 * time.Second)
	in.follow(old)
}
