// Package metrics counts what an operator watches, and shows it in the format of Prometheus. Each part of the server gets the group that it
// feeds; the methods of a group work on nil, too, and do nothing then. Names are mantle_noun_unit; labels have few values, and none names a
// project or a person. It keeps no history and decides nothing.
//
// Every package of internal/ may import it, but for those of the agent.
package metrics

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Set is the metrics of one process.
type Set struct {
	registry *prometheus.Registry
	Cluster  *Cluster
	Tasks    *Tasks
	Database *Database
	Store    *Store
	HTTP     *HTTP
	Relay    *Relay
}

// New returns metrics that start at zero.
func New(version, node string) *Set {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	build := prometheus.NewGauge(prometheus.GaugeOpts{Name: "mantle_build_info", Help: "Always 1; the labels tell the version and the node.",
		ConstLabels: prometheus.Labels{"version": version, "node": node}})
	build.Set(1)
	r.MustRegister(build)
	return &Set{registry: r, Cluster: newCluster(r), Tasks: newTasks(r), Database: newDatabase(r), Store: newStore(r), HTTP: newHTTP(r), Relay: newRelay(r)}
}

// Handler shows the metrics.
func (s *Set) Handler() http.Handler {
	return promhttp.HandlerFor(s.registry, promhttp.HandlerOpts{Timeout: 10 * time.Second, MaxRequestsInFlight: 4})
}

// Gauge shows what f returns, whenever somebody looks.
func (s *Set) Gauge(name, help string, labels map[string]string, f func() float64) {
	s.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help, ConstLabels: labels}, f))
}

// seconds are the bounds of histograms of times, from a millisecond to ten minutes.
func seconds() []float64 {
	return []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 600}
}

func counter(r *prometheus.Registry, name, help string, labels ...string) *prometheus.CounterVec {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	r.MustRegister(c)
	return c
}

func histogram(r *prometheus.Registry, name, help string, labels ...string) *prometheus.HistogramVec {
	h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: seconds()}, labels)
	r.MustRegister(h)
	return h
}

func result(err error) string {
	if err != nil {
		return "failed"
	}
	return "done"
}
