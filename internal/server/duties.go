package server

import (
	"context"
	"time"

	"github.com/mantledeploy/mantle/internal/store"
)

// duties does what must be done now and then: logs of ended tasks are compacted, marks of old writes are dropped, left-over
// files are swept.
func (s *Server) duties(ctx context.Context) error {
	often := time.NewTicker(5 * time.Second)
	defer often.Stop()
	seldom := time.NewTicker(time.Hour)
	defer seldom.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-often.C:
			if s.member.Acting().Err() == nil {
				s.compact(ctx)
			}
		case <-seldom.C:
			if s.member.Acting().Err() == nil {
				s.tidy(ctx)
			}
		}
	}
}

func (s *Server) compact(ctx context.Context) {
	ids, err := s.taskLog.Uncompacted(ctx, 20)
	for _, id := range ids {
		if err == nil {
			err = s.taskLog.Compact(ctx, id)
		}
	}
	if err != nil && ctx.Err() == nil {
		s.log.Info("logs of ended tasks could not be compacted; they stay in the database until it works", "error", err)
	}
}

// markAge is how long a write's mark is kept: longer than any write is settled.
const markAge = 48 * time.Hour

func (s *Server) tidy(ctx context.Context) {
	err := s.db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec("DELETE FROM write_mark WHERE at < $1", store.At(tx.Now.Add(-markAge)))
		return err
	})
	if err == nil {
		_, err = s.files.Sweep(ctx, 24*time.Hour)
	}
	if err != nil && ctx.Err() == nil {
		s.log.Info("tidying up failed; it is tried again in an hour", "error", err)
	}
}
