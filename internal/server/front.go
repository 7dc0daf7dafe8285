package server

import (
	"bufio"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"time"

	"github.com/mantledeploy/mantle/internal/api/systemapi"
	"github.com/mantledeploy/mantle/internal/cluster"
	"github.com/mantledeploy/mantle/internal/metrics"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/task"
)

// front stands before everything that the node serves: it names the node in every answer, counts, and answers those who watch it.
func (s *Server) front(next http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", next)
	s.registerHealth(mux)
	if s.cfg.MetricsListen == "" {
		mux.Handle("GET /metrics", s.metrics.Handler())
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Octopus-Node", s.cfg.NodeName)
		began := time.Now()
		counted := &counted{ResponseWriter: w, code: http.StatusOK}
		mux.ServeHTTP(counted, r)
		if counted.stream() {
			return // its time is that of what it tells of
		}
		s.metrics.HTTP.Answered(r.Method, counted.code, time.Since(began))
	})
}

// counted remembers the status of an answer.
type counted struct {
	http.ResponseWriter
	code  int
	begun bool
}

// WriteHeader implements http.ResponseWriter.
func (c *counted) WriteHeader(code int) {
	if !c.begun && code >= 200 {
		c.code, c.begun = code, true
	}
	c.ResponseWriter.WriteHeader(code)
}

// Write implements http.ResponseWriter.
func (c *counted) Write(b []byte) (int, error) {
	c.begun = true
	return c.ResponseWriter.Write(b)
}

// Unwrap gives http.ResponseController what is below.
func (c *counted) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// Flush implements http.Flusher.
func (c *counted) Flush() { _ = http.NewResponseController(c.ResponseWriter).Flush() }

// Hijack implements http.Hijacker.
func (c *counted) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return http.NewResponseController(c.ResponseWriter).Hijack()
}

func (c *counted) stream() bool { return c.Header().Get("Content-Type") == "text/event-stream" }

// registerHealth serves what orchestrators of containers ask: whether the process lives, and whether it should get requests.
func (s *Server) registerHealth(mux *http.ServeMux) {
	mux.HandleFunc("GET /health/live", func(w http.ResponseWriter, _ *http.Request) {
		tellHealth(w, http.StatusOK, "alive", "")
	})
	mux.HandleFunc("GET /health/ready", func(w http.ResponseWriter, _ *http.Request) {
		_, fitness, reason := nodes{s}.Here()
		switch fitness {
		case systemapi.Fit:
			tellHealth(w, http.StatusOK, "ready", reason)
		case systemapi.Draining:
			tellHealth(w, http.StatusServiceUnavailable, "draining", reason)
		default:
			tellHealth(w, http.StatusServiceUnavailable, "unavailable", reason)
		}
	})
}

func tellHealth(w http.ResponseWriter, code int, state, reason string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(struct {
		State  string
		Reason string `json:",omitempty"`
	}{state, reason})
}

// openMetrics begins to count; what is read when somebody looks is registered once the node is assembled.
func (s *Server) openMetrics() { s.metrics = metrics.New(productVersion(), s.cfg.NodeName) }

// watch registers what is read when somebody looks.
func (s *Server) watch() {
	m := s.metrics
	m.Gauge("mantle_acting", "1 while this node may act, 0 while the database does not acknowledge its heartbeats.", nil, func() float64 {
		if s.member.Acting().Err() != nil {
			return 0
		}
		return 1
	})
	m.Gauge("mantle_heartbeat_age_seconds", "How long ago the last acknowledged heartbeat was sent.", nil, func() float64 { return s.member.Silent().Seconds() })
	m.Gauge("mantle_tasks_running", "Tasks that run on this node.", nil, func() float64 { return float64(len(s.tasks.Running())) })
	m.Gauge("mantle_task_cap", "How many tasks this node runs at once.", nil, func() float64 { return float64(s.member.Settings().TaskCap) })
	for state, pick := range map[string]func(used, all, most int) int{
		"used": func(used, _, _ int) int { return used }, "open": func(_, all, _ int) int { return all }, "limit": func(_, _, most int) int { return most },
	} {
		m.Gauge("mantle_database_connections", "Connections of this node to the database: used at this moment, open, and the limit.", map[string]string{"state": state},
			func() float64 { return float64(pick(s.db.Connections())) })
	}
	m.Gauge("mantle_agents_connected", "Connections of polling agents to this node.", nil, func() float64 { return float64(len(s.agents.queue.Connections())) })
	m.Queue(s.queueNow)
}

// queueNow reads the cluster's queue for the metrics.
func (s *Server) queueNow() (q metrics.Queue, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		stats, err := task.ReadStats(tx)
		if err != nil {
			return err
		}
		all, err := cluster.Nodes(tx)
		if err != nil {
			return err
		}
		var elsewhere int
		err = tx.QueryRow(`SELECT COUNT(DISTINCT subscription) FROM agent_presence p JOIN node ON node.epoch = p.epoch
			WHERE p.epoch <> $1 AND NOT EXISTS (SELECT 1 FROM agent_presence here WHERE here.subscription = p.subscription AND here.epoch = $1)`, s.member.Epoch()).Scan(&elsewhere)
		if err != nil {
			return err
		}
		q = metrics.Queue{
			AgentsElsewhere: elsewhere,
			Tasks:           map[string]int{"queued": stats.Queued, "scheduled": stats.Scheduled, "running": stats.Running, "orphaned": stats.Orphaned, "waiting": stats.Waiting, "held": stats.Held},
			Nodes:           map[string]int{"online": 0, "offline": 0}, OldestSeconds: stats.Oldest.Seconds(),
		}
		for _, n := range all {
			q.Nodes[n.State()]++
			if n.Takes() {
				q.Room += max(n.TaskCap-n.Running, 0)
			}
		}
		return nil
	})
	return q, err
}

// serveMetrics serves /metrics on an address of its own, where one is set.
func (s *Server) serveMetrics(ctx context.Context) error {
	if s.ports.metrics == nil {
		return nil
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", s.metrics.Handler())
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	err := server.Serve(s.ports.metrics)
	if ctx.Err() != nil {
		return nil
	}
	return err
}
