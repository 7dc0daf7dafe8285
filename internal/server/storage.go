package server

import (
	"context"
	"path/filepath"
	"slices"

	"github.com/mantledeploy/mantle/internal/cluster/storage"
)

// openStorage finds out where the cluster keeps its files.
func (s *Server) openStorage(ctx context.Context) (err error) {
	s.files, err = storage.Open(ctx, storage.Config{
		DB: s.db, Open: s.open, Default: DefaultFiles(string(s.cfg.DataDir)), Initial: string(s.cfg.ClusterShared), Installation: s.installation.UUID, Logger: s.log,
	})
	return err
}

// DefaultFiles is where a node keeps files that have no location of their own.
func DefaultFiles(dataDir string) string { return filepath.Join(dataDir, "files") }

// keepStorage follows moves of the store, and tells the cluster how it is.
func (s *Server) keepStorage(ctx context.Context) error { return s.files.Run(ctx, s.member) }

// storeIsWell tells whether files can be written, as far as the last look at the store knows. What can wait does when they cannot.
func (s *Server) storeIsWell() bool {
	return !slices.ContainsFunc(s.files.Problems(), func(p storage.Problem) bool { return p.Kind != storage.Slow })
}
