package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Cluster counts what this node does as a member.
type Cluster struct {
	beats   *prometheus.CounterVec
	took    *prometheus.HistogramVec
	events  *prometheus.CounterVec
	reads   *prometheus.CounterVec
	lapses  *prometheus.CounterVec
	resumed *prometheus.CounterVec
}

func newCluster(r *prometheus.Registry) *Cluster {
	c := &Cluster{
		beats:   counter(r, "mantle_heartbeats_total", "Heartbeats that this node sent, by what became of them.", "result"),
		took:    histogram(r, "mantle_heartbeat_seconds", "How long the database took to acknowledge a heartbeat."),
		events:  counter(r, "mantle_nodes_reaped_total", "Nodes that this one declared dead."),
		reads:   counter(r, "mantle_node_reads_failed_total", "Times that this node could not read the others' heartbeats."),
		lapses:  counter(r, "mantle_lease_lapses_total", "Times that this node stopped acting because its heartbeats were not acknowledged."),
		resumed: counter(r, "mantle_database_rewinds_total", "Times that this node found that the database had lost acknowledged writes."),
	}
	for _, v := range []*prometheus.CounterVec{c.events, c.reads, c.lapses, c.resumed} {
		v.WithLabelValues()
	}
	return c
}

// Beat counts a heartbeat.
func (c *Cluster) Beat(took time.Duration, err error) {
	if c == nil {
		return
	}
	c.beats.WithLabelValues(result(err)).Inc()
	if err == nil {
		c.took.WithLabelValues().Observe(took.Seconds())
	}
}

// Reaped counts a node that this one declared dead.
func (c *Cluster) Reaped() {
	if c != nil {
		c.events.WithLabelValues().Inc()
	}
}

// ReadFailed counts a look at the others that failed.
func (c *Cluster) ReadFailed() {
	if c != nil {
		c.reads.WithLabelValues().Inc()
	}
}

// Lapsed counts an end of acting.
func (c *Cluster) Lapsed() {
	if c != nil {
		c.lapses.WithLabelValues().Inc()
	}
}

// Rewound counts a database that went back.
func (c *Cluster) Rewound() {
	if c != nil {
		c.resumed.WithLabelValues().Inc()
	}
}
