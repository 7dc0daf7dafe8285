package halibut

import (
	"slices"
	"sync"
)

// Trust is the set of thumbprints that may talk to a Listener. It may change at
// any time; connections of a thumbprint that leaves the set are closed at once.
type Trust struct {
	mu      sync.Mutex
	trusted map[string]bool
	live    map[string]map[*tracked]struct{}
}

// tracked is one live connection of a thumbprint.
type tracked struct{ kill func() }

// NewTrust makes a set of thumbprints.
func NewTrust(thumbprints ...string) (*Trust, error) {
	t := &Trust{live: map[string]map[*tracked]struct{}{}}
	if err := t.Replace(thumbprints...); err != nil {
		return nil, err
	}
	return t, nil
}

// Add trusts one more thumbprint.
func (t *Trust) Add(thumbprint string) error {
	tp, err := NormalizeThumbprint(thumbprint)
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.trusted[tp] = true
	return nil
}

// Remove ends trust in a thumbprint and closes its connections.
func (t *Trust) Remove(thumbprint string) {
	tp, err := NormalizeThumbprint(thumbprint)
	if err != nil {
		return // what is no thumbprint was never trusted
	}
	t.mu.Lock()
	delete(t.trusted, tp)
	ended := t.untrusted()
	t.mu.Unlock()
	killAll(ended)
}

// Replace sets the whole set, and closes the connections of those left out.
func (t *Trust) Replace(thumbprints ...string) error {
	next := make(map[string]bool, len(thumbprints))
	for _, s := range thumbprints {
		tp, err := NormalizeThumbprint(s)
		if err != nil {
			return err
		}
		next[tp] = true
	}
	t.mu.Lock()
	t.trusted = next
	ended := t.untrusted()
	t.mu.Unlock()
	killAll(ended)
	return nil
}

// Contains reports whether the thumbprint, in its normal form, is trusted.
func (t *Trust) Contains(thumbprint string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.trusted[thumbprint]
}

// List returns the thumbprints in order.
func (t *Trust) List() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	list := make([]string, 0, len(t.trusted))
	for tp := range t.trusted {
		list = append(list, tp)
	}
	slices.Sort(list)
	return list
}

// track remembers a live connection until release; it returns false if the
// thumbprint is not trusted (any more), so there is no gap between the two.
func (t *Trust) track(thumbprint string, kill func()) (release func(), ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.trusted[thumbprint] {
		return nil, false
	}
	c := &tracked{kill: kill}
	if t.live[thumbprint] == nil {
		t.live[thumbprint] = map[*tracked]struct{}{}
	}
	t.live[thumbprint][c] = struct{}{}
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.live[thumbprint], c)
		if len(t.live[thumbprint]) == 0 {
			delete(t.live, thumbprint)
		}
	}, true
}

// untrusted collects the live connections of whom nobody trusts; t.mu is held.
func (t *Trust) untrusted() []*tracked {
	var ended []*tracked
	for tp, conns := range t.live {
		if t.trusted[tp] {
			continue
		}
		for c := range conns {
			ended = append(ended, c)
		}
	}
	return ended
}

func killAll(conns []*tracked) {
	for _, c := range conns {
		c.kill()
	}
}
