package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Tasks counts what this node's runner does.
type Tasks struct {
	claims, ended, let, fenced, failed *prometheus.CounterVec
	wait                               *prometheus.HistogramVec
}

func newTasks(r *prometheus.Registry) *Tasks {
	t := &Tasks{
		claims: counter(r, "mantle_task_claims_total", "Tasks that this node claimed: new ones, those taken up from a node that is gone, and its own that it had lost sight of.", "kind"),
		ended:  counter(r, "mantle_tasks_ended_total", "Tasks that ended here, by their final state.", "state"),
		let:    counter(r, "mantle_tasks_let_go_total", "Tasks that this node gave back before their end: handed over, waiting, or lost to another runner.", "reason"),
		fenced: counter(r, "mantle_fenced_writes_total", "Writes of this node that were refused because another runner has the task."),
		failed: counter(r, "mantle_queue_looks_failed_total", "Looks at the queue that failed."),
		wait:   histogram(r, "mantle_task_queue_seconds", "How long tasks that this node started were due before."),
	}
	for _, kind := range []string{"new", "taken up", "adopted"} {
		t.claims.WithLabelValues(kind)
	}
	t.fenced.WithLabelValues()
	t.failed.WithLabelValues()
	return t
}

// Claimed counts a claim; waited is how long a new task was due.
func (t *Tasks) Claimed(kind string, waited time.Duration) {
	if t == nil {
		return
	}
	t.claims.WithLabelValues(kind).Inc()
	if kind == "new" {
		t.wait.WithLabelValues().Observe(max(waited, 0).Seconds())
	}
}

// Ended counts a task that came to its end.
func (t *Tasks) Ended(state string) {
	if t != nil {
		t.ended.WithLabelValues(state).Inc()
	}
}

// LetGo counts a task that was given back.
func (t *Tasks) LetGo(reason string) {
	if t != nil {
		t.let.WithLabelValues(reason).Inc()
	}
}

// Fenced counts a write that a fence refused.
func (t *Tasks) Fenced() {
	if t != nil {
		t.fenced.WithLabelValues().Inc()
	}
}

// LookFailed counts a look at the queue that failed.
func (t *Tasks) LookFailed() {
	if t != nil {
		t.failed.WithLabelValues().Inc()
	}
}
