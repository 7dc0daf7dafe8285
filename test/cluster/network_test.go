//go:build unix

package cluster

import (
	"fmt"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/test/mainjob"
)

// TestPowerOffInATransaction takes the power from a node that has locked its task in a transaction: the database hears nothing of it, neither an
// end of the connection nor anything else. The lock may not outlast the session's bound of two seconds, long before the node is declared dead.
func TestPowerOffInATransaction(t *testing.T) {
	from(t, middle)
	w := openWorld(t, worldConfig{nodes: 2, listening: 1})
	first, front := w.nodes[0], w.front()
	checkSession(t, w.bases[0].URL(w.bases[0].Port, "mantle"))
	w.setCap(front, 0)
	for try, visit := range []int{1, 4, 9} {
		w.setCap(first, 20)
		first.at(t, "task.write.locked", visit, true)
		task := front.Deploy(w.releases[try], w.environment)
		if !first.standsStill(t, 30*time.Second) {
			t.Fatalf("%s wrote nothing:\n%s", first.Name(), front.RawLog(task))
		}
		stopped := time.Now()
		for _, l := range first.bases {
			l.Cut()
		}
		w.ownedBy(task, first)
		killed := time.Now()
		first.Kill()
		sessions := "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE '%" + first.Name() + "%'"
		if n := w.query(sessions + " AND state = 'idle in transaction'"); n == "0" {
			t.Fatal("no transaction was left open: nothing is tested")
		}
		// Whoever wants the row waits for the lock, as a person does who cancels the task.
		w.query("SELECT id FROM server_task WHERE id = '" + task + "' FOR UPDATE")
		locked := time.Since(stopped)
		if alive := w.query("SELECT count(*) FROM node WHERE name = '" + first.Name() + "' AND epoch IS NOT NULL"); locked > 4*time.Second || alive != "1" {
			t.Errorf("the lock was held for %s; the dead node is online: %s", locked, alive)
		}
		w.setCap(front, 20)
		mainjob.Eventually(t, 20*time.Second, "the dead node's sessions are gone", func() bool { return w.query(sessions) == "0" })
		w.mustSucceed(task, lines, places(w.agents[0].Name())...)
		claimed, _ := w.watch.takeOvers([]string{task}, first.Name(), killed)
		t.Logf("at visit %d: locked for %s, claimed after %v", visit, locked.Round(10*time.Millisecond), claimed)
		if len(claimed) != 1 || claimed[0] > 12*time.Second {
			t.Errorf("claimed after %v; want one claim within 10 s", claimed)
		}
		w.setCap(front, 0)
		w.repair()
	}
}

// checkSession reads what the product sets for its sessions; PostgreSQL says what the connection's socket has.
func checkSession(t *testing.T, url string) {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{URL: url, Application: "session", MaxConnections: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for name, want := range map[string]string{"idle_in_transaction_session_timeout": "2s", "lock_timeout": "5s", "tcp_user_timeout": "10000",
		"tcp_keepalives_idle": "5", "tcp_keepalives_interval": "2", "tcp_keepalives_count": "3"} {
		var got string
		err := db.Read(t.Context(), func(tx *store.Tx) error { return tx.QueryRow("SELECT current_setting($1)", name).Scan(&got) })
		if err != nil || got != want {
			t.Errorf("%s is %q, %v; want %q", name, got, err, want)
		}
	}
}

// TestHalfOpenPollingConnection loses the connection of a polling agent while its script runs, and neither end hears of it: what a server sends is
// taken and never arrives. The agent polls again after a while, and the deployment goes on over the new connection.
func TestHalfOpenPollingConnection(t *testing.T) {
	from(t, middle)
	w := openWorld(t, worldConfig{nodes: 2, listening: 1})
	holder, asker := w.nodes[0], w.nodes[1]
	halves := mainjob.Recording(lines, "0.5")
	for _, runner := range w.nodes {
		name := "half-" + runner.Name()
		way := w.house.Link("127.0.0.1:" + strconv.Itoa(holder.CommsPort))
		w.house.Agent(holder.Server, mainjob.AgentConfig{Name: name, Environment: []string{"Production"}, Roles: []string{name}, Polling: true, URL: holder.URL, CommsPort: way.Port})
		asker.AwaitHealthy(name)
		release := w.release("Half open for "+runner.Name(), mainjob.Step{Name: "Build", Role: name, Script: halves + "record build\n"},
			mainjob.Step{Name: "Check", Role: name, Script: halves + "record check\n"})
		for _, n := range w.nodes {
			w.setCap(n, map[bool]int{true: 20}[n == runner])
		}
		task := asker.Deploy(release, w.environment)
		at := []mainjob.Place{{Step: "build", Machine: name}, {Step: "check", Machine: name}}
		mainjob.Eventually(t, 30*time.Second, "the script runs", func() bool { return len(mainjob.Recorded(w.record, task, at[0])) > 2 })
		way.Strand()
		stranded := time.Now()
		w.mustSucceed(task, lines, at...)
		t.Logf("%s asked for an agent of %s: ended %s after the connection was lost", runner.Name(), holder.Name(), time.Since(stranded).Round(time.Second))
	}
}

// TestAskerOfAQueuedStartScriptDies has a polling agent stand still while it answers one node, so that another node's StartScript waits for it on the
// node that has its connection; and kills the asker. The request goes with the asker: only its successor's counts.
func TestAskerOfAQueuedStartScriptDies(t *testing.T) {
	from(t, middle)
	w := openWorld(t, worldConfig{nodes: 3, listening: 1})
	asker, holder, front := w.nodes[0], w.nodes[1], w.front()
	const name = "polling"
	a := w.house.Agent(holder.Server, mainjob.AgentConfig{Name: name, Environment: []string{"Production"}, Roles: []string{name}, Polling: true, URL: holder.URL, CommsPort: holder.CommsPort})
	front.AwaitHealthy(name)
	var releases []string
	for i := range 2 {
		releases = append(releases, w.release(fmt.Sprintf("Polling %d", i+1), mainjob.Step{Name: "Build", Role: name, Script: mainjob.Recording(lines, "0.5") + "record build\n"}))
	}
	at := mainjob.Place{Step: "build", Machine: name}
	w.setCap(holder, 0)
	w.setCap(asker, 0)
	busy := front.Deploy(releases[0], w.environment)
	mainjob.Eventually(t, 30*time.Second, "the first script runs", func() bool { return len(mainjob.Recorded(w.record, busy, at)) > 0 })
	w.setCap(front, 1)
	w.setCap(asker, 20)
	asker.at(t, "agent.start.before", 1, true)
	task := front.Deploy(releases[1], w.environment)
	if !asker.standsStill(t, 30*time.Second) {
		t.Fatalf("%s did not come to StartScript:\n%s", asker.Name(), front.RawLog(task))
	}
	if err := a.Process().Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	<-time.After(2500 * time.Millisecond) // the front's next question for the first script is at the agent, unanswered
	asker.goOn(t, "")
	<-time.After(time.Second) // StartScript is queued
	killed := time.Now()
	asker.Kill()
	mainjob.Eventually(t, 20*time.Second, "the successor has the task", func() bool { return w.watch.held([]string{task}, asker.Name(), killed) == 0 })
	if err := a.Process().Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	w.mustSucceed(busy, lines, at)
	w.mustSucceed(task, lines, at)
}
