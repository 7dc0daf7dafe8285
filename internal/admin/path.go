package admin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"text/tabwriter"

	"github.com/mantledeploy/mantle/internal/blob"
	"github.com/mantledeploy/mantle/internal/cluster"
	"github.com/mantledeploy/mantle/internal/cluster/storage"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
)

// PathChange says where places of files are to be.
type PathChange struct {
	// To are the new locations; the places that are not named stay.
	To map[storage.Place]string
	// Move takes the files along; Abandon leaves them behind.
	Move, Abandon bool
}

// ChangePaths sets where the cluster keeps its files, one place after the other, or shows where they are.
func (t Tool) ChangePaths(ctx context.Context, c PathChange) error {
	if c.Move && c.Abandon {
		return fault.Invalid("--move takes the files along, and --abandon-files leaves them behind; give one of them")
	}
	if len(c.To) == 0 && (c.Move || c.Abandon) {
		return fault.Invalid("say which place, such as --artifacts DIR --move")
	}
	return t.withDatabase(ctx, func(db *store.DB) error {
		if len(c.To) == 0 {
			return t.showPaths(ctx, db)
		}
		for _, p := range storage.Places() {
			if to, given := c.To[p]; given {
				if err := t.changePath(ctx, db, p, to, c); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func (t Tool) mover(ctx context.Context, db *store.DB) (*storage.Mover, storage.State, error) {
	m := &storage.Mover{DB: db, Open: t.OpenFiles, Default: filepath.Join(string(t.Config.DataDir), "files")}
	if m.Open == nil {
		m.Open = blob.OpenPath
	}
	m.Recorded = func(ctx context.Context, key string) (string, error) { return recorded(ctx, db, key) }
	var s storage.State
	err := db.Read(ctx, func(tx *store.Tx) (err error) {
		if m.Installation, err = cluster.InstallationUUID(tx); err != nil {
			return err
		}
		s, err = storage.Read(tx)
		return err
	})
	return m, s, err
}

// recorded returns the SHA-256 that the database has of a file, or nothing.
func recorded(ctx context.Context, db *store.DB, key string) (sum string, err error) {
	err = db.Read(ctx, func(tx *store.Tx) error {
		for _, query := range []string{
			"SELECT sha256 FROM task_log_file WHERE key = $1", "SELECT sha256 FROM artifact_file WHERE key = $1", "SELECT sha256 FROM package WHERE blob_key = $1",
		} {
			err := tx.QueryRow(query, key).Scan(&sum)
			if !errors.Is(err, store.ErrNoRow) {
				return err
			}
		}
		return nil
	})
	return sum, err
}

func (t Tool) changePath(ctx context.Context, db *store.DB, p storage.Place, to string, c PathChange) error {
	m, s, err := t.mover(ctx, db)
	if err != nil {
		return err
	}
	target := ""
	switch {
	case to == storage.DefaultName && p != storage.Shared:
		target, _ = s.Location(storage.Shared)
	case to != storage.DefaultName:
		if target, err = storage.Normal(to, s); err != nil {
			return err
		}
	}
	if c.Abandon {
		shown, err := m.Abandon(ctx, p, target)
		if err != nil {
			return err
		}
		return t.say("%s is now at %s. Files that were elsewhere are not found any more.", p, shown)
	}
	if at, _ := s.Location(p); at == target && s.Move == nil {
		return fault.Invalid("%s is at %s already", p, shownLocation(at, m.Default))
	}
	if !c.Move && s.Move == nil {
		if n, _, err := m.Measure(ctx, s, p, 1); err != nil {
			return err
		} else if n > 0 {
			at, _ := s.Location(p)
			return fault.Conflict("%s has files at %s; add --move to take them along while everything runs, or --abandon-files to do without them", p, shownLocation(at, m.Default))
		}
	}
	return t.move(ctx, m, p, target)
}

func (t Tool) move(ctx context.Context, m *storage.Mover, p storage.Place, target string) error {
	bar := newMoveBar(t.Err, string(p))
	m.Progress = bar.show
	r, err := m.Run(ctx, p, target)
	bar.end(err == nil)
	if err != nil {
		return err
	}
	if r.CalledOff {
		return t.say("The move of %s was called off before anything was written; it stays at %s.", p, r.Target)
	}
	if err := t.say("%s is now at %s, for all nodes.", p, r.Target); err != nil || r.Files == 0 {
		return err
	}
	for _, key := range r.Damaged {
		if err := t.say("Damaged before the move, and taken along as it is: %s", key); err != nil {
			return err
		}
	}
	return t.say("Copied and verified %d files, %d bytes. The old files are still at %s; nodes look there for a day. Remove them when you have a backup.", r.Files, r.Bytes, r.Source)
}

func shownLocation(location, byDefault string) string {
	if location == "" {
		return byDefault
	}
	return location
}

// showPaths shows where every place is, what the nodes found there, and the move that is under way.
func (t Tool) showPaths(ctx context.Context, db *store.DB) error {
	m, s, err := t.mover(ctx, db)
	if err != nil {
		return err
	}
	var marks []storage.Mark
	err = db.Read(ctx, func(tx *store.Tx) (err error) {
		marks, err = storage.Marks(tx)
		return err
	})
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(t.Out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "PLACE\tLOCATION\tSET BY")
	for _, p := range storage.Places() {
		at, own := s.Location(p)
		by := "itself"
		switch {
		case !own:
			by = string(storage.Shared)
		case at == "":
			by = "default: each node's data directory"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", p, shownLocation(at, m.Default), by)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if s.Move != nil {
		fmt.Fprintf(t.Out, "\nA move of %s from %s to %s is under way (%s).\n", s.Move.Place, shownLocation(s.Move.Source, m.Default), shownLocation(s.Move.Target, m.Default), s.Move.Phase)
	}
	return showMarks(t.Out, marks)
}

func showMarks(out io.Writer, marks []storage.Mark) error {
	for _, mark := range marks {
		if mark.Kind == "" {
			continue
		}
		if _, err := fmt.Fprintf(out, "\nNode %s: %s: %s\n", mark.NodeName, mark.Kind, mark.Problem); err != nil {
			return err
		}
	}
	return nil
}
