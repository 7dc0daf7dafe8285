package storage

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/blob"
	"github.com/mantledeploy/mantle/internal/clock"
	"github.com/mantledeploy/mantle/internal/cluster"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
)

const (
	markerPrefix = ownPrefix + "nodes/"
	// markerSize is more than a file system hands out when it is full.
	markerSize = 16 << 10
)

// prober looks at one location from one node.
type prober struct {
	f *Files
	// m is the node; nil: a guest looks, who sets nothing up, tells nobody, and takes its marker away.
	m     *cluster.Member
	shelf *shelf
	// limit ends a look at a store that does not answer. It stands still while the database is asked.
	limit *time.Timer
	// seen are the nodes whose markers were found.
	seen map[string]bool
}

// guest is what markers are kept under that no node has left.
const guest = "guest"

func (p *prober) id() string {
	if p.m == nil {
		return guest
	}
	return p.m.ID()
}

// asks calls the database. However long that takes, it says nothing of the store.
func (p *prober) asks(call func() error) error {
	if p.limit.Stop() {
		defer p.limit.Reset(p.f.c.Patience)
	}
	return call()
}

// probe looks at every location in use, and tells the cluster what it found.
func (f *Files) probe(ctx context.Context, m *cluster.Member) {
	for _, location := range f.current().inUse() {
		s := f.shelf(location)
		p, _ := f.probeOne(ctx, m, s)
		if ctx.Err() != nil {
			return
		}
		if p.Kind != "" && p.Kind != Slow && p.Kind != Blind { // those have left a marker
			_ = (&prober{f: f, m: m, shelf: s}).tell(ctx, "", p)
		}
		f.note(p, location)
	}
	f.judge(ctx, m)
}

// probeOne looks at one location, for as long as patience lasts: a network file system may let nobody go. Where an earlier look has
// not come back yet, no other one begins. It returns the nodes whose markers it saw, too.
func (f *Files) probeOne(ctx context.Context, m *cluster.Member, s *shelf) (Problem, []string) {
	hangs := Problem{Kind: Away, Location: s.location, Text: fmt.Sprintf("the file store %s does not answer within %s; look at its server and at the network", s.shown, f.c.Patience)}
	f.mu.Lock()
	busy := f.probing[s.location]
	f.probing[s.location] = true
	f.mu.Unlock()
	if busy {
		return hangs, nil
	}
	type view struct {
		problem Problem
		nodes   []string
	}
	found := make(chan view, 1)
	look, cancel := context.WithCancel(ctx)
	p := &prober{f: f, m: m, shelf: s, limit: time.AfterFunc(f.c.Patience, cancel), seen: map[string]bool{}}
	go func() {
		defer cancel()
		defer p.limit.Stop()
		seen := p.look(look)
		if seen.Kind != "" && look.Err() != nil {
			seen = hangs
		}
		f.mu.Lock()
		delete(f.probing, s.location)
		f.mu.Unlock()
		found <- view{seen, slices.Sorted(maps.Keys(p.seen))}
	}()
	select {
	case v := <-found:
		return v.problem, v.nodes
	case <-look.Done():
	}
	select {
	case v := <-found: // the look's end ends its context, too
		return v.problem, v.nodes
	default:
		return hangs, nil
	}
}

// look does what a probe does, step by step.
func (p *prober) look(ctx context.Context) Problem {
	if err := p.identified(ctx); err != nil {
		found := problemOf(p.shelf.location, err)
		if found.Kind == Away && p.shelf.location == "" {
			found.Text += " On a node of several, keep the files where each of them reaches them: mantle path --clusterShared DIR --move"
		}
		return found
	}
	begun := time.Now()
	key := markerPrefix + p.id() + "/" + secret.NewID()
	content := bytes.Repeat([]byte(key+"\n"), markerSize/len(key))
	w, err := p.shelf.files.Put(ctx, key, bytes.NewReader(content))
	if err == nil {
		_, err = sumOf(ctx, p.shelf.files, key, w.SHA256)
	}
	took := time.Since(begun)
	if err != nil {
		return problemOf(p.shelf.location, err)
	}
	found, err := p.others(ctx)
	if err != nil {
		found = problemOf(p.shelf.location, err)
	}
	if found.Kind == "" && took > p.f.c.Slow {
		found = Problem{Kind: Slow, Location: p.shelf.location, Text: fmt.Sprintf("the file store %s is slow: a small file took %s; look at its server and at the network", p.shelf.shown, took.Round(time.Millisecond))}
	}
	if p.m == nil {
		if err := p.shelf.files.Delete(ctx, key); err != nil && found.Kind == "" {
			found = problemOf(p.shelf.location, err)
		}
		return found
	}
	if p.asks(func() error { return p.tell(ctx, key, found) }) == nil { // otherwise the others look for the marker before
		p.sweep(ctx, key)
	}
	return found
}

// identified makes sure that this is the cluster's store, and sets it up where no node could do so before.
func (p *prober) identified(ctx context.Context) error {
	if p.m == nil || p.f.current().identities[p.shelf.location] != "" {
		p.shelf.forget()
		return p.shelf.mine(ctx)
	}
	if err := p.f.begin(ctx, p.shelf.location); err != nil {
		return err
	}
	return p.f.refresh(ctx)
}

// tell writes which marker this node has left, and what it found. What it cannot tell now it tells the next time.
func (p *prober) tell(ctx context.Context, key string, found Problem) error {
	err := p.f.c.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO storage_mark (node_id, location, epoch, key, kind, problem) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (node_id, location) DO UPDATE SET epoch = $3, key = $4, kind = $5, problem = $6`,
			p.m.ID(), p.shelf.location, p.m.Epoch(), key, found.Kind, found.Text)
		return err
	})
	if err != nil && ctx.Err() == nil {
		p.f.c.Logger.Info("the state of the file store could not be told to the other nodes", "error", err)
	}
	return err
}

// others looks for the markers of the other nodes. A marker that is not seen may have been replaced meanwhile, or may come late.
func (p *prober) others(ctx context.Context) (Problem, error) {
	var missing []Mark
	for try := range 3 {
		if try > 0 {
			if err := clock.Wait(ctx, time.Second); err != nil {
				return Problem{}, err
			}
		}
		var marks []Mark
		err := p.asks(func() error {
			return p.f.c.DB.Read(ctx, func(tx *store.Tx) (err error) {
				marks, err = Marks(tx)
				return err
			})
		})
		if err != nil { // the heartbeat has its own word for that
			return Problem{}, nil //nolint:nilerr // the database is not this probe's concern
		}
		missing = nil
		for _, m := range marks {
			if m.Location != p.shelf.location || m.NodeID == p.id() || m.key == "" {
				continue
			}
			_, err := p.shelf.files.Stat(ctx, m.key)
			if err == nil {
				p.seen[m.NodeName] = true
			}
			if fault.Is(err, fault.KindNotFound) {
				missing = append(missing, m)
			} else if err != nil {
				return Problem{}, err
			}
		}
		if len(missing) == 0 {
			return Problem{}, nil
		}
	}
	return Problem{
		Kind: Blind, Location: p.shelf.location, blindTo: missing[0].epoch,
		Text: fmt.Sprintf("what the node %s writes to the file store %s is not seen here: the two have different copies of one store; mount the same one on both", missing[0].NodeName, p.shelf.shown),
	}, nil
}

// sweep removes this node's older markers.
func (p *prober) sweep(ctx context.Context, current string) {
	var old []string
	for info, err := range p.shelf.files.List(ctx, markerPrefix+p.m.ID()+"/") {
		if err != nil {
			return
		}
		if info.Key != current {
			old = append(old, info.Key)
		}
	}
	for _, key := range old {
		if p.shelf.files.Delete(ctx, key) != nil {
			return
		}
	}
}

// note remembers what was found, and says so once.
func (f *Files) note(p Problem, location string) {
	f.mu.Lock()
	before := f.problems[location]
	if p.Kind == "" {
		delete(f.problems, location)
	} else {
		f.problems[location] = p
	}
	f.mu.Unlock()
	switch {
	case p.Kind != "" && p.Kind != before.Kind:
		f.c.Logger.Warn("the file store is in trouble", "problem", p.Kind, "reason", p.Text)
	case p.Kind == "" && before.Kind != "":
		f.c.Logger.Info("the file store is well again", "store", f.shelf(location).shown)
	}
}

// Problems returns what the last probes found.
func (f *Files) Problems() []Problem {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []Problem
	for _, p := range f.problems {
		all = append(all, p)
	}
	return all
}

// judge decides whether this node may take tasks, from what it and the others found.
func (f *Files) judge(ctx context.Context, m *cluster.Member) {
	problems := f.Problems()
	if len(problems) == 0 {
		m.SetTrouble("storage", "")
		return
	}
	var marks []Mark
	var nodes []cluster.Node
	err := f.c.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if marks, err = Marks(tx); err != nil {
			return err
		}
		nodes, err = cluster.Nodes(tx)
		return err
	})
	if err != nil {
		return // without a database nothing is claimed
	}
	var reasons []string
	for _, p := range problems {
		if unfit(p, m.Epoch(), marks, nodes) {
			reasons = append(reasons, sentence(p.Text))
		}
	}
	m.SetTrouble("storage", strings.Join(reasons, " "))
}

var _ blob.Store = (*Files)(nil)
