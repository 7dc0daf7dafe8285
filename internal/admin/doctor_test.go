package admin

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/halibut"
	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/cluster"
	"github.com/mantledeploy/mantle/internal/cluster/storage"
	"github.com/mantledeploy/mantle/internal/config"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/premises"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
	"github.com/mantledeploy/mantle/internal/task"
)

// patient is an installation that a server has run on, and the settings to look at it with.
type patient struct {
	t      *testing.T
	db     *store.DB
	member *cluster.Member
	dir    string
	flags  map[string]string
	// patience is how long Doctor waits for the database: a test's machine may be busy.
	patience time.Duration
}

func newPatient(t *testing.T, url string) *patient {
	t.Helper()
	p := &patient{t: t, db: storetest.Open(t, url), dir: t.TempDir(), patience: time.Minute}
	p.flags = map[string]string{"data-dir": p.dir, "database": url, "listen": "127.0.0.1:0", "comms-listen": "127.0.0.1:0", "internal-listen": "127.0.0.1:0", "database-connections": "5"}
	key, _, err := secret.LoadOrCreateMasterKey(p.dir)
	p.must(err)
	installation, err := cluster.OpenInstallation(t.Context(), p.db, secret.NewKeyring(key))
	p.must(err)
	files, err := storage.Open(t.Context(), storage.Config{DB: p.db, Default: filepath.Join(p.dir, "files"), Installation: installation.UUID})
	p.must(err)
	p.member, err = cluster.Join(t.Context(), p.db, cluster.Config{Name: "ada", Version: "0.0.0-dev", TaskCap: 5})
	p.must(err)
	files.Join(t.Context(), p.member)
	return p
}

func (p *patient) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *patient) write(f func(tx *store.Tx) error) {
	p.t.Helper()
	p.must(p.db.Write(p.t.Context(), f))
}

func (p *patient) exec(statement string, args ...any) {
	p.t.Helper()
	p.write(func(tx *store.Tx) error {
		_, err := tx.Exec(statement, args...)
		return err
	})
}

// leave ends the node, as a server that is stopped does.
func (p *patient) leave() { p.t.Helper(); p.must(p.member.Leave(p.t.Context())) }

func (p *patient) with(name, value string) { p.flags[name] = value }

// look returns the findings.
func (p *patient) look() []Finding {
	p.t.Helper()
	cfg, err := config.Load(p.flags, nil)
	p.must(err)
	d := &doctor{t: Tool{Config: cfg}, silence: 50 * time.Millisecond, patience: p.patience}
	d.look(p.t.Context(), nil)
	return d.found
}

// expect looks for a finding of the state and check that says the words.
func expect(t *testing.T, all []Finding, state, check, words string) {
	t.Helper()
	for _, f := range all {
		if f.State == state && f.Check == check && strings.Contains(f.Found+" → "+f.Remedy, words) {
			return
		}
	}
	t.Errorf("no %s of %s says %q:\n%s", state, check, words, text(all))
}

func text(all []Finding) string {
	var b strings.Builder
	_ = showFindings(&b, all)
	return b.String()
}

// illness is something wrong, and what Doctor says of it.
type illness struct {
	name                string
	cause               func(p *patient)
	state, check, words string
}

// illnesses are by patients: one thing that is wrong hides no other.
func illnesses() map[string][]illness {
	return map[string][]illness{
		"a cluster that works": {
			{"wrong master key", func(p *patient) { p.with("master-key", "AAECAwQFBgcICQoLDA0ODw==") }, problem, "master key", "master key"},
			{"half of HTTPS", func(p *patient) { p.with("tls-key", "x.pem") }, problem, "HTTPS", "belong together"},
			{"another directory is mounted", func(p *patient) {
				p.must(os.RemoveAll(filepath.Join(p.dir, "files", "cluster", "store")))
			}, problem, "files", "unshared: "},
			{"a node that is silent", func(*patient) {}, problem, "node ada", "it has renewed nothing"},
			{"another version", func(p *patient) { p.exec("UPDATE node SET version = '9.9.9'") }, warning, "versions", "use the program of the nodes' release"},
			{"a paused queue", func(p *patient) { p.write(func(tx *store.Tx) error { return task.Pause(tx, true) }) }, warning, "queue", "mantle queue resume"},
			{"a held task", func(p *patient) {
				p.exec("UPDATE server_task SET state = 'Executing', held = $1, wait_reason = 'look at its log' WHERE id = $2", true, enqueue(p))
			}, warning, "task ServerTasks-1", "held: look at its log"},
			{"a task that has waited for long", func(p *patient) {
				p.exec("UPDATE server_task SET queued_at = $1 WHERE id = $2", store.At(time.Now().Add(-time.Hour)), enqueue(p))
			}, warning, "tasks", "ServerTasks-2 (Look) has waited for 1h0m0s: The task queue is paused"},
			{"maintenance mode", func(p *patient) {
				p.write(func(tx *store.Tx) error { return access.SetMaintenance(tx, true, "grace") })
			}, warning, "maintenance mode", "by grace: only administrators change things → mantle maintenance off"},
		},
		"a cluster that is stopped": {
			{"no master key", func(p *patient) { p.must(os.Remove(filepath.Join(p.dir, secret.MasterKeyFile))) }, problem, "master key", "give the key with --master-key"},
			{"no files", func(p *patient) { p.must(os.RemoveAll(filepath.Join(p.dir, "files"))) }, problem, "files", "away: "},
			{"a drained node", func(p *patient) {
				p.leave()
				p.write(func(tx *store.Tx) error { return cluster.Drain(tx, p.member.ID(), time.Time{}) })
			}, warning, "node ada", "offline, drained since"},
			{"nobody takes tasks", func(*patient) {}, warning, "nodes", "none takes tasks"},
		},
		"a cluster with another copy of its files": {
			{"rotation", rotate, warning, "master key", "is not finished → run mantle master-key rotate again"},
			{"a node's marker is missing", func(p *patient) {
				p.must(os.RemoveAll(filepath.Join(p.dir, "files", "cluster", "nodes")))
			}, problem, "files", "blind: what the node ada writes"},
		},
		"an older program": {
			{"newer schema", func(p *patient) {
				p.exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, $1)", true)
			}, problem, "schema", "schema 9999, and this program knows"},
			{"no data directory", func(p *patient) {
				file := filepath.Join(p.t.TempDir(), "file")
				p.must(os.WriteFile(file, nil, 0o600))
				p.with("data-dir", file)
			}, problem, "data directory", "cannot write in the data directory"},
		},
		"a newer program": {
			{"older schema", func(p *patient) {
				p.exec("DELETE FROM goose_db_version WHERE version_id = (SELECT MAX(version_id) FROM goose_db_version)")
			}, warning, "schema", "the next start of a server of this release changes it"},
		},
	}
}

func enqueue(p *patient) (id string) {
	p.t.Helper()
	p.write(func(tx *store.Tx) error {
		t, err := task.Enqueue(tx, task.New{Kind: "Look", Description: "Look"})
		if err == nil {
			id = t.ID
		}
		return err
	})
	return id
}

func rotate(p *patient) {
	p.t.Helper()
	key, err := secret.ReadMasterKeyFile(filepath.Join(p.dir, secret.MasterKeyFile))
	p.must(err)
	fresh, err := secret.ParseMasterKey("AAECAwQFBgcICQoLDA0ODw==")
	p.must(err)
	keys := secret.NewKeyring(key)
	p.must(cluster.VerifyMasterKey(p.t.Context(), p.db, keys))
	_, err = cluster.BeginRotation(p.t.Context(), p.db, keys, fresh)
	p.must(err)
}

func TestDoctorNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	for engine, url := range map[string]func(*testing.T) string{"sqlite": storetest.SQLiteURL, "postgres": storetest.PostgresURL} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			for name, all := range illnesses() {
				t.Run(name, func(t *testing.T) {
					p := newPatient(t, url(t))
					for _, i := range all {
						i.cause(p)
					}
					found := p.look()
					for _, i := range all {
						expect(t, found, i.state, i.check, i.words)
					}
					expect(t, found, fine, "settings", "given, by flags")
				})
			}
		})
	}
}

func TestDoctorOfWhatIsWhole(t *testing.T) {
	t.Parallel()
	for engine, url := range map[string]func(*testing.T) string{"sqlite": storetest.SQLiteURL, "postgres": storetest.PostgresURL} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			p := newPatient(t, url(t))
			rows := func() (n int) {
				p.write(func(tx *store.Tx) error {
					return tx.QueryRow("SELECT (SELECT COUNT(*) FROM storage_mark) + (SELECT COUNT(*) FROM storage_shelf) + (SELECT SUM(renewals) FROM node)").Scan(&n)
				})
				return n
			}
			before, files := rows(), tree(t, p.dir)
			found := p.look()
			expect(t, found, fine, "data directory", "is writable for")
			expect(t, found, fine, "schema", "this release's")
			expect(t, found, fine, "master key", "opens the database's secrets")
			expect(t, found, fine, "maintenance mode", "off")
			busy := []string{"a round trip", "is slow"} // of this machine, which is no fault of the cluster
			for _, f := range found {
				if slices.ContainsFunc(busy, func(words string) bool { return strings.Contains(f.Found, words) }) {
					continue
				}
				if f.Check == "files" && !strings.Contains(f.Found, "what ada wrote there is seen") {
					t.Errorf("%+v", f)
				}
				// The node of this test renews nothing, and test servers do not sync.
				if f.State != fine && f.Check != "node ada" && f.Check != "nodes" && f.Check != "durability" {
					t.Errorf("%+v", f)
				}
			}
			if after := rows(); after != before {
				t.Errorf("the database was changed: %d, then %d", before, after)
			}
			if after := tree(t, p.dir); after != files {
				t.Errorf("files were changed:\n%s\nthen\n%s", files, after)
			}
		})
	}
}

// tree lists the files below a directory; those of an open SQLite database aside.
func tree(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() && !strings.HasSuffix(path, "-wal") && !strings.HasSuffix(path, "-shm") {
			b.WriteString(path + "\n")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestDoctorOfPostgres(t *testing.T) {
	t.Parallel()
	p := newPatient(t, storetest.PostgresURL(t))
	expect(t, p.look(), fine, "data directory", "no server runs on it")
	unlock, err := store.LockFile(filepath.Join(p.dir, premises.HomeLock))
	p.must(err)
	expect(t, p.look(), fine, "data directory", "a server runs on it")
	p.must(unlock())
	url := p.flags["database"]
	parameter := func(s string) string {
		if strings.Contains(url, "?") {
			return url + "&" + s
		}
		return url + "?" + s
	}
	p.with("database", parameter("synchronous_commit=off"))
	expect(t, p.look(), problem, "durability", "synchronous_commit is off: the database may lose what it acknowledged")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	p.must(err)
	t.Cleanup(func() { l.Close() })
	p.with("database", url)
	p.with("database-connections", "1000")
	p.with("comms-listen", l.Addr().String())
	found := p.look()
	expect(t, found, problem, "connections", "raise max_connections")
	expect(t, found, problem, "comms-listen", "another program has 127.0.0.1:")
	p.patience = time.Second
	p.with("database", parameter("default_transaction_read_only=on"))
	expect(t, p.look(), problem, "database", "connect to the primary")
	p.with("database", "postgres://postgres@127.0.0.1:1/x")
	found = p.look()
	expect(t, found, problem, "database", "does not answer")
	expect(t, found, fine, "master key", "cannot be told")
	expect(t, found, fine, "data directory", "is writable for")
}

func TestStandbys(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		c     store.Condition
		state string
		words string
	}{
		{"none", store.Condition{SynchronousCommit: "on"}, fine, "none is connected"},
		{"not waited for", store.Condition{SynchronousCommit: "on", Standbys: 1}, warning, "may be missing → name the standby"},
		{"named, and not waited for", store.Condition{SynchronousCommit: "local", SynchronousNames: "*", Standbys: 2}, warning, "2 are connected, and the primary does not wait"},
		{"waited for", store.Condition{SynchronousCommit: "on", SynchronousNames: "*", Standbys: 1, Synchronous: 1}, fine, "the primary waits"},
		{"waited for, as far as can be seen", store.Condition{SynchronousCommit: "on", SynchronousNames: "*", Standbys: 1, Unseen: 1}, fine, "the primary waits"},
		{"waited for in vain", store.Condition{SynchronousCommit: "on", SynchronousNames: "b"}, problem, "none is connected: no change is acknowledged"},
		{"the wrong one", store.Condition{SynchronousCommit: "on", SynchronousNames: "b", Standbys: 1}, problem, "none is one that the primary waits for"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := &doctor{}
			d.standby(tt.c)
			expect(t, d.found, tt.state, "standby", tt.words)
		})
	}
}

func TestCertificatesThatExpire(t *testing.T) {
	t.Parallel()
	c, err := halibut.NewCertificate("shop.example.org")
	if err != nil {
		t.Fatal(err)
	}
	leaf := c.Leaf
	for state, now := range map[string]time.Time{
		fine: leaf.NotBefore.Add(time.Hour), warning: leaf.NotAfter.Add(-24 * time.Hour), problem: leaf.NotAfter.Add(time.Second),
	} {
		d := &doctor{}
		d.expiry("HTTPS", &tls.Certificate{Certificate: c.Certificate}, now)
		expect(t, d.found, state, "HTTPS", "valid until")
	}
	d := &doctor{}
	d.expiry("HTTPS", &tls.Certificate{Certificate: c.Certificate}, leaf.NotBefore.Add(-time.Hour))
	expect(t, d.found, problem, "HTTPS", "is not valid before")
}

func TestDoctorSaysSoToScripts(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	err := Tool{Out: &out}.Doctor(t.Context(), Examination{Settings: errors.New("listen is wrong"), JSON: true})
	if !fault.Is(err, fault.KindConflict) || err.Error() != "1 problem" {
		t.Errorf("%v", err)
	}
	var got struct {
		Problems int
		Checks   []Finding
	}
	if err := json.Unmarshal([]byte(out.String()), &got); err != nil {
		t.Fatal(err)
	}
	if got.Problems != 1 || len(got.Checks) != 1 || got.Checks[0].State != problem || got.Checks[0].Found != "listen is wrong" {
		t.Errorf("%+v", got)
	}
}
