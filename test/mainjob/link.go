package mainjob

import (
	"net"
	"strconv"
	"sync"
	"testing"
)

// Link is a way through the network that a test can cut: a port of this machine that leads to an address.
type Link struct {
	Port     int
	host     string
	listener net.Listener
	owner    func(net.Conn) int

	mu sync.Mutex
	to string
	// silent: nothing passes, and nobody is told; as when a cable is pulled.
	silent bool
	// refused: connections are reset; as when the program at the other end is gone.
	refused bool
	// barred names the processes whose connections are silent.
	barred map[int]bool
	open   map[net.Conn]bool
	// age counts the calls of Strand; connections that began in an earlier age are silent for ever.
	age    int
	change *sync.Cond
	closed bool
}

// Link makes a way to an address.
func (h *House) Link(to string) *Link {
	h.t.Helper()
	return h.LinkAt("127.0.0.1", to)
}

// LinkAt is Link with another address of this machine.
func (h *House) LinkAt(host, to string) *Link {
	h.t.Helper()
	return newLink(h.t, host, to, func(net.Conn) int { return 0 })
}

// LinkByProcess makes a way to an address that can be cut for single processes, with Bar.
func (h *House) LinkByProcess(to string) *Link {
	h.t.Helper()
	return newLink(h.t, "127.0.0.1", to, ownerOf)
}

func newLink(t testing.TB, host, to string, owner func(net.Conn) int) *Link {
	t.Helper()
	l := &Link{Port: freePort(t), host: host, to: to, barred: map[int]bool{}, open: map[net.Conn]bool{}, owner: owner}
	l.change = sync.NewCond(&l.mu)
	var err error
	if l.listener, err = net.Listen("tcp", l.Address()); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	group.Go(func() {
		for {
			c, err := l.listener.Accept()
			if err != nil {
				return
			}
			group.Go(func() { l.carry(c, &group) })
		}
	})
	t.Cleanup(func() {
		l.close()
		group.Wait()
	})
	return l
}

// Address is where the link begins.
func (l *Link) Address() string { return net.JoinHostPort(l.host, strconv.Itoa(l.Port)) }

// Cut lets nothing through any more; connections stay open.
func (l *Link) Cut() { l.set(func() { l.silent = true }) }

// Refuse resets every connection, now and later.
func (l *Link) Refuse() { l.set(func() { l.refused = true; l.reset() }) }

// Bar cuts the connections of one process of this machine.
func (l *Link) Bar(pid int) { l.set(func() { l.barred[pid] = true }) }

// Strand lets nothing through any more on the connections of this moment, and never will; later ones are not concerned. So it is where a router
// between two programs was replaced.
func (l *Link) Strand() { l.set(func() { l.age++ }) }

// Heal lets everything through again. What a cut has held back is delivered, as the network would.
func (l *Link) Heal() {
	l.set(func() { l.silent, l.refused, l.barred = false, false, map[int]bool{} })
}

// To leads new connections to another address.
func (l *Link) To(address string) { l.set(func() { l.to = address; l.reset() }) }

func (l *Link) set(f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f()
	l.change.Broadcast()
}

func (l *Link) close() {
	l.listener.Close()
	l.set(func() { l.closed = true; l.reset() })
}

func (l *Link) reset() {
	for c := range l.open {
		if t, ok := c.(*net.TCPConn); ok {
			_ = t.SetLinger(0)
		}
		c.Close()
	}
	clear(l.open)
}

func (l *Link) carry(in net.Conn, group *sync.WaitGroup) {
	owner := l.owner(in)
	l.mu.Lock()
	age := l.age
	l.mu.Unlock()
	if !l.pass(owner, age) || hasGone(in) || !l.keep(in) {
		in.Close()
		return
	}
	l.mu.Lock()
	to := l.to
	l.mu.Unlock()
	out, err := net.Dial("tcp", to)
	if err != nil || !l.keep(out) {
		l.drop(in)
		if err == nil {
			out.Close()
		}
		return
	}
	group.Go(func() { l.copy(in, out, owner, age) })
	l.copy(out, in, owner, age)
}

func (l *Link) keep(c net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.refused || l.closed {
		return false
	}
	l.open[c] = true
	return true
}

func (l *Link) drop(c net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.open, c)
	c.Close()
}

// copy carries bytes one way until either end closes, and then closes both.
func (l *Link) copy(from, to net.Conn, owner, age int) {
	defer l.drop(to)
	defer l.drop(from)
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if !l.pass(owner, age) { // not even the end of a connection is seen through a cut
			return
		}
		if n > 0 {
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// pass waits while the link is cut for the process or the age, and tells whether the link is still there.
func (l *Link) pass(owner, age int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for (l.silent || l.barred[owner] || age < l.age) && !l.closed && !l.refused {
		l.change.Wait()
	}
	return !l.closed && !l.refused
}
