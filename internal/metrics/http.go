package metrics

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// HTTP counts requests.
type HTTP struct {
	requests *prometheus.CounterVec
	took     *prometheus.HistogramVec
}

func newHTTP(r *prometheus.Registry) *HTTP {
	return &HTTP{
		requests: counter(r, "mantle_http_requests_total", "Requests that were answered, by method and status.", "method", "code"),
		took:     histogram(r, "mantle_http_request_seconds", "How long requests took to be answered whole.", "method"),
	}
}

// Answered counts one request.
func (h *HTTP) Answered(method string, code int, took time.Duration) {
	if h == nil {
		return
	}
	switch method {
	case "GET", "HEAD", "POST", "PUT", "DELETE":
	default:
		method = "other"
	}
	h.requests.WithLabelValues(method, strconv.Itoa(code)).Inc()
	h.took.WithLabelValues(method).Observe(took.Seconds())
}
