package relay_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/mantledeploy/mantle/halibut"
	"github.com/mantledeploy/mantle/halibut/halibuttest"
	"github.com/mantledeploy/mantle/internal/cluster/relay"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestRouter is halibut's own suite, over two nodes.
func TestRouter(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	halibuttest.RunRouter(t, func(t *testing.T, queue *halibut.Queue) halibut.Router {
		server := relay.NewServer(relay.ServerConfig{Queue: queue, Identity: identity(t, a, "far"), Epoch: "e"})
		ln := listen(t)
		background(t, func(ctx context.Context) error { return server.Serve(ctx, ln) })
		r := relay.NewRouter(relay.Config{
			Queue: halibut.NewQueue(halibut.QueueConfig{}), Identity: identity(t, a, "near"), Poll: 20 * time.Millisecond, Limits: halibut.Limits{TempDir: t.TempDir()},
			Places: func(context.Context, string) ([]relay.Place, error) {
				return []relay.Place{{NodeID: "far", Name: "far", Epoch: "e", Address: ln.Addr().String()}}, nil
			},
		})
		t.Cleanup(func() { must(t, r.Close()) })
		return r
	})
}

// TestCallsFromEveryNode: the agent is at one of three.
func TestCallsFromEveryNode(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	nodes := []*node{h.node(t, "a"), h.node(t, "b"), h.node(t, "c")}
	h.poll(t, nodes[0])
	var wg sync.WaitGroup
	for i := range 60 {
		wg.Go(func() {
			var got string
			if err := nodes[i%3].call(t.Context(), "Echo", &got, "hello"); err != nil || got != "hello" {
				t.Errorf("from %s: %q, %v", nodes[i%3].Name, got, err)
			}
		})
	}
	wg.Wait()
}

// TestBigStreams go through both ways without being in memory whole.
func TestBigStreams(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, b := h.node(t, "a"), h.node(t, "b")
	h.poll(t, a)
	const length = 40 << 20
	in := halibut.StreamFunc(length, func() (io.ReadCloser, error) { return io.NopCloser(io.LimitReader(zeros{}, length)), nil })
	var out *halibut.DataStream
	must(t, b.call(t.Context(), "Mirror", &out, in))
	n, err := out.WriteTo(io.Discard)
	if n != length || err != nil {
		t.Errorf("%d bytes, %v", n, err)
	}
	must(t, out.Close())
	for _, tt := range []struct {
		of   *node
		line string
	}{
		{b, `mantle_relay_seconds_count{result="done",side="asked"} 1`}, {b, `mantle_relay_seconds_count{result="done",side="served"} 0`},
		{b, `mantle_relay_bytes_total{direction="sent"} 4.19`}, {b, `mantle_relay_bytes_total{direction="received"} 4.19`}, // 40 MB, and a little around it
		{a, `mantle_relay_seconds_count{result="done",side="served"} 1`}, {a, `mantle_relay_bytes_total{direction="sent"} 0`},
	} {
		eventually(t, tt.of.Name+" counts "+tt.line, func() bool {
			w := httptest.NewRecorder()
			tt.of.counts.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
			return strings.Contains(w.Body.String(), tt.line)
		})
	}
}

// TestWaitsForTheAgent: a request finds the agent wherever it connects.
func TestWaitsForTheAgent(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, b := h.node(t, "a"), h.node(t, "b")
	for _, at := range []*node{a, b} {
		done := make(chan error, 1)
		go func() { done <- b.call(t.Context(), "Echo", nil, "x") }()
		eventually(t, "the request waits", func() bool { return b.queue.Pending(subscription) == 1 })
		stop := h.poll(t, at)
		must(t, <-done)
		stop()
		eventually(t, "the agent is gone", func() bool { return !at.queue.Connected(subscription) && len(h.others(&node{})) == 0 })
	}
}

// TestNeverWritten: the agent leaves the node where a request waits for it, and is asked where it goes.
func TestNeverWritten(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, b, c := h.node(t, "a"), h.node(t, "b"), h.node(t, "c")
	h.poll(t, a)
	busy, done := make(chan error, 1), make(chan error, 1)
	go func() { busy <- c.call(t.Context(), "Block", nil) }()
	<-h.started
	go func() { done <- c.call(t.Context(), "Echo", nil, "x") }()
	eventually(t, "the second request waits at a", func() bool { return a.queue.Pending(subscription) == 1 })
	h.poll(t, b)
	a.stopAgents()
	if err := <-busy; !errors.Is(err, halibut.ErrMayHaveRun) {
		t.Errorf("what ran when the agent was cut off: %v", err)
	}
	must(t, <-done)
}

// TestFarNodeDies: before the request is handed over it goes on elsewhere, afterwards it may have run.
func TestFarNodeDies(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, b := h.node(t, "a"), h.node(t, "b")
	stop := h.poll(t, a)
	running, queued := make(chan error, 1), make(chan error, 1)
	go func() { running <- b.call(t.Context(), "Block", nil) }()
	<-h.started
	go func() { queued <- b.call(t.Context(), "Echo", nil, "x") }()
	eventually(t, "the second request waits at a", func() bool { return a.queue.Pending(subscription) == 1 })
	a.stopNodes() // takes 2 s to give up on what runs
	if err := <-running; !errors.Is(err, halibut.ErrMayHaveRun) || errors.Is(err, halibut.ErrNotRun) {
		t.Errorf("what ran: %v", err)
	}
	stop()
	h.poll(t, b)
	must(t, <-queued)
}

// TestUnreachableNode: presence names a node that nobody reaches; the agent is asked at the next one, or a reason is given.
func TestUnreachableNode(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, b := h.node(t, "a"), h.node(t, "b")
	ln := listen(t)
	must(t, ln.Close())
	gone := &node{Place: relay.Place{NodeID: "gone", Name: "gone", Epoch: "gone", Address: ln.Addr().String()}}
	restarted := &node{Place: relay.Place{NodeID: "a", Name: "a", Epoch: "before", Address: a.Address}}
	other := &node{Place: relay.Place{NodeID: "other", Name: "other", Epoch: "other", Address: a.Address}}
	for _, n := range []*node{gone, restarted, other} {
		h.here(n, true)
	}
	ctx := halibut.WithHandover(t.Context(), time.Now().Add(500*time.Millisecond))
	err := b.call(ctx, "Echo", nil, "x")
	if !errors.Is(err, halibut.ErrQueueTimeout) || !errors.Is(err, halibut.ErrNotRun) || !bytes.Contains([]byte(err.Error()), []byte("node ")) {
		t.Error(err)
	}
	h.poll(t, a)
	must(t, b.call(t.Context(), "Echo", nil, "x"))
}

// TestAskerGoes: what waits is dropped, and the agent's connection does not stay with an asker who has left.
func TestAskerGoes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, b := h.node(t, "a"), h.node(t, "b")
	h.poll(t, a)
	ctx, cancel := context.WithCancel(t.Context())
	running, queued := make(chan error, 1), make(chan error, 1)
	go func() { running <- b.call(ctx, "Block", nil) }()
	<-h.started
	go func() { queued <- b.call(ctx, "Block", nil) }()
	eventually(t, "the second request waits at a", func() bool { return a.queue.Pending(subscription) == 1 })
	cancel()
	if err := <-queued; !errors.Is(err, halibut.ErrNotRun) {
		t.Errorf("what waited: %v", err)
	}
	if err := <-running; !errors.Is(err, halibut.ErrMayHaveRun) {
		t.Errorf("what ran: %v", err)
	}
	close(h.release) // the agent itself goes on with it
	must(t, a.call(t.Context(), "Echo", nil, "x"))
	if len(h.started) != 0 {
		t.Error("a request ran that was dropped")
	}
}

// TestFenceIsAskedAtHandover: by the asker, when the agent is free, and its error reaches the caller.
func TestFenceIsAskedAtHandover(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, b := h.node(t, "a"), h.node(t, "b")
	h.poll(t, a)
	busy, done := make(chan error, 1), make(chan error, 1)
	go func() { busy <- b.call(t.Context(), "Block", nil) }()
	<-h.started
	lost := errors.New("another node has the task")
	var checks atomic.Int32
	ctx := halibut.WithFence(t.Context(), func(context.Context) error { checks.Add(1); return lost })
	go func() { done <- b.call(ctx, "Block", nil) }()
	eventually(t, "the request waits at a", func() bool { return a.queue.Pending(subscription) == 1 })
	if n := checks.Load(); n != 0 {
		t.Errorf("the fence was asked %d times while the agent was busy", n)
	}
	close(h.release)
	must(t, <-busy)
	if err := <-done; !errors.Is(err, lost) || !errors.Is(err, halibut.ErrNotRun) || checks.Load() != 1 {
		t.Errorf("%v after %d checks", err, checks.Load())
	}
	must(t, b.call(t.Context(), "Echo", nil, "x"))
	if len(h.started) != 0 {
		t.Error("it ran")
	}
}

// TestLateYes: a fence that answers after the far node has given up moves nothing.
func TestLateYes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, b := h.node(t, "a"), h.node(t, "b")
	h.poll(t, a)
	hold := make(chan struct{})
	asked := make(chan struct{}, 10)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	done := make(chan error, 1)
	go func() {
		done <- b.call(halibut.WithFence(ctx, func(context.Context) error { asked <- struct{}{}; <-hold; return nil }), "Block", nil)
	}()
	<-asked
	// While it is held, the far node lets go of the agent, and others reach it.
	must(t, a.call(t.Context(), "Echo", nil, "x"))
	close(hold)
	if err := <-done; !errors.Is(err, halibut.ErrNotRun) && !errors.Is(err, halibut.ErrMayHaveRun) {
		t.Errorf("late: %v", err)
	}
	if len(h.started) != 0 {
		t.Error("it ran")
	}
}

// TestBrokenStream: the asker cannot read what it wanted to send on.
func TestBrokenStream(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, b := h.node(t, "a"), h.node(t, "b")
	h.poll(t, a)
	broken := errors.New("the disk is gone")
	in := halibut.StreamFunc(1<<20, func() (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(io.LimitReader(zeros{}, 300<<10), failing{broken})), nil
	})
	if err := b.call(t.Context(), "Mirror", nil, in); !errors.Is(err, broken) || !errors.Is(err, halibut.ErrMayHaveRun) {
		t.Error(err)
	}
	must(t, b.call(t.Context(), "Echo", nil, "x"))
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// TestOfflineNode: a node that lost the database, and with it its place in the cluster, keeps its agent, who can still be asked.
func TestOfflineNode(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.node(t, "a")
	h.poll(t, a)
	dead := listen(t)
	must(t, dead.Close())
	offline := []relay.Place{{NodeID: "dead", Name: "dead", Address: dead.Addr().String()}, {NodeID: "a", Name: "a", Address: a.Address}}
	r := relay.NewRouter(relay.Config{
		Queue: halibut.NewQueue(halibut.QueueConfig{}), Identity: identity(t, h.authority, "b"), Poll: 10 * time.Millisecond, Patience: 100 * time.Millisecond,
		Places:  func(context.Context, string) ([]relay.Place, error) { return nil, nil },
		Offline: func(context.Context) ([]relay.Place, error) { return offline, nil },
	})
	t.Cleanup(func() { must(t, r.Close()) })
	client, err := halibut.NewClient(halibut.ClientConfig{Certificate: h.server, Registry: h.registry, Router: r})
	must(t, err)
	t.Cleanup(func() { must(t, client.Close()) })
	ask := func(subscription string, within time.Duration) error {
		ctx := halibut.WithHandover(t.Context(), time.Now().Add(within))
		return client.Call(ctx, halibut.Endpoint{URI: subscription}, "ITest", "Echo", nil, "x")
	}
	must(t, ask(subscription, 20*time.Second))
	if err := ask("poll://nobody/", 300*time.Millisecond); !errors.Is(err, halibut.ErrQueueTimeout) {
		t.Errorf("an agent that is nowhere: %v", err)
	}
}
