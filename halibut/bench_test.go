package halibut_test

import (
	"os"
	"runtime"
	"testing"

	"github.com/mantledeploy/mantle/halibut"
)

func benchmarkCalls(b *testing.B, w *world) {
	b.Helper()
	for b.Loop() {
		if _, err := halibut.Call[string](b.Context(), w.client, w.endpoint, "IGoldenService", "Echo", "hello"); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
}

// BenchmarkCallsListening is one caller on one pooled connection.
func BenchmarkCallsListening(b *testing.B) { benchmarkCalls(b, listening(b, options{})) }

// BenchmarkCallsPolling is one caller and one polling connection.
func BenchmarkCallsPolling(b *testing.B) { benchmarkCalls(b, polling(b, options{})) }

// BenchmarkStream is a stream of 64 MB from the client to a temporary file of the
// service.
func BenchmarkStream(b *testing.B) {
	w := listening(b, options{limits: halibut.Limits{TempDir: b.TempDir()}})
	content := make([]byte, 64<<20)
	b.SetBytes(int64(len(content)))
	for b.Loop() {
		s := halibut.StreamBytes(content)
		if got, err := halibut.Call[int64](b.Context(), w.client, w.endpoint, "IGoldenService", "Length", s); err != nil || got != int64(len(content)) {
			b.Fatal(got, err)
		}
	}
}

// BenchmarkPollingAgents is the memory of a server with 1,000 polling agents,
// each of which has answered a call; the agents are another process.
func BenchmarkPollingAgents(b *testing.B) {
	if os.Getenv(agentsEnv) != "" {
		b.Skip("this is the process of the agents")
	}
	const agents = 1000
	for b.Loop() {
		w := manyAgents(b, agents)
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		b.ReportMetric(float64(m.Sys-m.HeapReleased)/(1<<20), "MB")
		b.ReportMetric(float64(m.HeapAlloc+m.StackInuse)/agents/1024, "kB/agent")
		b.ReportMetric(rss()/(1<<20), "RSS-MB")
		w.stop()
	}
}
