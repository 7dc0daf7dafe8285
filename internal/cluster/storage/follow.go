package storage

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/mantledeploy/mantle/internal/cluster"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
)

// Join makes the first probe, so that a node in trouble takes no task before that is known, and begins to follow the state.
func (f *Files) Join(ctx context.Context, m *cluster.Member) {
	if err := f.follow(ctx, m); err != nil {
		f.c.Logger.Info("the state of the file store could not be followed", "error", err)
	}
	f.probe(ctx, m)
}

// Run follows the state and probes the locations until ctx ends.
func (f *Files) Run(ctx context.Context, m *cluster.Member) error {
	var parts sync.WaitGroup
	parts.Go(func() { f.runFollow(ctx, m) })
	parts.Go(func() { f.runProbe(ctx, m) })
	parts.Wait()
	return nil
}

func (f *Files) runFollow(ctx context.Context, m *cluster.Member) {
	changed := f.c.DB.Listen(Channel)
	defer changed.Close()
	tick := time.NewTicker(f.c.Follow)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-changed.C:
		case <-tick.C:
		case <-f.ended:
			if !f.lags() {
				continue
			}
		}
		if err := f.follow(ctx, m); err != nil && ctx.Err() == nil {
			f.c.Logger.Debug("the state of the file store could not be followed", "error", err)
		}
	}
}

// lags tells whether a write is under way that began before the present state.
func (f *Files) lags() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.state.Move != nil
}

func (f *Files) runProbe(ctx context.Context, m *cluster.Member) {
	asked := f.c.DB.Listen(Channel)
	defer asked.Close()
	next := f.c.Probe
	for {
		t := time.NewTimer(next)
	wait:
		for {
			select {
			case <-ctx.Done():
				t.Stop()
				return
			case <-t.C:
				break wait
			case what := <-asked.C:
				if what == "probe" {
					break wait
				}
				if len(f.Problems()) > 0 {
					f.judge(ctx, m)
				}
			}
		}
		t.Stop()
		before := len(f.Problems())
		f.probe(ctx, m)
		now := len(f.Problems())
		if next = f.c.Probe; now > 0 {
			next = min(f.c.Retry, f.c.Probe)
		}
		if (now > 0) != (before > 0) && ctx.Err() == nil {
			f.askOthers(ctx, before == 0)
		}
	}
}

// askOthers lets the other nodes look as well when this one found trouble, and think again when it is over.
func (f *Files) askOthers(ctx context.Context, begun bool) {
	what := "told"
	if begun {
		what = "probe"
	}
	_ = f.c.DB.Write(ctx, func(tx *store.Tx) error { // a hint; they look by themselves every minute
		tx.Notify(Channel, what)
		return nil
	})
}

// follow takes the present state up, and tells the mover so once no write goes by an older one.
func (f *Files) follow(ctx context.Context, m *cluster.Member) error {
	if err := f.refresh(ctx); err != nil {
		return err
	}
	state := f.current()
	problem := ""
	if state.Move != nil {
		problem = f.reaches(ctx, state.Move)
	}
	f.mu.Lock()
	behind := false
	for generation := range f.writing {
		behind = behind || generation < state.Generation
	}
	f.mu.Unlock()
	if behind {
		return nil // a write that ends looks again
	}
	return f.c.DB.Write(ctx, func(tx *store.Tx) error {
		var before int64
		var epoch, told string
		err := tx.QueryRow("SELECT epoch, generation, problem FROM storage_node WHERE node_id = $1", m.ID()).Scan(&epoch, &before, &told)
		if err == nil && epoch == m.Epoch() && before == state.Generation && told == problem {
			return nil
		}
		if err != nil && !errors.Is(err, store.ErrNoRow) {
			return err
		}
		_, err = tx.Exec(`INSERT INTO storage_node (node_id, epoch, generation, problem) VALUES ($1, $2, $3, $4)
			ON CONFLICT (node_id) DO UPDATE SET epoch = $2, generation = $3, problem = $4`, m.ID(), m.Epoch(), state.Generation, problem)
		return err
	})
}

// reaches says why this node does not reach where a place is being moved to, or nothing.
func (f *Files) reaches(ctx context.Context, move *Move) string {
	ctx, cancel := context.WithTimeout(ctx, f.c.Patience)
	defer cancel()
	target := f.shelf(move.Target)
	err := target.mine(ctx)
	if err == nil {
		err = writable(ctx, target)
	}
	if fault.Is(err, fault.KindUnavailable) || err == nil {
		return text(err)
	}
	return "the file store " + target.shown + " cannot be used: " + err.Error()
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
