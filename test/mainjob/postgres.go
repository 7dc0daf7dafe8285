package mainjob

import (
	"fmt"
	"os"
	"os/exec"
	osuser "os/user"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Postgres is a PostgreSQL server of a house. Its port stays the same; its data may be made anew.
type Postgres struct {
	house   *House
	name    string
	dir     string
	as      user
	Port    int
	clock   int
	process *Process
}

// Postgres makes an empty server, which does not run yet: Init or Follow gives it data.
func (h *House) Postgres(name string) *Postgres {
	h.t.Helper()
	p := &Postgres{house: h, name: name, Port: freePort(h.t)}
	var err error
	if p.dir, err = os.MkdirTemp("", "mantle-house-postgres-"); err != nil {
		h.t.Fatal(err)
	}
	h.mu.Lock()
	h.outside = append(h.outside, p.dir)
	h.mu.Unlock()
	if os.Geteuid() != 0 {
		return p
	}
	// PostgreSQL refuses to run as root.
	account, err := osuser.Lookup("postgres")
	if err != nil {
		h.t.Fatal(err)
	}
	uid, gid := number(account.Uid), number(account.Gid)
	p.as = user{uint32(uid), uint32(gid)}
	if err := os.Chown(p.dir, uid, gid); err != nil {
		h.t.Fatal(err)
	}
	return p
}

func number(text string) int {
	n, _ := strconv.Atoi(text)
	return n
}

// settings are those of every server: what is acknowledged is on the disk, and a standby may follow.
const settings = `
listen_addresses = '127.0.0.1'
max_connections = 200
shared_buffers = 64MB
wal_level = replica
max_wal_senders = 8
max_replication_slots = 8
hot_standby = on
wal_keep_size = 256MB
wal_sender_timeout = 10s
wal_receiver_timeout = 10s
wal_receiver_status_interval = 1s
max_wal_size = 256MB
log_line_prefix = '%m [%p] %a '
`

// Init makes the data of a new installation and starts the server.
func (p *Postgres) Init() {
	p.house.t.Helper()
	p.tool("initdb", "-D", p.data(), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	p.write("postgresql.conf", settings)
	p.write("pg_hba.conf", "host all all 127.0.0.1/32 trust\nhost replication all 127.0.0.1/32 trust\nlocal all all trust\n")
	p.Start()
}

// Follow makes this server a standby of another one, reached at a port of this machine, and starts it.
func (p *Postgres) Follow(port int) {
	p.house.t.Helper()
	p.Kill()
	if err := os.RemoveAll(p.data()); err != nil {
		p.house.t.Fatal(err)
	}
	connection := fmt.Sprintf("host=127.0.0.1 port=%d user=postgres application_name=%s", port, p.name)
	p.tool("pg_basebackup", "-d", connection, "-D", p.data(), "-R", "-X", "stream", "-c", "fast", "--no-sync")
	p.Start()
}

// Start starts the server and waits until it takes connections.
func (p *Postgres) Start() {
	p.house.t.Helper()
	args := []string{"-D", p.data(), "-k", p.dir, "-p", strconv.Itoa(p.Port)}
	p.process = p.house.startAs(p.as, "postgres-"+p.name, p.program("postgres"), args, append(p.environ(), p.clockEnviron()...))
	Eventually(p.house.t, 60*time.Second, "PostgreSQL takes connections", func() bool {
		return exec.Command(p.program("pg_isready"), "-h", "127.0.0.1", "-p", strconv.Itoa(p.Port)).Run() == nil
	})
}

// SetClock makes the server's next processes see a time that is off by so many seconds. It needs libfaketime.
func (p *Postgres) SetClock(seconds int) {
	p.house.t.Helper()
	p.clock = seconds
	if seconds != 0 && p.clockEnviron() == nil {
		p.house.t.Fatal("libfaketime is missing; scripts/requirements installs it")
	}
}

func (p *Postgres) clockEnviron() []string {
	found, _ := filepath.Glob("/usr/lib/*/faketime/libfaketime.so.1")
	if p.clock == 0 || len(found) == 0 {
		return nil
	}
	return []string{"LD_PRELOAD=" + found[0], fmt.Sprintf("FAKETIME=%+ds", p.clock), "FAKETIME_DONT_FAKE_MONOTONIC=1", "DONT_FAKE_MONOTONIC=1"}
}

// Kill kills the server's first process; its others notice and end.
func (p *Postgres) Kill() {
	if p.process == nil {
		return
	}
	p.process.Kill()
	Eventually(p.house.t, 20*time.Second, "PostgreSQL is gone", func() bool { return len(Processes(p.dir)) == 0 })
}

// Stop ends the server as an operator would who does not wait for clients.
func (p *Postgres) Stop() {
	p.house.t.Helper()
	if err := p.process.Signal(syscall.SIGINT); err != nil {
		p.house.t.Fatal(err)
	}
	p.process.Await(p.house.t, 60*time.Second)
}

// Promote makes a standby the primary, and returns when it takes writes.
func (p *Postgres) Promote() { p.SQL("SELECT pg_promote(true, 60)") }

// Set changes a setting of the running server.
func (p *Postgres) Set(name, value string) {
	p.SQL("ALTER SYSTEM SET " + name + " = '" + value + "'")
	p.SQL("SELECT pg_reload_conf()")
}

// SQL runs a statement as the superuser and returns what psql prints.
func (p *Postgres) SQL(statement string) string {
	p.house.t.Helper()
	return p.In("postgres", statement)
}

// In is SQL in a database.
func (p *Postgres) In(database, statement string) string {
	p.house.t.Helper()
	out, err := p.command("psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", statement, p.URL(p.Port, database)).CombinedOutput()
	if err != nil {
		p.house.t.Fatalf("%s: %s: %v\n%s", p.name, statement, err, out)
	}
	return strings.TrimSpace(string(out))
}

// URL is the connection string through a port of this machine.
func (p *Postgres) URL(port int, database string) string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/%s?sslmode=disable&connect_timeout=5", port, database)
}

// Process is the server's first one.
func (p *Postgres) Process() *Process { return p.process }

func (p *Postgres) data() string { return filepath.Join(p.dir, "data") }

func (p *Postgres) environ() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=" + p.dir, "LANG=C.UTF-8"}
}

func (p *Postgres) write(name, text string) {
	p.house.t.Helper()
	if err := os.WriteFile(filepath.Join(p.data(), name), []byte(text), 0o644); err != nil {
		p.house.t.Fatal(err)
	}
}

func (p *Postgres) tool(name string, args ...string) {
	p.house.t.Helper()
	if out, err := p.command(name, args...).CombinedOutput(); err != nil {
		p.house.t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

func (p *Postgres) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(p.program(name), args...)
	cmd.Dir, cmd.Env = os.TempDir(), p.environ()
	p.as.run(cmd)
	return cmd
}

// program finds a program of PostgreSQL; Debian keeps them out of the PATH.
func (p *Postgres) program(name string) string {
	if path, err := exec.LookPath(name); err == nil && name != "psql" {
		return path
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	sort.Strings(found)
	if len(found) == 0 {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
		p.house.t.Fatalf("PostgreSQL's program %s is missing; scripts/requirements installs it", name)
	}
	return found[len(found)-1]
}
