package server

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/mantledeploy/mantle/internal/cluster"
	"github.com/mantledeploy/mantle/internal/executor/health"
	"github.com/mantledeploy/mantle/internal/infrastructure"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/task"
)

// duty is something that must be done now and then: by every node, or by one node of the cluster.
type duty struct {
	name  string
	every time.Duration
	// everywhere: each node does it for itself.
	everywhere bool
	work       func(context.Context) error
}

// duties does what is due, while this node may act, each duty on its own. A duty that fails is tried again when it is next due.
func (s *Server) duties(ctx context.Context) error {
	var group sync.WaitGroup
	for _, d := range []duty{
		{"compact task logs", 5 * time.Second, false, s.compact},
		{"schedule health checks", time.Minute, false, s.scheduleChecks},
		{"drop old marks", time.Hour, false, s.dropMarks},
		{"schedule retention", 4 * time.Hour, false, s.scheduleRetention},
		{"sweep files of what was removed", time.Hour, false, s.sweepRemoved},
		{"sweep packages", 24 * time.Hour, false, s.sweepPackages},
		{"sweep fetched packages", time.Hour, false, s.sweepFetched},
		{"sweep half-written files", time.Hour, true, func(ctx context.Context) error { _, err := s.files.Sweep(ctx, 24*time.Hour); return err }},
	} {
		group.Go(func() { s.keep(ctx, d) })
	}
	group.Wait()
	return nil
}

// keep does one duty whenever it is due.
func (s *Server) keep(ctx context.Context, d duty) {
	var next time.Time
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			acting := s.member.Acting()
			if now.Before(next) || acting.Err() != nil {
				continue
			}
			next = now.Truncate(d.every).Add(d.every)
			bounded, cancel := context.WithCancel(ctx)
			release := context.AfterFunc(acting, cancel)
			if err := s.do(bounded, d); err != nil && bounded.Err() == nil {
				s.log.Info("a duty failed; it is tried again when it is next due", "duty", d.name, "error", err)
			}
			release()
			cancel()
		}
	}
}

// do does a duty, if it is this node's turn.
func (s *Server) do(ctx context.Context, d duty) (err error) {
	if d.everywhere {
		return d.work(ctx)
	}
	mine := false
	err = s.db.Write(ctx, func(tx *store.Tx) (err error) {
		mine, err = s.member.Begin(tx, d.name, d.every)
		return err
	})
	if err != nil || !mine {
		return err
	}
	defer func() { // also when it was interrupted; where even this fails the duty is free once this node's epoch is
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		err = errors.Join(err, s.db.Write(end, func(tx *store.Tx) error { return s.member.End(tx, d.name) }))
	}()
	return d.work(ctx)
}

// compact moves logs of ended tasks from the database into files.
func (s *Server) compact(ctx context.Context) error {
	if !s.storeIsWell() { // the lines stay in the database meanwhile
		return nil
	}
	ids, err := s.taskLog.Uncompacted(ctx, 50)
	for _, id := range ids {
		if err == nil {
			err = s.taskLog.Compact(ctx, id)
		}
	}
	return err
}

// markAge is how long a write's mark is kept: longer than any write is settled.
const markAge = 48 * time.Hour

func (s *Server) dropMarks(ctx context.Context) error {
	return s.db.Write(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec("DELETE FROM write_mark WHERE at < $1", store.At(tx.Now.Add(-markAge))); err != nil {
			return err
		}
		return cluster.ForgetDuties(tx, tx.Now.Add(-markAge))
	})
}

func (s *Server) sweepPackages(ctx context.Context) error {
	_, err := s.repository.Sweep(ctx, s.db, time.Now().Add(-24*time.Hour))
	return err
}

// scheduleChecks asks for health checks of the machines that are due by their policies. One that is still queued or runs is not
// asked for again.
func (s *Server) scheduleChecks(ctx context.Context) error {
	return s.db.Write(ctx, func(tx *store.Tx) error {
		policies, err := infrastructure.Policies().Find(tx, store.Query{})
		if err != nil {
			return err
		}
		for _, p := range policies {
			if err := schedulePolicy(tx, p); err != nil {
				return err
			}
		}
		return nil
	})
}

func schedulePolicy(tx *store.Tx, p *infrastructure.Policy) error {
	interval := p.MachineHealthCheckPolicy.HealthCheckInterval
	if interval == nil || interval.Duration() <= 0 {
		return nil
	}
	due, err := dueMachines(tx, p, tx.Now.Add(-interval.Duration()))
	if err != nil || len(due) == 0 {
		return err
	}
	description := fmt.Sprintf("Check the health of machines with the policy %q", p.Name)
	_, active, err := task.List(tx, task.Filter{Spaces: []string{p.SpaceID}, Kinds: []string{health.Kind}, Active: true, Description: description, Take: 1})
	if err != nil || active > 0 {
		return err
	}
	_, err = task.Enqueue(tx, task.New{SpaceID: p.SpaceID, Kind: health.Kind, Description: description, Exclusion: "health " + p.ID, Arguments: health.Arguments{MachineIDs: due}})
	return err
}

// dueMachines returns the machines and workers with the policy that were not checked since a time.
func dueMachines(tx *store.Tx, p *infrastructure.Policy, since time.Time) ([]string, error) {
	ids := []string{}
	for _, table := range []string{"machine", "worker"} {
		err := tx.Query("SELECT m.id FROM "+table+` m LEFT JOIN machine_health h ON h.machine_id = m.id
			WHERE m.policy_id = $1 AND NOT m.is_disabled AND (h.checked_at IS NULL OR h.checked_at <= $2) ORDER BY m.id`,
			[]any{p.ID, store.At(since)}, func(row *store.Row) error {
				var id string
				err := row.Scan(&id)
				ids = append(ids, id)
				return err
			})
		if err != nil {
			return nil, err
		}
	}
	return ids, nil
}
