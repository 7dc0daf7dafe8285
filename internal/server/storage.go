package server

import (
	"context"
	"path/filepath"
	"slices"

	"github.com/mantledeploy/mantle/internal/api/systemapi"
	"github.com/mantledeploy/mantle/internal/cluster/storage"
	"github.com/mantledeploy/mantle/internal/store"
)

// openStorage finds out where the cluster keeps its files.
func (s *Server) openStorage(ctx context.Context) (err error) {
	s.files, err = storage.Open(ctx, storage.Config{
		DB: s.db, Open: s.open, Default: DefaultFiles(string(s.cfg.DataDir)), Initial: string(s.cfg.ClusterShared), Installation: s.installation.UUID, Metrics: s.metrics.Store, Logger: s.log,
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

// showStorage tells the API where files are kept.
func showStorage(tx *store.Tx) (systemapi.Storage, error) {
	state, err := storage.Read(tx)
	if err != nil {
		return systemapi.Storage{}, err
	}
	marks, err := storage.Marks(tx)
	own := func(p storage.Place) string {
		if at, own := state.Location(p); own {
			return at
		}
		return ""
	}
	shown := systemapi.Storage{
		ClusterShared: own(storage.Shared), Artifacts: own(storage.Artifacts), TaskLogs: own(storage.TaskLogs), NugetRepository: own(storage.Packages),
		Imports: own(storage.Imports), EventExports: own(storage.EventExports), Problems: []systemapi.StorageProblem{},
	}
	if m := state.Move; m != nil {
		shown.Move = &systemapi.StorageMove{Place: string(m.Place), From: m.Source, To: m.Target, Phase: m.Phase}
	}
	for _, m := range marks {
		if m.Kind != "" {
			shown.Problems = append(shown.Problems, systemapi.StorageProblem{NodeID: m.NodeID, Node: m.NodeName, Location: m.Location, Kind: m.Kind, Message: m.Problem})
		}
	}
	return shown, err
}
