package metrics

import "github.com/prometheus/client_golang/prometheus"

// Queue is the cluster's queue at one moment.
type Queue struct {
	// Tasks are the tasks that have not ended, by state: queued, scheduled, running, waiting, orphaned, held.
	Tasks map[string]int
	// OldestSeconds is how long the oldest due task waits for a node.
	OldestSeconds float64
	// Nodes are the nodes by state: online, draining, stopping, in trouble, offline.
	Nodes map[string]int
	// Room is how many more tasks the nodes would start together.
	Room int
	// AgentsElsewhere are the polling agents that are connected to other nodes, and not to this one.
	AgentsElsewhere int
}

// queueCollector asks for the queue when somebody looks.
type queueCollector struct {
	ask                                   func() (Queue, error)
	tasks, oldest, nodes, room, elsewhere *prometheus.Desc
}

// Queue shows the cluster's queue, read whenever somebody looks. Where it cannot be read, its metrics are left out.
func (s *Set) Queue(ask func() (Queue, error)) {
	s.registry.MustRegister(&queueCollector{
		ask:       ask,
		tasks:     prometheus.NewDesc("mantle_queue_tasks", "Tasks of the whole cluster that have not ended.", []string{"state"}, nil),
		oldest:    prometheus.NewDesc("mantle_queue_oldest_seconds", "How long the oldest due task waits for a node.", nil, nil),
		nodes:     prometheus.NewDesc("mantle_nodes", "Nodes of the cluster by state.", []string{"state"}, nil),
		room:      prometheus.NewDesc("mantle_queue_room", "How many more tasks the nodes would start together.", nil, nil),
		elsewhere: prometheus.NewDesc("mantle_agents_elsewhere", "Polling agents that are connected to other nodes, and not to this one.", nil, nil),
	})
}

// Describe implements prometheus.Collector.
func (q *queueCollector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{q.tasks, q.oldest, q.nodes, q.room, q.elsewhere} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (q *queueCollector) Collect(to chan<- prometheus.Metric) {
	found, err := q.ask()
	if err != nil {
		return
	}
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	for state, n := range found.Tasks {
		gauge(q.tasks, float64(n), state)
	}
	for state, n := range found.Nodes {
		gauge(q.nodes, float64(n), state)
	}
	gauge(q.oldest, found.OldestSeconds)
	gauge(q.room, float64(found.Room))
	gauge(q.elsewhere, float64(found.AgentsElsewhere))
}
