//go:build unix

package cluster

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/test/mainjob"
)

// TestOldPrimaryThatANodeStillReaches promotes the standby while the old primary lives, cut off from the standby and from all nodes but one. As docs/cluster.md
// asks for, the old primary waits for its standby before it acknowledges anything: so the node that still talks to it cannot act, others take up
// its tasks, and nothing is done twice or acknowledged and lost.
func TestOldPrimaryThatANodeStillReaches(t *testing.T) {
	from(t, middle)
	seed := seedOf(t)
	t.Logf("seed %d", seed)
	w := openWorld(t, worldConfig{nodes: 3, listening: 2, polling: 1, standby: true})
	for i := range []int{0, 2, 10}[levelOf(t)] {
		r := w.inject(fault{name: "old primary still reached", strike: splitBase}, i, seed, 6)
		t.Logf("%s: %+v, claimed %v, %d of %d requests failed, gap %s, %d writes acknowledged", r.Where, r.Findings, r.Claimed, r.Failed, r.Requests, r.Gap, r.Acknowledged)
		if r.bad() || len(r.Claimed) == 0 {
			t.Errorf("%d tasks ended wrongly, %d acknowledged writes are lost, %+v, claimed %v", r.Wrong, r.WritesLost, r.Findings, r.Claimed)
			for _, note := range r.Notes {
				t.Log(note)
			}
		}
	}
}

// splitBase leaves one node, which runs tasks, with the old primary.
func splitBase(in *injection) {
	in.pauseUpTo(time.Second)
	n := in.victim()
	old, next := in.active, 1-in.active
	in.result.Where = n.Name() + " stays with server " + strconv.Itoa(old+1)
	in.replication.Refuse()
	in.eyes[old].Refuse()
	for _, m := range in.nodes {
		if m != n {
			m.bases[old].Refuse()
		}
	}
	split := time.Now()
	in.bases[next].Promote()
	in.bases[next].Set("synchronous_standby_names", "")
	in.active = next
	in.await(n.Name(), split)
	if locally := in.bases[old].SQL("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'mantle/" + n.Name() + "%'"); locally == "0" {
		in.notef("%s had left the old primary: nothing was tested", n.Name())
		in.result.Wrong++
	}
	in.replication.Heal()
	in.eyes[old].Heal()
	in.follow(old)
}

// TestStandbyWithAnotherClock promotes a standby whose clock is ten seconds off. No node that lives is declared dead for it, a node that dies
// is, and no task has two owners.
func TestStandbyWithAnotherClock(t *testing.T) {
	from(t, middle)
	for _, offset := range []int{10, -10} {
		t.Run(strconv.Itoa(offset)+" s", func(t *testing.T) {
			seed := seedOf(t)
			t.Logf("seed %d", seed)
			w := openWorld(t, worldConfig{nodes: 3, listening: 2, polling: 1, standby: true, standbyClock: offset})
			before := w.query("SELECT string_agg(name || ' ' || epoch, ', ' ORDER BY name) FROM node")
			r := w.inject(fault{name: "standby's clock off", strike: func(in *injection) { promoteOnly(in, offset) }}, 0, seed, 6)
			if after := w.query("SELECT string_agg(name || ' ' || epoch, ', ' ORDER BY name) FROM node"); before != after {
				t.Errorf("nodes that lived were retired: before %s; after %s", before, after)
			}
			for _, n := range w.nodes {
				if said := strings.Join(w.house.Lines(n.Name()+".log"), "\n"); strings.Contains(said, "retired a node") {
					t.Errorf("%s retired a node", n.Name())
				}
			}
			t.Logf("%s: %+v, resumed %v, %d of %d requests failed", r.Where, r.Findings, r.Resumed, r.Failed, r.Requests)
			w.check(r)
			r = w.inject(fault{name: "node killed under that clock", strike: killNow}, 0, seed, 6)
			t.Logf("%s: %+v, claimed %v", r.Where, r.Findings, r.Claimed)
			w.check(r)
			for _, took := range r.Claimed {
				if took > 15*time.Second {
					t.Errorf("claimed after %s", took)
				}
			}
		})
	}
}

// check fails the test where an injection broke a promise.
func (w *world) check(r result) {
	w.t.Helper()
	if !r.bad() {
		return
	}
	w.t.Errorf("%s: %d tasks ended wrongly, %d acknowledged writes are lost, %+v", r.Fault, r.Wrong, r.WritesLost, r.Findings)
	for _, note := range r.Notes {
		w.t.Log(note)
	}
}

// killNow kills a node that runs tasks.
func killNow(in *injection) {
	n := in.victim()
	in.result.Where = n.Name()
	killed := time.Now()
	n.Kill()
	in.await(n.Name(), killed)
	if len(in.result.Claimed) == 0 {
		in.notef("nothing was taken up")
		in.result.Wrong++
	}
}

// promoteOnly kills the primary and promotes the standby, whose clock must be off by so many seconds.
func promoteOnly(in *injection, offset int) {
	in.pauseUpTo(time.Second)
	old, next := in.active, 1-in.active
	in.bases[old].Kill()
	in.bases[next].Promote()
	in.bases[next].Set("synchronous_standby_names", "")
	in.active = next
	promoted := time.Now()
	off, err := strconv.ParseFloat(in.bases[next].SQL("SELECT extract(epoch FROM clock_timestamp()) - "+strconv.FormatInt(time.Now().Unix(), 10)), 64)
	in.result.Where = "the clock is off by " + strconv.FormatFloat(off, 'f', 1, 64) + " s"
	if err != nil || off < float64(offset)-2 || off > float64(offset)+3 {
		in.t.Errorf("the new primary's clock is off by %f s, %v; want %d", off, err, offset)
	}
	before := in.watch.progress(in.tasks)
	if mainjob.Wait(60*time.Second, func() bool { return in.watch.progress(in.tasks) != before }) {
		in.result.Resumed = append(in.result.Resumed, time.Since(promoted))
	}
	in.awaitEnds(90 * time.Second)
}
