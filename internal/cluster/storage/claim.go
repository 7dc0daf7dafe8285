package storage

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/mantledeploy/mantle/internal/clock"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
)

const (
	moverBeat  = 2 * time.Second
	moverLease = 8 * time.Second
)

// awaitMover returns when no other process carries the move out: its count has stood still for long enough, or there is none.
func (m *Mover) awaitMover(ctx context.Context) error {
	var first *Move
	for begun := time.Now(); ; {
		s, err := m.state(ctx)
		if err != nil {
			return err
		}
		now := s.Move
		switch {
		case now == nil || now.Mover == "":
			return nil
		case first == nil:
			first = now
		case now.Mover != first.Mover || now.Renewals != first.Renewals:
			return fault.Conflict("another process carries out the move of %s to %s; wait for its end, or end it", now.Place, name(now.Target))
		case time.Since(begun) > moverLease:
			return nil
		}
		if err := clock.Wait(ctx, moverBeat/4); err != nil {
			return err
		}
	}
}

// claim begins the move, or takes the one that is under way over. It returns nil where the move under way was called off.
func (m *Mover) claim(ctx context.Context, p Place, source, target string) (*Move, error) {
	var claimed *Move
	err := m.DB.Write(ctx, func(tx *store.Tx) error {
		claimed = nil
		s, err := Read(tx)
		if err != nil {
			return err
		}
		switch under := s.Move; {
		case under == nil:
			claimed = &Move{Place: p, Source: source, Target: target, Phase: Preparing}
			_, err = tx.Exec(`INSERT INTO storage_move (id, place, source, target, phase, copied_through, mover, renewals, begun_at)
				VALUES ('move', $1, $2, $3, $4, '', $5, 0, $6)`, string(p), source, target, Preparing, m.id, store.At(tx.Now))
		case under.Place == p && under.Target == target:
			claimed = under
			_, err = tx.Exec("UPDATE storage_move SET mover = $1, renewals = 0", m.id)
		case under.Place == p && under.Source == target && under.Phase == Preparing:
			_, err = tx.Exec("DELETE FROM storage_move")
		case under.Place == p && under.Source == target:
			claimed = &Move{Place: p, Source: under.Target, Target: under.Source, Phase: Copying}
			_, err = tx.Exec("UPDATE storage_move SET source = $1, target = $2, copied_through = '', mover = $3, renewals = 0", under.Target, under.Source, m.id)
		default:
			return underWay(under)
		}
		if err != nil {
			return err
		}
		_, err = change(tx)
		return err
	})
	return claimed, err
}

// beat shows that this mover lives, and ends its work when another one has taken it over.
func (m *Mover) beat(ctx context.Context, stop context.CancelCauseFunc) {
	for clock.Wait(ctx, moverBeat) == nil {
		err := m.own(ctx, "UPDATE storage_move SET renewals = renewals + 1 WHERE mover = $1")
		if fault.Is(err, fault.KindConflict) {
			stop(err)
			return
		}
	}
}

// own changes the move while it is this mover's.
func (m *Mover) own(ctx context.Context, statement string, args ...any) error {
	return m.DB.Write(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec(statement, append([]any{m.id}, args...)...)
		if err == nil && n == 0 {
			err = errTaken()
		}
		return err
	})
}

func errTaken() error {
	return fault.Conflict("another process has taken the move over, or it was called off")
}

// letGo lets the next mover begin at once.
func (m *Mover) letGo() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return m.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec("UPDATE storage_move SET mover = '' WHERE mover = $1", m.id)
		return err
	})
}

// laggard is a node that does not follow a generation yet, or has a problem with it.
type laggard struct{ node, problem string }

// lagging returns the nodes that are online and not at the generation, and those that have a problem with it.
func lagging(tx *store.Tx, generation int64) (behind, unable []laggard, err error) {
	err = tx.Query(`SELECT COALESCE(n.shown_name, n.name), COALESCE(s.generation, 0), COALESCE(s.problem, '') FROM node n
		LEFT JOIN storage_node s ON s.node_id = n.id AND s.epoch = n.epoch WHERE n.epoch IS NOT NULL ORDER BY n.seq`, nil, func(row *store.Row) error {
		var l laggard
		var at int64
		err := row.Scan(&l.node, &at, &l.problem)
		if at < generation {
			behind = append(behind, l)
		} else if l.problem != "" {
			unable = append(unable, l)
		}
		return err
	})
	return behind, unable, err
}

// await returns when every node that is online follows the present state; with the first one's problem where one cannot.
func (m *Mover) await(ctx context.Context, heedProblems bool) error {
	s, err := m.state(ctx)
	if err != nil {
		return err
	}
	for {
		var behind, unable []laggard
		err := m.DB.Read(ctx, func(tx *store.Tx) (err error) {
			behind, unable, err = lagging(tx, s.Generation)
			return err
		})
		if err != nil {
			return err
		}
		if heedProblems && len(unable) > 0 {
			return fault.Conflict("the node %s does not reach the new place: %s", unable[0].node, unable[0].problem)
		}
		if len(behind) == 0 {
			return nil
		}
		var names []string
		for _, l := range behind {
			names = append(names, l.node)
		}
		slices.Sort(names)
		m.tell(Progress{Waiting: names})
		if err := clock.Wait(ctx, 250*time.Millisecond); err != nil {
			return fmt.Errorf("wait for %v: %w", names, err)
		}
	}
}

func (m *Mover) tell(p Progress) {
	if m.Progress != nil {
		m.Progress(p)
	}
}
