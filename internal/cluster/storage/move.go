package storage

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"

	"github.com/mantledeploy/mantle/internal/blob"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
)

// Progress is how far a move is.
type Progress struct {
	// Waiting names the nodes that are waited for; empty while files are copied.
	Waiting []string
	// Files and Bytes were copied, or were there already, of the totals.
	Files, TotalFiles int
	Bytes, TotalBytes int64
}

// Mover moves places. It works from any machine that reaches the database and both locations, while nodes run or not.
type Mover struct {
	DB   *store.DB
	Open blob.Opener
	// Default is this machine's path of the location "".
	Default      string
	Installation string
	// Recorded returns the SHA-256 that the database has of a file, or "" where it has none.
	Recorded func(ctx context.Context, key string) (string, error)
	// Progress is told now and then; nil: nobody is.
	Progress func(Progress)

	id string
}

// Result is what a move did.
type Result struct {
	Files int
	Bytes int64
	// Damaged are the files that were not any more what the database recorded, before the move. They were taken along as they are.
	Damaged []string
	// CalledOff: the move that was under way was turned around before a file was written to its target.
	CalledOff bool
	// Source and Target are where the place was and is, for people.
	Source, Target string
}

// Normal returns a location in the form in which locations are compared. A relative path is one below the root's directory.
func Normal(location string, s State) (string, error) {
	if blob.IsURL(location) {
		return strings.TrimRight(location, "/"), nil
	}
	if filepath.IsAbs(location) {
		return filepath.Clean(location), nil
	}
	root, _ := s.Location(Shared)
	if root == "" || blob.IsURL(root) || !filepath.IsLocal(location) {
		return "", fault.Invalid("the path %q is not absolute; nodes start in different directories", location)
	}
	return filepath.Join(root, location), nil
}

// Measure counts the files that a move of the place would copy. It stops at the limit, if there is one.
func (m *Mover) Measure(ctx context.Context, s State, p Place, limit int) (files int, size int64, err error) {
	at, _ := s.Location(p)
	for info, err := range m.files(ctx, s, p, m.shelf(at)) {
		if err != nil {
			return files, size, err
		}
		files, size = files+1, size+info.Size
		if files == limit {
			break
		}
	}
	return files, size, nil
}

func (m *Mover) shelf(location string) *shelf { return newShelf(m.Open, location, m.Default) }

// Run moves the place to the location, or goes on with a move there that was cut.
func (m *Mover) Run(ctx context.Context, p Place, target string) (Result, error) {
	m.id = secret.NewID()
	from, to, err := m.ends(ctx, p, target)
	if err != nil {
		return Result{}, err
	}
	result := Result{Source: from.shown, Target: to.shown}
	if err := m.awaitMover(ctx); err != nil {
		return result, err
	}
	move, err := m.claim(ctx, p, from.location, to.location)
	if err != nil {
		return result, err
	}
	if move == nil {
		result.CalledOff = true
		return result, nil
	}
	s, err := m.whileBeating(ctx, func(ctx context.Context) (State, error) { return m.carryOut(ctx, move, from, to, &result) })
	if fault.Is(err, fault.KindConflict) && move.Phase == Preparing {
		err = errors.Join(err, m.callOff(ctx))
	}
	if err == nil {
		err = m.finish(ctx, s, move)
	}
	if err == nil {
		err = m.await(ctx, false)
	}
	if err != nil {
		err = errors.Join(err, m.letGo())
	}
	return result, err
}

// whileBeating carries the move out while others see that it is this mover's. When it returns the beat has ended: a move that ends must not look to it
// like one that was lost.
func (m *Mover) whileBeating(ctx context.Context, carryOut func(context.Context) (State, error)) (State, error) {
	ctx, stop := context.WithCancelCause(ctx)
	var beat sync.WaitGroup
	beat.Go(func() { m.beat(ctx, stop) })
	s, err := carryOut(ctx)
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	stop(nil)
	beat.Wait()
	return s, err
}

// ends opens both ends of the move and makes sure that they are what they should be.
func (m *Mover) ends(ctx context.Context, p Place, target string) (from, to *shelf, err error) {
	s, err := m.state(ctx)
	if err != nil {
		return nil, nil, err
	}
	at, _ := s.Location(p)
	if s.Move != nil && s.Move.Place == p { // from where it comes, seen from the target
		if at = s.Move.Source; target == at {
			at = s.Move.Target
		}
	}
	from, to = m.shelf(at), m.shelf(target)
	if from.shown == to.shown {
		return nil, nil, fault.Invalid("%s is at %s already", p, to.shown)
	}
	if nested(from.shown, to.shown) || nested(to.shown, from.shown) {
		return nil, nil, fault.Invalid("%s and %s lie within each other; choose a place beside the present one", from.shown, to.shown)
	}
	from.setIdentity(s.identities[at])
	if from.identity != "" {
		if err := from.mine(ctx); err != nil {
			return nil, nil, fault.Conflict("the files cannot be moved from here: %v", err).Because(err)
		}
	}
	return from, to, m.prepare(ctx, to, s.identities[target])
}

// prepare makes the target this cluster's and tries it.
func (m *Mover) prepare(ctx context.Context, to *shelf, identity string) error {
	if !blob.IsURL(to.shown) {
		if _, err := blob.NewDir(to.shown); err != nil {
			return err
		}
	}
	to.setIdentity(identity)
	if identity == "" {
		if err := establish(ctx, m.DB, to, m.Installation); err != nil {
			return err
		}
	}
	if err := to.mine(ctx); err != nil {
		return err
	}
	return writable(ctx, to)
}

// writable tries whether a file can be written, read and deleted.
func writable(ctx context.Context, s *shelf) error {
	key := markerPrefix + "probe/" + secret.NewID()
	w, err := s.files.Put(ctx, key, strings.NewReader(key))
	if err != nil {
		return err
	}
	_, err = sumOf(ctx, s.files, key, w.SHA256)
	return errors.Join(err, s.files.Delete(ctx, key))
}

func nested(outer, inner string) bool {
	outer, _, _ = strings.Cut(outer, "?")
	inner, _, _ = strings.Cut(inner, "?")
	rest, below := strings.CutPrefix(filepath.ToSlash(inner), strings.TrimRight(filepath.ToSlash(outer), "/"))
	return below && strings.HasPrefix(rest, "/")
}

func (m *Mover) state(ctx context.Context) (s State, err error) {
	err = m.DB.Read(ctx, func(tx *store.Tx) (err error) {
		s, err = Read(tx)
		return err
	})
	return s, err
}

// Abandon sets where a place is without taking its files along, and gives the location an identity anew where it has lost it.
func (m *Mover) Abandon(ctx context.Context, p Place, target string) (shown string, err error) {
	to := m.shelf(target)
	if !blob.IsURL(to.shown) {
		if _, err := blob.NewDir(to.shown); err != nil {
			return "", err
		}
	}
	identity, _, err := adopt(ctx, to, m.Installation)
	if err != nil {
		return "", err
	}
	if err := writable(ctx, to); err != nil {
		return "", err
	}
	return to.shown, m.DB.Write(ctx, func(tx *store.Tx) error {
		s, err := Read(tx)
		if err != nil {
			return err
		}
		if s.Move != nil {
			return underWay(s.Move)
		}
		_, err = tx.Exec("INSERT INTO storage_shelf (location, identity) VALUES ($1, $2) ON CONFLICT (location) DO UPDATE SET identity = $2", to.location, identity)
		if err != nil {
			return err
		}
		if err := place(tx, p, kept(s, p, to.location), noLocation); err != nil {
			return err
		}
		_, err = change(tx)
		return err
	})
}

// kept is how a place's location is written: that of the root is no location of its own.
func kept(s State, p Place, location string) string {
	if root, _ := s.Location(Shared); p != Shared && location == root {
		return ""
	}
	return location
}

func underWay(m *Move) error {
	return fault.Conflict("a move of %s to %s is under way: go on with it (mantle path --%s %s --move), or turn it around (mantle path --%s %s --move)",
		m.Place, name(m.Target), m.Place, name(m.Target), m.Place, name(m.Source))
}

// DefaultName is how people write the location that every node has below its own data directory.
const DefaultName = "default"

func name(location string) string {
	if location == "" {
		return DefaultName
	}
	return location
}
