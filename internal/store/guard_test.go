package store_test

import (
	"context"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

// with returns a connection string with another user (or the same) and members of the query.
func with(t *testing.T, connection, user string, query map[string]string) string {
	t.Helper()
	u, err := url.Parse(connection)
	if err != nil {
		t.Fatal(err)
	}
	if user != "" {
		u.User = url.User(user)
	}
	q := u.Query()
	for k, v := range query {
		q.Set(k, v)
	}
	u.RawQuery = q.Encode()
	return u.String()
}

func statements(t *testing.T, connection string, list ...string) {
	t.Helper()
	c, err := pgx.Connect(context.Background(), connection)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.Background())
	for _, s := range list {
		if _, err := c.Exec(context.Background(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

func TestARoleThatMayOnlyWriteRows(t *testing.T) {
	t.Parallel()
	admin := storetest.PostgresURL(t)
	u, _ := url.Parse(admin)
	name := strings.TrimPrefix(u.Path, "/")
	owner, role := name+"_owner", name+"_rows"
	statements(t, admin, "CREATE ROLE "+owner+" LOGIN", "CREATE ROLE "+role+" LOGIN", "CREATE SCHEMA narrow AUTHORIZATION "+owner)
	t.Cleanup(func() {
		statements(t, admin, "DROP SCHEMA narrow CASCADE", "DROP OWNED BY "+role, "DROP ROLE "+role, "DROP ROLE "+owner)
	})
	path := map[string]string{"search_path": "narrow"}
	db, err := store.Open(t.Context(), store.Options{URL: with(t, admin, role, path), MaxConnections: 3})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Migrate(t.Context()); !fault.Is(err, fault.KindForbidden) || !strings.Contains(err.Error(), "--migration-database") {
		t.Errorf("without rights: %v", err)
	}
	if err := db.MigrateAs(t.Context(), with(t, admin, owner, map[string]string{"search_path": "public"})); err == nil {
		t.Error("another schema was migrated")
	}
	for range 2 { // the second time there is nothing to do
		if err := db.MigrateAs(t.Context(), with(t, admin, owner, path)); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Migrate(t.Context()); err != nil {
		t.Errorf("the schema is up to date: %v", err)
	}
	err = db.Write(t.Context(), func(tx *store.Tx) error {
		_, _, err := tx.NextID("Things-")
		return err
	})
	if err != nil {
		t.Errorf("write a row: %v", err)
	}
	err = db.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec("DROP TABLE id_counter")
		return err
	})
	if err == nil {
		t.Error("the role dropped a table")
	}
}

func TestDatabasesThatAreRefused(t *testing.T) {
	t.Parallel()
	admin := storetest.PostgresURL(t)
	_, err := store.Open(t.Context(), store.Options{URL: with(t, admin, "", map[string]string{"default_transaction_read_only": "on"}), Patience: 50 * time.Millisecond})
	if !fault.Is(err, fault.KindUnsupported) || !strings.Contains(err.Error(), "connect to the primary") {
		t.Errorf("a database that can only be read: %v", err)
	}
	u, _ := url.Parse(admin)
	name := strings.TrimPrefix(u.Path, "/") + "_latin"
	statements(t, admin, "CREATE DATABASE "+name+" ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
	t.Cleanup(func() { statements(t, admin, "DROP DATABASE "+name+" WITH (FORCE)") })
	u.Path = "/" + name
	if _, err := store.Open(t.Context(), store.Options{URL: u.String()}); !fault.Is(err, fault.KindUnsupported) || !strings.Contains(err.Error(), "LATIN1") {
		t.Errorf("a database of another encoding: %v", err)
	}
	_, err = store.Open(t.Context(), store.Options{URL: transactionPool(t, admin), Patience: time.Second})
	if !fault.Is(err, fault.KindUnsupported) || !strings.Contains(err.Error(), "pools transactions") {
		t.Errorf("behind a proxy that pools transactions: %v", err)
	}
}

// transactionPool is a proxy that gives one session of the server to all of its clients in turn, as PgBouncer's transaction mode does.
// It returns the connection string to it.
func transactionPool(t *testing.T, connection string) string {
	t.Helper()
	server, err := pgconn.Connect(t.Context(), connection)
	if err != nil {
		t.Fatal(err)
	}
	hijacked, err := server.Hijack()
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close(); hijacked.Conn.Close() })
	pool := &proxy{server: hijacked.Frontend, parameters: hijacked.ParameterStatuses}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go pool.serve(c)
		}
	}()
	u, _ := url.Parse(connection)
	u.Host = l.Addr().String()
	return u.String()
}

type proxy struct {
	mu         sync.Mutex // held while a transaction of a client goes on
	server     *pgproto3.Frontend
	parameters map[string]string
}

func (p *proxy) serve(c net.Conn) {
	defer c.Close()
	client := pgproto3.NewBackend(c, c)
	for {
		m, err := client.ReceiveStartupMessage()
		if err != nil {
			return
		}
		if _, ok := m.(*pgproto3.SSLRequest); ok {
			_, _ = c.Write([]byte("N"))
			continue
		}
		break
	}
	client.Send(&pgproto3.AuthenticationOk{})
	for k, v := range p.parameters {
		client.Send(&pgproto3.ParameterStatus{Name: k, Value: v})
	}
	client.Send(&pgproto3.BackendKeyData{SecretKey: make([]byte, 4)})
	client.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
	locked := false
	for client.Flush() == nil {
		m, err := client.Receive()
		if err != nil {
			return
		}
		if !locked {
			p.mu.Lock()
			locked = true
		}
		p.server.Send(m)
		switch m.(type) {
		case *pgproto3.Terminate:
			p.mu.Unlock()
			return
		case *pgproto3.Query, *pgproto3.Sync:
			if p.answer(client) == 'I' {
				p.mu.Unlock()
				locked = false
			}
		}
	}
}

// answer passes the server's messages on until it is ready, and returns the state of the transaction.
func (p *proxy) answer(client *pgproto3.Backend) byte {
	_ = p.server.Flush()
	for {
		m, err := p.server.Receive()
		if err != nil {
			return 'I'
		}
		client.Send(m)
		if err := client.Flush(); err != nil {
			return 'I'
		}
		if ready, ok := m.(*pgproto3.ReadyForQuery); ok {
			return ready.TxStatus
		}
	}
}
