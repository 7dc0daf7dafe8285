package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Relay counts what this node asks of polling agents through the nodes that have them, and what it hands over for others.
type Relay struct {
	took   *prometheus.HistogramVec
	bytes  *prometheus.CounterVec
	agents *prometheus.CounterVec
}

func newRelay(r *prometheus.Registry) *Relay {
	m := &Relay{
		took: histogram(r, "mantle_relay_seconds",
			"How long requests to polling agents took that nodes pass on to each other, waiting for the agent included: asked by this node, or served for another.", "side", "result"),
		bytes:  counter(r, "mantle_relay_bytes_total", "Bytes of the requests that this node had other nodes pass on, and of their answers; files included.", "direction"),
		agents: counter(r, "mantle_agent_presence_changes_total", "Connections of polling agents to this node that came and went.", "change"),
	}
	for _, side := range []string{"asked", "served"} {
		for _, result := range []string{"done", "failed"} {
			m.took.WithLabelValues(side, result)
		}
	}
	for _, direction := range []string{"sent", "received"} {
		m.bytes.WithLabelValues(direction)
	}
	for _, change := range []string{"came", "went"} {
		m.agents.WithLabelValues(change)
	}
	return m
}

// Asked counts a request that another node was asked to hand over.
func (m *Relay) Asked(took time.Duration, sent, received int64, err error) {
	if m == nil {
		return
	}
	m.took.WithLabelValues("asked", result(err)).Observe(took.Seconds())
	m.bytes.WithLabelValues("sent").Add(float64(sent))
	m.bytes.WithLabelValues("received").Add(float64(received))
}

// Served counts a request of another node.
func (m *Relay) Served(took time.Duration, err error) {
	if m != nil {
		m.took.WithLabelValues("served", result(err)).Observe(took.Seconds())
	}
}

// Connected counts a connection of an agent that came.
func (m *Relay) Connected() {
	if m != nil {
		m.agents.WithLabelValues("came").Inc()
	}
}

// Disconnected counts one that went.
func (m *Relay) Disconnected() {
	if m != nil {
		m.agents.WithLabelValues("went").Inc()
	}
}
