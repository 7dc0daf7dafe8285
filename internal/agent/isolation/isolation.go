// Package isolation decides which scripts may run at the same time on one machine: a lock of readers and writers for
// each mutex name. It knows scripts only as tasks that hold or want a lock, and keeps nothing on disk: after a restart
// of the agent the running scripts are adopted. Only internal/agent and its sub-packages import it.
package isolation

import (
	"slices"
	"strings"
	"sync"
)

// Level says what a script wants of its mutex.
type Level int

// The levels. None is shared with other None holders, Full with nobody.
const (
	None Level = 0
	Full Level = 1
)

// Registry holds the mutexes of one machine.
type Registry struct {
	mu      sync.Mutex
	mutexes map[string]*mutex
}

// mutex is one lock: who holds it, and who waits, in the order of coming. Nobody overtakes, so a writer does not
// starve.
type mutex struct {
	holders []*Claim
	waiting []*Claim
}

// Claim is one script's wish for a mutex.
type Claim struct {
	registry *Registry
	name     string
	task     string
	level    Level
	granted  chan struct{}
}

// NewRegistry returns a registry without holders.
func NewRegistry() *Registry { return &Registry{mutexes: map[string]*mutex{}} }

// Claim queues for the named mutex; names are equal without regard to case. The claim is granted at once when nothing
// stands against it. It must be released in any case.
func (r *Registry) Claim(name, task string, level Level) *Claim {
	r.mu.Lock()
	defer r.mu.Unlock()
	c, m := r.enter(name, task, level)
	m.waiting = append(m.waiting, c)
	m.grant()
	return c
}

// Adopt makes the script a holder whatever others hold: it already runs.
func (r *Registry) Adopt(name, task string, level Level) *Claim {
	r.mu.Lock()
	defer r.mu.Unlock()
	c, m := r.enter(name, task, level)
	m.holders = append(m.holders, c)
	close(c.granted)
	return c
}

func (r *Registry) enter(name, task string, level Level) (*Claim, *mutex) {
	key := strings.ToLower(name)
	m := r.mutexes[key]
	if m == nil {
		m = &mutex{}
		r.mutexes[key] = m
	}
	return &Claim{registry: r, name: name, task: task, level: level, granted: make(chan struct{})}, m
}

// Granted is closed when the claim holds its mutex.
func (c *Claim) Granted() <-chan struct{} { return c.granted }

// Release gives the mutex up, or the place in the queue.
func (c *Claim) Release() {
	r := c.registry
	r.mu.Lock()
	defer r.mu.Unlock()
	key := strings.ToLower(c.name)
	m := r.mutexes[key]
	if m == nil {
		return
	}
	m.holders = without(m.holders, c)
	m.waiting = without(m.waiting, c)
	m.grant()
	if len(m.holders) == 0 && len(m.waiting) == 0 {
		delete(r.mutexes, key)
	}
}

// blockers returns the holders. They must end before the claim is granted even where it could share the mutex with
// them: then a writer stands before it in the queue.
func (c *Claim) blockers() []*Claim {
	c.registry.mu.Lock()
	defer c.registry.mu.Unlock()
	m := c.registry.mutexes[strings.ToLower(c.name)]
	if m == nil {
		return nil
	}
	return without(m.holders, c)
}

func (m *mutex) grant() {
	for len(m.waiting) > 0 {
		next := m.waiting[0]
		if len(m.holders) > 0 && (next.level == Full || m.heldFully()) {
			return
		}
		m.waiting = m.waiting[1:]
		m.holders = append(m.holders, next)
		close(next.granted)
	}
}

func (m *mutex) heldFully() bool {
	return slices.ContainsFunc(m.holders, func(h *Claim) bool { return h.level == Full })
}

func without(claims []*Claim, c *Claim) []*Claim {
	return slices.DeleteFunc(slices.Clone(claims), func(o *Claim) bool { return o == c })
}
