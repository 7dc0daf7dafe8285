package storage

import (
	"context"
	"errors"
	"iter"
	"strings"
	"sync"

	"github.com/mantledeploy/mantle/internal/blob"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/faultpoint"
	"github.com/mantledeploy/mantle/internal/store"
)

const (
	copiers    = 4
	batchFiles = 64
	batchBytes = 256 << 20
)

// carryOut brings a claimed move to where only the switch is left; it returns the state that was copied from.
func (m *Mover) carryOut(ctx context.Context, move *Move, from, to *shelf, result *Result) (s State, err error) {
	if move.Phase == Preparing {
		if err := m.await(ctx, true); err != nil {
			return s, err
		}
		if err := m.enter(ctx); err != nil {
			return s, err
		}
	}
	if err := m.await(ctx, false); err != nil {
		return s, err
	}
	if s, err = m.state(ctx); err != nil {
		return s, err
	}
	c := &copying{m: m, move: move, state: s, from: from, to: to, result: result}
	return s, c.run(ctx)
}

// enter lets the nodes write to the target.
func (m *Mover) enter(ctx context.Context) error {
	return m.DB.Write(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec("UPDATE storage_move SET phase = $2 WHERE mover = $1", m.id, Copying)
		if err == nil && n == 0 {
			err = errTaken()
		}
		if err != nil {
			return err
		}
		_, err = change(tx)
		return err
	})
}

// callOff ends a move to whose target nothing was written yet.
func (m *Mover) callOff(ctx context.Context) error {
	return m.DB.Write(ctx, func(tx *store.Tx) error {
		if n, err := tx.Exec("DELETE FROM storage_move WHERE mover = $1 AND phase = $2", m.id, Preparing); n == 0 || err != nil {
			return err
		}
		_, err := change(tx)
		return err
	})
}

// finish makes the target the place's location, for all nodes at once.
func (m *Mover) finish(ctx context.Context, s State, move *Move) error {
	return m.DB.Write(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec("DELETE FROM storage_move WHERE mover = $1", m.id)
		if err == nil && n == 0 {
			err = errTaken()
		}
		if err != nil {
			return err
		}
		if err := place(tx, move.Place, kept(s, move.Place, move.Target), move.Source); err != nil {
			return err
		}
		_, err = change(tx)
		return err
	})
}

// files returns the files of a location that belong to the place.
func (m *Mover) files(ctx context.Context, s State, p Place, at *shelf) iter.Seq2[blob.Info, error] {
	return keep(at.files.List(ctx, ""), func(key string) bool {
		return !strings.HasPrefix(key, ownPrefix) && s.follows(placeOf(key), p)
	})
}

// copying is the copying phase of one move.
type copying struct {
	m        *Mover
	move     *Move
	state    State
	from, to *shelf
	result   *Result

	mu       sync.Mutex
	progress Progress
}

func (c *copying) run(ctx context.Context) error {
	for info, err := range c.m.files(ctx, c.state, c.move.Place, c.from) {
		if err != nil {
			return err
		}
		c.progress.TotalFiles++
		c.progress.TotalBytes += info.Size
	}
	if err := c.copyAll(ctx); err != nil {
		return err
	}
	if err := c.compare(ctx); err != nil {
		return err
	}
	return c.present(ctx)
}

// present makes sure that both ends are still there: from one that was unmounted meanwhile nothing seems to be missing.
func (c *copying) present(ctx context.Context) error {
	for _, end := range []*shelf{c.from, c.to} {
		if end.identity == "" {
			continue
		}
		end.forget()
		if err := end.mine(ctx); err != nil {
			return err
		}
	}
	return nil
}

// copyAll copies in the order of keys, in batches, and writes down how far it is.
func (c *copying) copyAll(ctx context.Context) error {
	var batch []blob.Info
	size := int64(0)
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		if err := c.copyBatch(ctx, batch); err != nil {
			return err
		}
		if err := c.present(ctx); err != nil {
			return err
		}
		last := batch[len(batch)-1].Key
		batch, size = nil, 0
		return c.m.own(ctx, "UPDATE storage_move SET copied_through = $2 WHERE mover = $1", last)
	}
	for info, err := range c.m.files(ctx, c.state, c.move.Place, c.from) {
		if err != nil {
			return err
		}
		if info.Key <= c.move.CopiedThrough {
			c.done(info)
			continue
		}
		batch, size = append(batch, info), size+info.Size
		if len(batch) == batchFiles || size >= batchBytes {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

func (c *copying) copyBatch(ctx context.Context, batch []blob.Info) error {
	work := make(chan blob.Info)
	failed := make(chan error, copiers)
	batchCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	var workers sync.WaitGroup
	for range copiers {
		workers.Go(func() {
			for info := range work {
				if err := c.copyOne(batchCtx, info); err != nil {
					failed <- err
					cancel()
					return
				}
			}
		})
	}
feed:
	for _, info := range batch {
		select {
		case work <- info:
		case <-batchCtx.Done():
			break feed
		}
	}
	close(work)
	workers.Wait()
	select {
	case err := <-failed:
		return err
	default:
		return ctx.Err()
	}
}

// copyOne copies one file. What a node deletes meanwhile stays deleted.
func (c *copying) copyOne(ctx context.Context, info blob.Info) error {
	want := ""
	if c.m.Recorded != nil {
		var err error
		if want, err = c.m.Recorded(ctx, info.Key); err != nil {
			return err
		}
	}
	err := transfer(ctx, info.Key, want, c.from.files, c.to.files)
	if errors.Is(err, blob.ErrCorrupt) && want != "" {
		if err = transfer(ctx, info.Key, "", c.from.files, c.to.files); err == nil {
			c.mu.Lock()
			c.result.Damaged = append(c.result.Damaged, info.Key)
			c.mu.Unlock()
		}
	}
	if _, gone := c.from.files.Stat(ctx, info.Key); fault.Is(gone, fault.KindNotFound) {
		err = c.to.files.Delete(ctx, info.Key)
	}
	if err != nil {
		return err
	}
	faultpoint.Hit("storage.move.file")
	c.mu.Lock()
	c.result.Files++
	c.result.Bytes += info.Size
	c.mu.Unlock()
	c.done(info)
	return nil
}

func (c *copying) done(info blob.Info) {
	c.mu.Lock()
	c.progress.Files++
	c.progress.Bytes += info.Size
	p := c.progress
	c.mu.Unlock()
	c.m.tell(p)
}

// compare makes sure that all which is still at the source is at the target, whoever copied it.
func (c *copying) compare(ctx context.Context) error {
	there := map[string]int64{}
	for info, err := range c.m.files(ctx, c.state, c.move.Place, c.to) {
		if err != nil {
			return err
		}
		there[info.Key] = info.Size
	}
	for info, err := range c.m.files(ctx, c.state, c.move.Place, c.from) {
		if err != nil {
			return err
		}
		if size, found := there[info.Key]; found && size == info.Size {
			continue
		}
		if err := c.copyOne(ctx, info); err != nil {
			return err
		}
	}
	return nil
}
