package metrics_test

import (
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/internal/metrics"
)

func TestWhatIsCountedIsShown(t *testing.T) {
	t.Parallel()
	m := metrics.New("1.2.3", "node-1")
	m.Cluster.Beat(time.Millisecond, nil)
	m.Cluster.Beat(time.Second, errors.New("away"))
	m.Tasks.Claimed("new", 3*time.Second)
	m.Tasks.Claimed("taken up", time.Hour) // when it was due says nothing of the queue
	m.Tasks.Fenced()
	m.HTTP.Answered("BREW", 418, time.Millisecond)
	m.Store.Asked("put", time.Millisecond, nil)
	m.Relay.Asked(time.Second, 10, 20, nil)
	m.Relay.Asked(time.Second, 1, 2, errors.New("away"))
	m.Relay.Served(time.Second, nil)
	m.Relay.Connected()
	m.Relay.Disconnected()
	m.Gauge("mantle_acting", "", nil, func() float64 { return 1 })
	readable := true
	m.Queue(func() (metrics.Queue, error) {
		if !readable {
			return metrics.Queue{}, errors.New("away")
		}
		return metrics.Queue{Tasks: map[string]int{"queued": 7}, Room: 2, AgentsElsewhere: 3}, nil
	})
	show := func() string {
		w := httptest.NewRecorder()
		m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
		if w.Code != 200 {
			t.Errorf("status %d", w.Code)
		}
		return w.Body.String()
	}
	text := show()
	for _, line := range []string{
		`mantle_build_info{node="node-1",version="1.2.3"} 1`, `mantle_heartbeats_total{result="done"} 1`, `mantle_heartbeats_total{result="failed"} 1`, `mantle_task_claims_total{kind="taken up"} 1`,
		`mantle_task_queue_seconds_count 1`, `mantle_task_queue_seconds_sum 3`, `mantle_fenced_writes_total 1`, `mantle_http_requests_total{code="418",method="other"} 1`,
		`mantle_store_seconds_count{operation="put",result="done"} 1`, `mantle_acting 1`, `mantle_queue_tasks{state="queued"} 7`, `mantle_queue_room 2`,
		`mantle_relay_seconds_count{result="done",side="asked"} 1`, `mantle_relay_seconds_count{result="failed",side="asked"} 1`, `mantle_relay_seconds_count{result="done",side="served"} 1`,
		`mantle_relay_bytes_total{direction="sent"} 11`, `mantle_relay_bytes_total{direction="received"} 22`, `mantle_agents_elsewhere 3`,
		`mantle_agent_presence_changes_total{change="came"} 1`, `mantle_agent_presence_changes_total{change="went"} 1`,
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("missing: %s", line)
		}
	}
	readable = false
	if text := show(); strings.Contains(text, "mantle_queue_tasks") || !strings.Contains(text, "mantle_acting 1") {
		t.Error("without the database the queue is left out, and nothing else")
	}
}

func TestNobodyCounts(t *testing.T) {
	t.Parallel()
	var m metrics.Set
	m.Cluster.Beat(0, nil)
	m.Cluster.Lapsed()
	m.Tasks.Claimed("new", 0)
	m.Tasks.Ended("Success")
	m.Database.Transaction("read", 0, nil)
	m.HTTP.Answered("GET", 200, 0)
	m.Store.Asked("put", 0, nil)
	m.Relay.Asked(0, 0, 0, nil)
	m.Relay.Served(0, nil)
	m.Relay.Connected()
	m.Relay.Disconnected()
}
