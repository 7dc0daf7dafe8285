package halibut_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/halibut"
)

// ledger counts how often each request ran.
type ledger struct {
	mu   sync.Mutex
	runs map[string]int
}

func (l *ledger) services(t *testing.T) *halibut.Services {
	t.Helper()
	s, err := halibut.NewServices(halibut.ServicesConfig{Registry: registry(t), Services: []halibut.Service{{Name: "ILedger", Methods: map[string]any{
		"Write": func(_ context.Context, id string, content *halibut.DataStream) (string, error) {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.runs[id]++
			return id, nil
		},
	}}}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestNothingRunsTwice cuts connections at random under many callers. Whatever
// happens, no request runs twice, what succeeded ran once, and what is said not to
// have run did not.
func TestNothingRunsTwice(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"listening", "polling"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			l := &ledger{runs: map[string]int{}}
			o := options{connections: 3, timeouts: halibut.Timeouts{RetryListeningSleepInterval: time.Millisecond}, backoff: halibut.Backoff{Min: time.Millisecond, Max: time.Millisecond}}
			w := &world{}
			var p *tap
			if mode == "listening" {
				address, _ := serve(t, halibut.ListenerConfig{Certificate: agentCert(), Trust: trustOf(t, serverCert()), Services: l.services(t)})
				p = newTap(t, address)
				w.client = newClient(t, o, nil)
				w.endpoint = halibut.Endpoint{URI: "https://" + p.address(), Thumbprint: halibut.Thumbprint(agentCert())}
			} else {
				q := halibut.NewQueue(halibut.QueueConfig{})
				address, _ := serve(t, halibut.ListenerConfig{Certificate: serverCert(), Trust: trustOf(t, agentCert()), Queue: q})
				p = newTap(t, address)
				w.client = newClient(t, o, q)
				w.endpoint = halibut.Endpoint{URI: subscriptionURI}
				poll(t, o, p.address(), l.services(t))
			}
			outcomes := chaos(t, w, p)
			l.check(t, outcomes)
		})
	}
}

// chaos lets callers call while connections are cut, and returns what they got.
func chaos(t *testing.T, w *world, p *tap) map[string]error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	outcomes := map[string]error{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	var worked atomic.Int64
	for caller := range 5 {
		wg.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				id := fmt.Sprintf("%d-%d", caller, n)
				one, done := context.WithTimeout(t.Context(), time.Duration(1+rand.IntN(1000))*time.Millisecond)
				var got string
				err := w.client.Call(one, w.endpoint, "ILedger", "Write", &got, id, halibut.StreamBytes(make([]byte, rand.IntN(100_000))))
				done()
				if err == nil && got != id {
					err = fmt.Errorf("%s got the answer to %s", id, got)
					t.Error(err)
				}
				if err == nil {
					worked.Add(1)
				}
				mu.Lock()
				outcomes[id] = err
				mu.Unlock()
			}
		})
	}
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for ctx.Err() == nil { // cuts come a while after calls work, so that some do
		enough := worked.Load() + 1 + rand.Int64N(5)
		for ctx.Err() == nil && worked.Load() < enough {
			<-tick.C
		}
		for range rand.IntN(10) {
			<-tick.C
		}
		p.cut()
	}
	wg.Wait()
	return outcomes
}

func (l *ledger) check(t *testing.T, outcomes map[string]error) {
	t.Helper()
	counts := map[string]int{}
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, err := range outcomes {
		runs := l.runs[id]
		switch {
		case err == nil:
			if counts["worked"]++; runs != 1 {
				t.Errorf("%s worked, and ran %d times", id, runs)
			}
		case errors.Is(err, halibut.ErrNotRun):
			if counts["not run"]++; runs != 0 {
				t.Errorf("%s is said not to have run, and ran %d times: %v", id, runs, err)
			}
		case errors.Is(err, halibut.ErrMayHaveRun):
			if counts["may have run"]++; runs > 1 {
				t.Errorf("%s ran %d times: %v", id, runs, err)
			}
		default:
			t.Errorf("%s: %v", id, err)
		}
	}
	t.Log(counts)
	if counts["worked"] == 0 || counts["worked"] == len(outcomes) {
		t.Errorf("the test saw only %v", counts)
	}
}
