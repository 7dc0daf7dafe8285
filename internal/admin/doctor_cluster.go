package admin

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/buildinfo"
	"github.com/mantledeploy/mantle/internal/clock"
	"github.com/mantledeploy/mantle/internal/cluster"
	"github.com/mantledeploy/mantle/internal/cluster/storage"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/task"
)

// longWait is how long a task may be queued before it is said.
const longWait = 10 * time.Minute

// content looks at what the database says of the cluster.
func (d *doctor) content(ctx context.Context, db *store.DB) {
	began := time.Now()
	var first []cluster.Node
	_ = db.Read(ctx, func(tx *store.Tx) (err error) { // nodes reports why it cannot be read
		first, err = cluster.Nodes(tx)
		return err
	})
	d.masterKey(ctx, db)
	d.files(ctx, db)
	d.nodes(ctx, db, first, began)
	d.queue(ctx, db)
	d.maintenance(ctx, db)
}

// masterKeyAlone looks at the key where no database can be asked.
func (d *doctor) masterKeyAlone() {
	if key, err := d.t.masterKey(); err != nil {
		d.warn("master key", err.Error(), "")
	} else {
		d.fine("master key", "%s is there; whether it is the database's cannot be told", key.ID())
	}
}

func (d *doctor) masterKey(ctx context.Context, db *store.DB) {
	const check = "master key"
	key, err := d.t.masterKey()
	if err != nil {
		d.problem(check, err.Error(), "")
		return
	}
	keys := secret.NewKeyring(key)
	if err := cluster.VerifyMasterKey(ctx, db, keys); err != nil {
		d.problem(check, err.Error(), "")
		return
	}
	var next secret.MasterKey
	var before string
	var last cluster.KeyCheck
	if !d.read(ctx, db, check, func(tx *store.Tx) (err error) {
		if next, before, err = cluster.NextMasterKey(tx, keys); err != nil {
			return err
		}
		last, err = cluster.LastKeyCheck(tx)
		return err
	}) {
		return
	}
	copied := "the portal does not know of a copy"
	if last.KeyID == key.ID() {
		copied = fmt.Sprintf("a copy of it was tried on %s", last.At.UTC().Format("2006-01-02"))
	}
	d.fine(check, "%s opens the database's secrets; %s", key.ID(), copied)
	if !next.IsZero() {
		d.warn("master key", fmt.Sprintf("its rotation from %s to %s is not finished", before, next.ID()), "run mantle master-key rotate again: it ends the rotation, or says who lacks the new key")
	}
}

// files looks at every store as a node does.
func (d *doctor) files(ctx context.Context, db *store.DB) {
	const check = "files"
	views, err := storage.Examine(ctx, storage.Config{DB: db, Open: d.t.OpenFiles, Default: filepath.Join(string(d.t.Config.DataDir), "files")})
	if err != nil {
		d.problem(check, err.Error(), "")
		return
	}
	for _, v := range views {
		d.view(check, v)
	}
	var state storage.State
	if d.read(ctx, db, check, func(tx *store.Tx) (err error) {
		state, err = storage.Read(tx)
		return err
	}) && state.Move != nil {
		m := state.Move
		byDefault := filepath.Join(string(d.t.Config.DataDir), "files")
		d.warn("move of files", fmt.Sprintf("%s is being moved from %s to %s (%s)", m.Place, shownLocation(m.Source, byDefault), shownLocation(m.Target, byDefault), m.Phase),
			"if nobody carries it out any more, give the same mantle path … --move again")
	}
}

func (d *doctor) view(check string, v storage.View) {
	what := v.Shown
	if len(v.Places) < len(storage.Places()) {
		var names []string
		for _, p := range v.Places {
			names = append(names, string(p))
		}
		what += " (" + strings.Join(names, ", ") + ")"
	}
	switch {
	case v.Fresh:
		d.warn(check, what+": no node has used it yet", "start a server: its first look sets the place up")
		return
	case v.Problem.Kind == storage.Slow:
		d.warn(check, v.Problem.Text, "")
	case v.Problem.Kind != "":
		d.problem(check, v.Problem.Kind+": "+v.Problem.Text, "")
		return
	default:
		seen := "no node writes there now"
		if len(v.Nodes) > 0 {
			seen = "what " + strings.Join(v.Nodes, ", ") + " wrote there is seen"
		}
		d.fine(check, "%s can be read and written; %s", what, seen)
	}
	if !v.IsURL {
		d.room("disk of the files", v.Shown)
	}
}

// nodes tells how each one is. That a node lives shows in its renewals, whatever its clock says.
func (d *doctor) nodes(ctx context.Context, db *store.DB, first []cluster.Node, began time.Time) {
	before := map[string]cluster.Node{}
	for _, n := range first {
		before[n.ID] = n
	}
	silent := func(n cluster.Node) bool {
		was, known := before[n.ID]
		return n.Online() && known && was.Epoch == n.Epoch && was.Renewals == n.Renewals
	}
	var all []cluster.Node
	var stores map[string]string
	for {
		if !d.read(ctx, db, "nodes", func(tx *store.Tx) (err error) {
			if all, err = cluster.Nodes(tx); err != nil {
				return err
			}
			stores, err = storage.Problems(tx)
			return err
		}) {
			return
		}
		waits := false
		for _, n := range all {
			waits = waits || silent(n)
		}
		if !waits || time.Since(began) > d.silence || clock.Wait(ctx, 250*time.Millisecond) != nil {
			break
		}
	}
	versions, takes := map[string]bool{}, 0
	for _, n := range all {
		d.node(n, cmp.Or(n.Problem(), stores[n.ID]), silent(n))
		if n.Online() {
			versions[n.Version] = true
		}
		if n.Takes() && !silent(n) {
			takes++
		}
	}
	d.together(all, takes, versions)
}

func (d *doctor) node(n cluster.Node, trouble string, silent bool) {
	check := "node " + n.Name
	found := fmt.Sprintf("%s, %d of %d tasks, version %s", n.State(), n.Running, n.TaskCap, n.Version)
	seen := n.LastSeenAt.UTC().Format("2006-01-02 15:04:05 MST")
	switch {
	case silent:
		d.problem(check, found+"; it has renewed nothing while this was looked at, last at "+seen,
			"its process has ended or hangs: look there; another node that runs takes its tasks up")
	case n.Online() && trouble != "":
		d.problem(check, found+": "+trouble, "")
	case !n.Online():
		d.warn(check, fmt.Sprintf("%s since %s, version %s", n.State(), seen, n.Version), "start its server, or forget it: mantle node delete "+n.Name)
	case n.Draining:
		d.warn(check, found, "mantle node undrain "+n.Name+" lets it take tasks again")
	default:
		d.fine(check, "%s", found)
	}
}

// together looks at the nodes as a whole.
func (d *doctor) together(all []cluster.Node, takes int, versions map[string]bool) {
	const check = "nodes"
	switch {
	case len(all) == 0:
		d.warn(check, "none has ever joined", "start the server")
	case takes == 0:
		d.warn(check, "none takes tasks: what is queued waits", "start a node, or let one that is drained take tasks: mantle node undrain NAME")
	default:
		d.fine(check, "%d of %d take tasks", takes, len(all))
	}
	if len(versions) > 1 {
		d.warn("versions", fmt.Sprintf("the nodes run %d different versions", len(versions)), "finish the upgrade: start the others with the newer one")
	} else if len(versions) == 1 && !versions[buildinfo.Version()] {
		d.warn("versions", "this program is "+buildinfo.Version()+", and the nodes run another version", "use the program of the nodes' release")
	}
}

func (d *doctor) maintenance(ctx context.Context, db *store.DB) {
	const check = "maintenance mode"
	var m access.Maintenance
	if !d.read(ctx, db, check, func(tx *store.Tx) (err error) {
		m, err = access.ReadMaintenance(tx)
		return err
	}) {
		return
	}
	if m.On {
		d.warn(check, fmt.Sprintf("on since %s, by %s: only administrators change things", m.Since.UTC().Format("2006-01-02 15:04 MST"), m.By), "mantle maintenance off")
		return
	}
	d.fine(check, "off")
}

// queue looks for what does not go on by itself.
func (d *doctor) queue(ctx context.Context, db *store.DB) {
	const check = "tasks"
	var paused bool
	var queued, running int
	var long []string
	var held []*task.Task
	if !d.read(ctx, db, check, func(tx *store.Tx) (err error) {
		queued, running, long, held = 0, 0, nil, nil
		if paused, err = task.Paused(tx); err != nil {
			return err
		}
		active, _, err := task.List(tx, task.Filter{Active: true, System: true})
		if err != nil {
			return err
		}
		for i := len(active) - 1; i >= 0; i-- { // the oldest first
			t := active[i]
			switch {
			case t.Held:
				held = append(held, t)
			case t.State.Started():
				running++
			default:
				queued++
				if long, err = waitsLong(tx, t, long); err != nil {
					return err
				}
			}
		}
		return nil
	}) {
		return
	}
	d.fine(check, "%d are under way, %d are queued", running, queued)
	if paused {
		d.warn("queue", "paused: no queued task is started", "mantle queue resume")
	}
	for _, t := range held {
		d.warn("task "+t.ID, "held: "+t.WaitReason, "")
	}
	for _, sentence := range long {
		d.warn(check, sentence, "")
	}
}

// waitsLong adds a sentence about a task that has been due for long; three say enough.
func waitsLong(tx *store.Tx, t *task.Task, long []string) ([]string, error) {
	due := t.QueuedAt
	if t.NotBefore != nil && t.NotBefore.After(due) {
		due = *t.NotBefore
	}
	waited := tx.Now.Sub(due)
	if waited < longWait || len(long) >= 3 {
		return long, nil
	}
	behind, err := task.QueuedBehind(tx, t)
	if err != nil {
		return long, err
	}
	return append(long, fmt.Sprintf("%s (%s) has waited for %s: %s", t.ID, t.Description, waited.Round(time.Minute), behind.Reason)), nil
}
