//go:build unix

package cluster

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/test/mainjob"
)

// fault is a way to break a cluster.
type fault struct {
	name string
	// times is how often it is injected, by level.
	times [3]int
	// strike breaks something while deployments run; what it leaves broken is repaired afterwards.
	strike func(*injection)
	// gentle: no request may fail meanwhile.
	gentle bool
	// disk: the shared files need a disk of their own.
	disk bool
}

// injection is one strike, and what is known of it.
type injection struct {
	*world
	*rand.Rand
	fault fault
	tasks []string
	// machines are where the tasks deploy to.
	machines []string
	result   result
}

// inject starts deployments, strikes, waits for the deployments' end and judges them.
func (w *world) inject(f fault, index int, seed uint64, deployments int) result {
	w.t.Helper()
	name := fnv.New64a()
	_, _ = fmt.Fprintf(name, "%s %d", f.name, index)
	in := &injection{world: w, Rand: rand.New(rand.NewPCG(seed, name.Sum64())), fault: f}
	in.result = result{Fault: f.name, Index: index, Seed: seed, At: time.Now().UTC(), Tasks: deployments}
	refused := w.refused()
	l := w.startLoad(fmt.Sprintf("%s %d of %x", f.name, index, in.Uint32()), 10)
	in.deploy(deployments)
	mainjob.Eventually(w.t, 30*time.Second, "the deployments run", func() bool { return len(w.running(in.tasks)) > 0 })
	f.strike(in)
	ended := in.awaitEnds(90 * time.Second)
	requests, failures, gap := l.end()
	w.repair()
	if !ended {
		in.awaitEnds(60 * time.Second)
		in.notef("the tasks did not end before the repair")
	}
	in.judge()
	lost, err := l.lost()
	if err != nil {
		in.notef("%v", err)
		lost = append(lost, err.Error())
	}
	r := &in.result
	r.Requests, r.Failed, r.Gap, r.Load = requests, len(failures), gap, machineLoad()
	r.Acknowledged, r.WritesLost, r.Refused = len(l.acknowledged), len(lost), w.refused()-refused
	for _, name := range lost {
		in.notef("lost write: %s", name)
	}
	if f.gentle {
		for _, failure := range failures {
			in.notef("failed request: %s", failure)
		}
	}
	return *r
}

func (in *injection) notef(format string, args ...any) {
	in.result.Notes = append(in.result.Notes, fmt.Sprintf(format, args...))
}

// deploy starts deployments through the load balancer.
func (in *injection) deploy(n int) {
	in.t.Helper()
	api := in.api()
	for i := range n {
		in.machines = append(in.machines, in.agentFor(i).Name())
		in.tasks = append(in.tasks, api.Deploy(in.releases[i], in.environment))
	}
}

// awaitEnds waits until every task has ended.
func (in *injection) awaitEnds(within time.Duration) bool {
	open := append([]string{}, in.tasks...)
	return mainjob.Wait(within, func() bool {
		for len(open) > 0 {
			task, err := in.api().Within(time.Second).Task(open[0])
			if err != nil || !task.IsCompleted {
				return false
			}
			open = open[1:]
		}
		return true
	})
}

// judge reads how the tasks ended, and compares their logs with the scripts' record.
func (in *injection) judge() {
	api := in.api()
	for i, id := range in.tasks {
		task, err := api.Task(id)
		log := api.RawLog(id)
		found := mainjob.Judge(in.record, id, log, lines, places(in.machines[i]))
		if err != nil || task.State != "Success" {
			in.result.Wrong++
			if !task.IsCompleted {
				in.result.Unfinished++
			}
			in.notef("%s is %s (%v): %s", id, task.State, err, task.ErrorMessage)
		}
		if found.Bad() || err != nil || task.State != "Success" {
			in.notef("%s: %+v, claims %+v\n%s", id, found, in.watch.of(id), in.evidence(id, in.machines[i], log))
		}
		add(&in.result.Findings, found)
	}
}

// evidence shows a log and the record of its scripts.
func (in *injection) evidence(id, machine, log string) string {
	var b strings.Builder
	for _, p := range places(machine) {
		fmt.Fprintf(&b, "record of %s: %q\n", p.Step, mainjob.Recorded(in.record, id, p))
	}
	return b.String() + log
}

func add(f *mainjob.Findings, g mainjob.Findings) {
	for to, n := range map[*int]int{&f.Runs: g.Runs, &f.Missing: g.Missing, &f.Double: g.Double, &f.Cut: g.Cut, &f.Lost: g.Lost,
		&f.Doubled: g.Doubled, &f.Strange: g.Strange, &f.Disordered: g.Disordered} {
		*to += n
	}
}

// refused counts late writes that nodes noted as turned away.
func (w *world) refused() (n int) {
	for _, node := range w.nodes {
		n += strings.Count(strings.Join(w.house.Lines(node.Name()+".log"), "\n"), "late write was refused")
	}
	return n
}

// victim is a node that runs tasks.
func (in *injection) victim() *node {
	in.t.Helper()
	var found []*node
	mainjob.Eventually(in.t, 20*time.Second, "a node runs a task", func() bool {
		found = in.running(in.tasks)
		return len(found) > 0
	})
	return found[in.IntN(len(found))]
}

// pauseUpTo waits for a random time.
func (in *injection) pauseUpTo(most time.Duration) {
	<-time.After(time.Duration(in.Int64N(int64(most))))
}

// at orders a node to die, or to stop, at a fault point.
func (n *node) at(t *testing.T, point string, visit int, stop bool) {
	t.Helper()
	n.orders++ // the text must be another one than the last, or visits are not counted anew
	text := fmt.Sprintf("%s=%0*d", point, 1+n.orders%9, visit)
	if stop {
		text += ",stop"
	}
	err := os.WriteFile(n.order+".new", []byte(text+"\n"), 0o600)
	if err == nil {
		err = os.Rename(n.order+".new", n.order)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// ping returns a node's status, 0 where it does not answer.
func (n *node) ping() int {
	c := http.Client{Timeout: time.Second}
	answer, err := c.Get(n.URL + "/api/octopusservernodes/ping")
	if err != nil {
		return 0
	}
	answer.Body.Close()
	return answer.StatusCode
}
