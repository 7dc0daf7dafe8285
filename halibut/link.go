package halibut

import (
	"net"
	"sync/atomic"
	"time"
)

// link is the TCP connection under TLS. It renews deadlines while bytes move, so
// that a slow peer may take its time and a stuck one may not, and it counts what
// was written, which tells whether a request can have left.
type link struct {
	net.Conn
	readIdle  atomic.Int64 // nanoseconds between bytes; 0: the deadline is set by hand
	writeIdle atomic.Int64
	readSet   atomic.Int64 // when the deadline was last moved
	writeSet  atomic.Int64
	written   atomic.Int64
	bulk      bulk
}

// flow sets the longest pause between bytes in both directions.
func (l *link) flow(idle time.Duration) {
	l.flowRead(idle)
	l.writeSet.Store(0)
	l.writeIdle.Store(int64(idle))
}

func (l *link) flowRead(idle time.Duration) {
	l.readSet.Store(0)
	l.readIdle.Store(int64(idle))
}

// expect sets a fixed limit for what is read next; 0 means none.
func (l *link) expect(limit time.Duration) error {
	l.readIdle.Store(0)
	if limit == 0 {
		return l.SetReadDeadline(time.Time{})
	}
	return l.SetReadDeadline(time.Now().Add(limit))
}

func (l *link) Read(p []byte) (int, error) {
	if n, done, err := l.readBulk(p); done {
		return n, err
	}
	return l.read(p)
}

func (l *link) read(p []byte) (int, error) {
	if idle := l.readIdle.Load(); idle > 0 {
		if err := renew(idle, &l.readSet, l.SetReadDeadline); err != nil {
			return 0, err
		}
	}
	return l.Conn.Read(p)
}

func (l *link) Write(p []byte) (int, error) {
	if taken, err := l.collect(p); taken {
		return len(p), err
	}
	return l.write(p)
}

func (l *link) write(p []byte) (int, error) {
	if idle := l.writeIdle.Load(); idle > 0 {
		if err := renew(idle, &l.writeSet, l.SetWriteDeadline); err != nil {
			return 0, err
		}
	}
	n, err := l.Conn.Write(p)
	l.written.Add(int64(n))
	return n, err
}

// renew moves a deadline if the last move is some while ago.
func renew(idle int64, last *atomic.Int64, set func(time.Time) error) error {
	now := time.Now()
	if now.UnixNano()-last.Load() < idle/16 {
		return nil
	}
	last.Store(now.UnixNano())
	return set(now.Add(time.Duration(idle)))
}

// reset closes the connection so that the peer sees it at once.
func (l *link) reset() {
	if tcp, ok := l.Conn.(interface{ SetLinger(int) error }); ok {
		_ = tcp.SetLinger(0) // a connection that is closed already has nothing to lose
	}
	_ = l.Conn.Close()
}
