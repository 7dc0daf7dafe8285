package halibut

import (
	"strconv"
	"strings"
	"sync"
	"time"
)

// maxIdle is how many idle connections to one endpoint are kept.
const maxIdle = 5

// pool keeps idle connections to listening services, and knows those in use.
type pool struct {
	age time.Duration

	mu     sync.Mutex
	idle   map[string][]*idleConn
	inUse  map[*conn]struct{}
	closed bool
}

type idleConn struct {
	c     *conn
	timer *time.Timer
}

func newPool(age time.Duration) *pool {
	return &pool{age: age, idle: map[string][]*idleConn{}, inUse: map[*conn]struct{}{}}
}

// key is what must be equal for a connection to serve another call.
func (e Endpoint) key() string {
	k := strings.ToLower(strings.TrimRight(e.URI, "/")) + "\x00" + strings.ToUpper(e.Thumbprint) + "\x00" + e.DialAddress
	if e.Proxy != nil {
		k += "\x00" + e.Proxy.Host + "\x00" + strconv.Itoa(e.Proxy.Port) + "\x00" + e.Proxy.User + "\x00" + e.Proxy.Password
	}
	return k
}

// take returns the connection used last, or nil.
func (p *pool) take(key string) *conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := p.idle[key]
	if len(list) == 0 {
		return nil
	}
	last := list[len(list)-1]
	p.set(key, list[:len(list)-1])
	last.timer.Stop()
	p.inUse[last.c] = struct{}{}
	return last.c
}

// add notes a new connection; false means that the pool is closed.
func (p *pool) add(c *conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	p.inUse[c] = struct{}{}
	return true
}

// drop forgets a connection that is of no more use, and closes it.
func (p *pool) drop(c *conn) {
	p.mu.Lock()
	delete(p.inUse, c)
	p.mu.Unlock()
	c.kill()
}

// put keeps a connection for the next call.
func (p *pool) put(key string, c *conn) {
	p.mu.Lock()
	delete(p.inUse, c)
	if p.closed || len(p.idle[key]) >= maxIdle || c.br.Buffered() > 0 {
		p.mu.Unlock()
		c.end()
		return
	}
	defer p.mu.Unlock()
	entry := &idleConn{c: c}
	entry.timer = time.AfterFunc(p.age, func() { p.expire(key, entry) })
	p.idle[key] = append(p.idle[key], entry)
}

func (p *pool) expire(key string, old *idleConn) {
	p.mu.Lock()
	list := p.idle[key]
	kept := make([]*idleConn, 0, len(list))
	for _, e := range list {
		if e != old {
			kept = append(kept, e)
		}
	}
	found := len(kept) < len(list)
	p.set(key, kept)
	p.mu.Unlock()
	if found {
		old.c.end()
	}
}

// clear ends the idle connections of an endpoint.
func (p *pool) clear(key string) {
	p.mu.Lock()
	list := p.idle[key]
	delete(p.idle, key)
	p.mu.Unlock()
	for _, e := range list {
		e.timer.Stop()
		e.c.end()
	}
}

// set replaces the idle connections of an endpoint; p.mu is held.
func (p *pool) set(key string, list []*idleConn) {
	if len(list) == 0 {
		delete(p.idle, key)
		return
	}
	p.idle[key] = list
}

// close ends everything.
func (p *pool) close() {
	p.mu.Lock()
	p.closed = true
	var keys []string
	for key := range p.idle {
		keys = append(keys, key)
	}
	for c := range p.inUse {
		c.kill()
	}
	p.mu.Unlock()
	for _, key := range keys {
		p.clear(key)
	}
}
