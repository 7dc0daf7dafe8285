package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Store times what is asked of the store of files.
type Store struct{ took *prometheus.HistogramVec }

func newStore(r *prometheus.Registry) *Store {
	return &Store{took: histogram(r, "mantle_store_seconds", "How long the store of files took: to write a file whole, to open one, to look one up, to delete one.", "operation", "result")}
}

// Asked counts one question to the store: "put", "open", "stat" or "delete".
func (s *Store) Asked(operation string, took time.Duration, err error) {
	if s != nil {
		s.took.WithLabelValues(operation, result(err)).Observe(took.Seconds())
	}
}
