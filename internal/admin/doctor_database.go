package admin

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/mantledeploy/mantle/internal/cluster"
	"github.com/mantledeploy/mantle/internal/store"
)

const (
	// farAway is how long a round trip to the database may take, clockApart how far clocks may be from each other, before it is said.
	farAway    = 100 * time.Millisecond
	clockApart = 5 * time.Second
)

// database looks at the database and at all that is in it.
func (d *doctor) database(ctx context.Context) {
	url := d.t.Config.Database
	path, embedded := url.SQLite()
	if embedded {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			d.warn("database", "there is no database file "+path, "the server makes it at its first start; if there was one, correct --data-dir or --database, or restore it from a backup")
			return
		}
	}
	db, err := store.Open(ctx, store.Options{URL: url.URL.Reveal(), Application: "mantle doctor", MaxConnections: 2, Patience: d.patience, Beside: true})
	if err != nil {
		d.problem("database", err.Error(), "")
		d.masterKeyAlone()
		return
	}
	defer func() { _ = db.Close() }()
	took, err := roundTrip(ctx, db)
	switch {
	case err != nil:
		d.problem("database", err.Error(), "")
	case took > farAway:
		d.warn("database", fmt.Sprintf("%s takes %s for a round trip", url, took.Round(time.Millisecond)), "look at the network and at the database server's load: each request asks it several times")
	case embedded:
		d.fine("database", "%s can be read", url)
	default:
		d.fine("database", "%s answers in %.1f ms", url, float64(took.Microseconds())/1000)
	}
	if !embedded {
		d.postgres(ctx, db)
	}
	if d.schema(ctx, db) {
		d.content(ctx, db)
	} else {
		d.masterKeyAlone()
	}
}

// roundTrip is the median of three.
func roundTrip(ctx context.Context, db *store.DB) (time.Duration, error) {
	var took [3]time.Duration
	for i := range took {
		began := time.Now()
		if err := db.Ping(ctx); err != nil {
			return 0, err
		}
		took[i] = time.Since(began)
	}
	return max(min(took[0], took[1]), min(max(took[0], took[1]), took[2])), nil
}

// schema tells whether the database can be read by this program.
func (d *doctor) schema(ctx context.Context, db *store.DB) bool {
	const check = "schema"
	have, known, err := db.Schema(ctx)
	switch {
	case err != nil:
		d.problem(check, err.Error(), "")
	case have == 0:
		d.warn(check, "the database is not set up yet, or this role may not see it", "start the server on it once")
	case have > known:
		d.problem(check, fmt.Sprintf("the database has schema %d, and this program knows schemas up to %d", have, known), "use the program of the servers' release")
	case have < known:
		d.warn(check, fmt.Sprintf("the database has schema %d, and this program brings schema %d", have, known),
			"the next start of a server of this release changes it; before that, look with the program of the servers' own release")
	default:
		d.fine(check, "%d, this release's", have)
	}
	return err == nil && have == known
}

func (d *doctor) postgres(ctx context.Context, db *store.DB) {
	sent := time.Now()
	c, err := db.Condition(ctx)
	if err != nil {
		d.problem("PostgreSQL", err.Error(), "")
		return
	}
	between := sent.Add(time.Since(sent) / 2)
	d.fine("PostgreSQL", "version %d.%d, %s", c.Number/10000, c.Number%10000, c.Encoding)
	d.durability(c)
	d.standby(c)
	d.connections(ctx, db, c)
	if apart := c.Now.Sub(between).Round(10 * time.Millisecond); apart.Abs() > clockApart {
		d.warn("clock", fmt.Sprintf("the database's clock is %s from this machine's", apart), "set both by NTP: times in the portal and schedules go by the nodes' clocks")
	} else {
		d.fine("clock", "%s from the database's", apart.Abs())
	}
	d.rights(ctx, db)
}

func (d *doctor) durability(c store.Condition) {
	const check = "durability"
	found := fmt.Sprintf("fsync is %s, synchronous_commit is %s", c.Fsync, c.SynchronousCommit)
	if c.MayForget() {
		d.problem(check, found+": the database may lose what it acknowledged", "set both to on in postgresql.conf, and reload it")
		return
	}
	d.fine(check, "%s", found)
}

func (d *doctor) standby(c store.Condition) {
	const check = "standby"
	const names = "name the standby in synchronous_standby_names, so that a fail-over loses nothing"
	switch {
	case c.Waits() && c.Standbys == 0:
		d.problem(check, fmt.Sprintf("the primary waits for a standby (synchronous_standby_names is %q), and none is connected: no change is acknowledged", c.SynchronousNames),
			"start the standby, or take its name out and reload: then what is acknowledged is on one machine alone")
	case c.Waits() && c.Synchronous == 0 && c.Unseen == 0:
		d.problem(check, fmt.Sprintf("%s connected, and none is one that the primary waits for (synchronous_standby_names is %q): no change is acknowledged", isOrAre(c.Standbys), c.SynchronousNames),
			"give a standby this application_name, or correct the names")
	case c.Waits():
		d.fine(check, "%s connected, and the primary waits (synchronous_standby_names is %q)", isOrAre(c.Standbys), c.SynchronousNames)
	case c.Standbys > 0:
		d.warn(check, isOrAre(c.Standbys)+" connected, and the primary does not wait: after a fail-over, what was acknowledged last may be missing", names)
	default:
		d.fine(check, "none is connected")
	}
}

func isOrAre(n int) string {
	if n == 1 {
		return "1 is"
	}
	return fmt.Sprintf("%d are", n)
}

// connections compares what the nodes may take with what the server gives.
func (d *doctor) connections(ctx context.Context, db *store.DB, c store.Condition) {
	const check = "connections"
	online := 0
	_ = db.Read(ctx, func(tx *store.Tx) error { // before the schema is there, there are no nodes
		nodes, err := cluster.Nodes(tx)
		online = 0
		for _, n := range nodes {
			if n.Online() {
				online++
			}
		}
		return err
	})
	each := int(d.t.Config.DatabaseConnections) + store.MoreConnections
	found := fmt.Sprintf("%d of %d are in use; %s online, and a node takes up to %d", c.Used, c.Most, counted(online, "node"), each)
	const out = "raise max_connections of PostgreSQL, or lower --database-connections on each node"
	switch need := max(online, 1) * each; {
	case need > c.Most:
		d.problem(check, found, out)
	case need+each > c.Most:
		d.warn(check, found+", and one more node would not have enough", out)
	default:
		d.fine(check, "%s", found)
	}
}

func (d *doctor) rights(ctx context.Context, db *store.DB) {
	const check = "database role"
	r, err := db.Rights(ctx)
	switch {
	case err != nil:
		d.problem(check, err.Error(), "")
	case len(r.Denied) > 0:
		d.problem(check, fmt.Sprintf("%s may not read and write %s, such as %s", r.Role, counted(len(r.Denied), "table"), r.Denied[0]),
			"start a server with --migration-database for the role that owns them: it grants what is missing")
	case !r.MayChange && d.t.Config.MigrationDatabase.URL.Empty():
		d.fine(check, "%s may read and write, and not change the schema: an upgrade needs --migration-database", r.Role)
	default:
		d.fine(check, "%s may read and write%s", r.Role, alsoChange(r))
	}
}

func alsoChange(r store.Rights) string {
	switch {
	case r.Superuser:
		return "; it is a superuser, which the server does not need"
	case r.MayChange:
		return ", and change the schema"
	}
	return "; --migration-database changes the schema"
}
