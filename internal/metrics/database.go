package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Database times transactions.
type Database struct{ took *prometheus.HistogramVec }

func newDatabase(r *prometheus.Registry) *Database {
	return &Database{took: histogram(r, "mantle_database_seconds", "How long transactions took, repetitions included.", "kind", "result")}
}

// Transaction counts one transaction; kind is "read" or "write".
func (d *Database) Transaction(kind string, took time.Duration, err error) {
	if d != nil {
		d.took.WithLabelValues(kind, result(err)).Observe(took.Seconds())
	}
}
