package cluster

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mantledeploy/mantle/internal/clock"
)

// The simulation runs real members over a ledger in memory, in a fake time: requests to it take a random while each way, answers are lost, nodes are
// cut off from it, it is away for a while, and processes stand still, as in SIGSTOP. What a member does to the world outside is an effect; the ledger
// keeps who may have which task, as the claim's statement does. After every step these must hold:
//
//	no zombie    a process that is not frozen has no effect for a task that another process has claimed
//	no double    a fenced write (one that the ledger is asked for) is accepted from the last claimer alone
//	no massacre  a node is retired only if it stood still, was cut off or lost an answer itself; never because the database was away for everybody
//	no loss      once the faults end every task gets done
type simulation struct {
	t    *testing.T
	seed uint64

	mu     sync.Mutex
	random *rand.Rand
	rows   map[string]*Node // by ID
	tasks  []simTask
	away   bool
	nodes  []*process
	// unjust are the nodes that were reaped although nothing had happened to them alone.
	unjust []string
}

type simTask struct {
	owner, fence string
	done         int
	need         int
	doubled      bool
}

type process struct {
	id     string
	member *Member
	// gate is closed while the process runs; a frozen one waits for the next.
	mu   sync.Mutex
	gate chan struct{}
	cut  bool
	// touched is until when what happened to this process alone explains that it is late.
	touched time.Time
}

// touch notes that something happens to this process alone, for so long. The caller holds mu.
func (p *process) touch(long time.Duration) { p.touched = time.Now().Add(long + 10*time.Second) }

var errAway = errors.New("the database does not answer")

func (s *simulation) delay(most time.Duration) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Duration(s.random.Int64N(int64(most)))
}

func (s *simulation) chance(of float64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.random.Float64() < of
}

// wait returns once the process runs.
func (p *process) wait() {
	for {
		p.mu.Lock()
		gate := p.gate
		p.mu.Unlock()
		select {
		case <-gate:
			return
		default:
			<-gate
		}
	}
}

// request carries f out at the ledger some time after it was sent. Either way may take long, or fail.
func (s *simulation) request(ctx context.Context, p *process, f func() error) error {
	p.wait()
	if err := clock.Wait(ctx, s.delay(30*time.Millisecond)); err != nil {
		return err
	}
	s.mu.Lock()
	p.mu.Lock()
	cut := p.cut || s.away
	p.mu.Unlock()
	var err error
	if !cut {
		err = f()
	}
	s.mu.Unlock()
	if cut {
		<-ctx.Done()
		p.wait()
		return errAway
	}
	if s.chance(.03) { // carried out, and the answer is lost
		p.mu.Lock()
		p.touch(0)
		p.mu.Unlock()
		<-ctx.Done()
		p.wait()
		return errAway
	}
	_ = clock.Wait(ctx, s.delay(30*time.Millisecond))
	p.wait()
	return err
}

// seat is the ledger as one process sees it.
type seat struct {
	s *simulation
	p *process
}

func (e seat) renew(ctx context.Context, b beat) (renewals int64, settings Settings, err error) {
	err = e.s.request(ctx, e.p, func() error {
		row := e.s.rows[b.id]
		if row == nil || row.Epoch != b.epoch {
			return ErrRetired
		}
		row.Renewals++
		renewals, settings = row.Renewals, Settings{TaskCap: 5}
		return nil
	})
	return renewals, settings, err
}

func (e seat) nodes(ctx context.Context) (all []Node, err error) {
	err = e.s.request(ctx, e.p, func() error {
		all = nil
		for _, n := range e.s.rows {
			all = append(all, *n)
		}
		return nil
	})
	return all, err
}

func (e seat) retire(ctx context.Context, n Node) (done bool, err error) {
	err = e.s.request(ctx, e.p, func() error {
		row := e.s.rows[n.ID]
		done = row.Epoch == n.Epoch && row.Renewals == n.Renewals
		if done {
			row.Epoch = ""
			for _, p := range e.s.nodes {
				p.mu.Lock()
				if p.id == n.ID && time.Now().After(p.touched) {
					e.s.unjust = append(e.s.unjust, n.ID)
				}
				p.mu.Unlock()
			}
		}
		return nil
	})
	return done, err
}

// life is one node: it joins, takes tasks, works on them, and joins anew when it was retired.
func (s *simulation) life(ctx context.Context, p *process, start int) {
	for ; ctx.Err() == nil; start++ {
		epoch := fmt.Sprintf("%s/%d", p.id, start)
		c := Config{Name: p.id, Epoch: epoch}
		c.defaults()
		m := newMember(c, seat{s, p})
		began := time.Now().Add(-time.Hour)
		m.id, m.now = p.id, func() time.Duration { return time.Since(began) }
		m.sleep = func(ctx context.Context, d time.Duration) error {
			err := clock.Wait(ctx, d)
			p.wait()
			return err
		}
		joining, cancel := context.WithTimeout(ctx, 5*time.Second)
		m.acknowledged = m.now()
		err := s.request(joining, p, func() error {
			s.rows[p.id].Epoch, s.rows[p.id].Renewals = epoch, 0
			return nil
		})
		cancel()
		if err != nil {
			_ = clock.Wait(ctx, 100*time.Millisecond)
			continue
		}
		m.beginActing()
		p.member = m
		var group sync.WaitGroup
		alive, stop := context.WithCancel(ctx)
		group.Go(func() { s.work(alive, p, m) })
		_ = m.Run(alive)
		stop()
		group.Wait()
	}
}

// work claims one task at a time, and does its steps: each has an effect outside, and is journalled under the fence.
func (s *simulation) work(ctx context.Context, p *process, m *Member) {
	for m.sleep(ctx, 50*time.Millisecond+s.delay(100*time.Millisecond)) == nil {
		if m.Acting().Err() != nil {
			continue
		}
		at, fence := -1, fmt.Sprint(s.delay(1<<62))
		bounded, cancel := context.WithTimeout(ctx, 5*time.Second)
		err := s.request(bounded, p, func() error {
			if s.rows[p.id].Epoch != m.epoch { // the claim share-locks the claimer's row
				return ErrRetired
			}
			for i := range s.tasks {
				if t := &s.tasks[i]; t.done < t.need && (t.owner == m.epoch || !s.live(t.owner)) { // free, or its own that it does not run: adopted
					t.owner, t.fence, at = m.epoch, fence, i
					return nil
				}
			}
			return nil
		})
		cancel()
		if err == nil && at >= 0 {
			s.run(ctx, p, m, at, fence)
		}
	}
}

// live tells whether an epoch is a node's. The caller holds mu.
func (s *simulation) live(epoch string) bool {
	for _, n := range s.rows {
		if n.Epoch == epoch && epoch != "" {
			return true
		}
	}
	return false
}

// run does what is left of a task, for as long as the process acts.
func (s *simulation) run(ctx context.Context, p *process, m *Member, at int, fence string) {
	acting := m.Acting()
	for acting.Err() == nil && ctx.Err() == nil {
		s.mu.Lock()
		t := &s.tasks[at]
		if t.owner != m.epoch && m.Acting().Err() == nil { // the effect: it must not come after another's claim
			t.doubled = true
		}
		s.mu.Unlock()
		if m.sleep(acting, s.delay(400*time.Millisecond)) != nil {
			return
		}
		over := false
		bounded, cancel := context.WithTimeout(acting, 5*time.Second)
		err := s.request(bounded, p, func() error { // a fenced write
			t := &s.tasks[at]
			if t.fence != fence {
				over = true
				return nil
			}
			if t.owner != m.epoch {
				t.doubled = true
			}
			t.done = min(t.done+1, t.need)
			over = t.done == t.need
			return nil
		})
		cancel()
		if err == nil && over {
			return
		}
	}
}

// trouble does things to nodes and to the database, for a while, a lease apart: two outages within a lease may look like a death.
func (s *simulation) trouble(ctx context.Context, frozenMayAct bool) {
	for clock.Wait(ctx, 7*time.Second+s.delay(8*time.Second)) == nil {
		p := s.nodes[s.delay(1<<40)%time.Duration(len(s.nodes))]
		long := s.delay(15 * time.Second)
		switch {
		case s.chance(.3):
			s.mu.Lock()
			s.away = true
			s.mu.Unlock()
			_ = clock.Wait(ctx, long*4)
			s.mu.Lock()
			s.away = false
			s.mu.Unlock()
		case frozenMayAct && s.chance(.5):
			gate := make(chan struct{})
			p.mu.Lock()
			p.gate = gate
			p.touch(long)
			p.mu.Unlock()
			_ = clock.Wait(ctx, long)
			close(gate)
		default:
			p.mu.Lock()
			p.cut = true
			p.touch(long)
			p.mu.Unlock()
			_ = clock.Wait(ctx, long)
			p.mu.Lock()
			p.cut = false
			p.mu.Unlock()
		}
	}
}

func simulate(t *testing.T, seed uint64, freeze bool) {
	synctest.Test(t, func(t *testing.T) {
		open := make(chan struct{})
		close(open)
		s := &simulation{t: t, seed: seed, random: rand.New(rand.NewPCG(seed, 1)), rows: map[string]*Node{}}
		ctx, end := context.WithCancel(context.Background())
		var group sync.WaitGroup
		for i := range 4 {
			p := &process{id: fmt.Sprintf("node-%d", i), gate: open}
			s.nodes = append(s.nodes, p)
			s.rows[p.id] = &Node{ID: p.id, Name: p.id}
		}
		for range 12 {
			s.tasks = append(s.tasks, simTask{need: 150})
		}
		for _, p := range s.nodes {
			group.Go(func() { s.life(ctx, p, 0) })
		}
		faults, calm := context.WithTimeout(ctx, 2*time.Minute)
		s.trouble(faults, freeze)
		calm()
		_ = clock.Wait(ctx, 10*time.Minute)
		end()
		group.Wait()
		for i, task := range s.tasks {
			if task.doubled {
				t.Errorf("seed %d: the task %d had an effect of a runner that had lost it", seed, i)
			}
			if task.done < task.need {
				t.Errorf("seed %d: the task %d came to step %d of %d", seed, i, task.done, task.need)
			}
		}
		for _, id := range s.unjust {
			t.Errorf("seed %d: %s was retired, and nothing had happened to it", seed, id)
		}
	})
}

func TestSimulation(t *testing.T) {
	t.Parallel()
	seeds := uint64(24)
	if more, err := strconv.ParseUint(os.Getenv("MANTLE_TEST_SEEDS"), 10, 32); err == nil { // to look for rarer interleavings
		seeds = more
	}
	for seed := range seeds {
		simulate(t, seed, seed%2 == 0)
	}
}
