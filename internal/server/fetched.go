package server

import (
	"context"
	"time"
)

// sweepFetched lets go of packages of feeds elsewhere that are kept for too long, or are too many.
func (s *Server) sweepFetched(ctx context.Context) error {
	_, err := s.repository.SweepFetched(ctx, s.db, time.Now())
	return err
}
