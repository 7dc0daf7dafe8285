package storetest

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

func isSQLite(databaseURL string) bool { return strings.HasPrefix(databaseURL, "sqlite:") }

// proxy stands between the sessions of a test and PostgreSQL. It understands just enough to see a COMMIT and the end of its answer.
type proxy struct {
	network, server string
	commits         *Commits

	mu    sync.Mutex
	pairs map[*pair]bool
}

// pair is one session.
type pair struct {
	client, server net.Conn
	// answer is what becomes of the server's next answer: a Loss.
	answer atomic.Int32
}

func (p *pair) close() {
	_ = p.client.Close()
	_ = p.server.Close()
}

// startProxy returns a connection string that leads through a proxy.
func startProxy(t *testing.T, databaseURL string, c *Commits) string {
	t.Helper()
	cfg, err := pgconn.ParseConfig(databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{commits: c, pairs: map[*pair]bool{}}
	p.network, p.server = pgconn.NetworkAddress(cfg.Host, cfg.Port)
	c.cut = p.cutAll
	var group sync.WaitGroup
	group.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			group.Go(func() { p.serve(client) })
		}
	})
	t.Cleanup(func() { _ = l.Close(); p.cutAll(); group.Wait() })
	u, err := url.Parse(databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = l.Addr().String()
	q := u.Query()
	q.Set("sslmode", "disable")
	u.RawQuery = q.Encode()
	return u.String()
}

func (p *proxy) cutAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for s := range p.pairs {
		s.close()
	}
}

func (p *proxy) serve(client net.Conn) {
	defer client.Close()
	if p.commits.isAway() {
		return
	}
	server, err := net.Dial(p.network, p.server)
	if err != nil {
		return
	}
	s := &pair{client: client, server: server}
	defer s.close()
	p.mu.Lock()
	p.pairs[s] = true
	p.mu.Unlock()
	defer func() { p.mu.Lock(); delete(p.pairs, s); p.mu.Unlock() }()
	if p.commits.isAway() {
		return
	}
	if err := pass(client, server, false); err != nil { // what a session begins with has no type
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.answers()
	}()
	s.asks(p.commits)
	s.close()
	<-done
}

// asks passes on what the client sends.
func (s *pair) asks(c *Commits) {
	for {
		message, err := read(s.client, true)
		if err != nil {
			return
		}
		if message[0] == 'Q' && bytes.EqualFold(bytes.TrimRight(message[5:], ";\x00"), []byte("commit")) {
			how := c.next()
			if how == Before {
				return
			}
			s.answer.Store(int32(how))
			if how == HangBefore {
				continue
			}
		}
		if _, err := s.server.Write(message); err != nil {
			return
		}
	}
}

// answers passes on what the server sends.
func (s *pair) answers() {
	defer s.client.Close()
	for {
		message, err := read(s.server, true)
		if err != nil {
			return
		}
		switch Loss(s.answer.Load()) {
		case After:
			if message[0] == 'Z' { // the server is ready again: it has committed
				return
			}
			continue
		case HangAfter:
			continue
		case Local:
			s.answer.Store(int32(Kept))
			warning, err := (&pgproto3.NoticeResponse{Severity: "WARNING", SeverityUnlocalized: "WARNING", Code: "01000",
				Message: "canceling wait for synchronous replication due to user request"}).Encode(nil)
			if err != nil {
				return
			}
			message = append(warning, message...)
		}
		if _, err := s.client.Write(message); err != nil {
			return
		}
	}
}

func pass(from, to net.Conn, typed bool) error {
	message, err := read(from, typed)
	if err == nil {
		_, err = to.Write(message)
	}
	return err
}

// read reads one message: its type, where it has one, its length, its body.
func read(from io.Reader, typed bool) ([]byte, error) {
	head := 4
	if typed {
		head = 5
	}
	message := make([]byte, head)
	if _, err := io.ReadFull(from, message); err != nil {
		return nil, err
	}
	size := int(binary.BigEndian.Uint32(message[head-4:]))
	message = append(message, make([]byte, max(size-4, 0))...)
	_, err := io.ReadFull(from, message[head:])
	return message, err
}
