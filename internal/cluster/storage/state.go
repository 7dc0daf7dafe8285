package storage

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/store"
)

// Place is a kind of files that has a location.
type Place string

// The places, by the names that the command line and the API have for them.
const (
	Shared       Place = "clusterShared"
	Artifacts    Place = "artifacts"
	TaskLogs     Place = "taskLogs"
	Packages     Place = "nugetRepository"
	Imports      Place = "imports"
	EventExports Place = "eventExports"
)

// Places returns every place, the root first.
func Places() []Place {
	return []Place{Shared, Artifacts, TaskLogs, Packages, Imports, EventExports}
}

// placeOf returns the place that a key belongs to, by its first name.
func placeOf(key string) Place {
	first, _, _ := strings.Cut(key, "/")
	switch first {
	case "artifacts":
		return Artifacts
	case "tasklogs":
		return TaskLogs
	case "packages":
		return Packages
	case "imports":
		return Imports
	case "eventexports":
		return EventExports
	}
	return Shared
}

// ownPrefix is of this package's own files, which belong to a location and not to a place.
const ownPrefix = "cluster/"

// Phases of a move.
const (
	Preparing = "preparing"
	Copying   = "copying"
)

// Move is a move that is under way.
type Move struct {
	Place          Place
	Source, Target string
	Phase          string
	CopiedThrough  string
	Mover          string
	Renewals       int64
}

type located struct{ location, previous string }

// State is where everything is, as of one generation.
type State struct {
	Generation int64
	Move       *Move
	places     map[Place]located
	identities map[string]string
}

// Channel is notified when the state has changed ("state"), and when somebody found the store in trouble ("probe").
const Channel = "mantle_storage"

// Read returns the state.
func Read(tx *store.Tx) (State, error) {
	s := State{places: map[Place]located{}, identities: map[string]string{}}
	err := tx.QueryRow("SELECT generation FROM storage_state").Scan(&s.Generation)
	if err != nil && !errors.Is(err, store.ErrNoRow) {
		return s, err
	}
	err = tx.Query("SELECT name, location, previous, previous_until FROM storage_place", nil, func(row *store.Row) error {
		var name, location, previous string
		var until store.Time
		err := row.Scan(&name, &location, &previous, &until)
		if until.IsZero() || tx.Now.After(until.Time) {
			previous = noLocation
		}
		s.places[Place(name)] = located{location, previous}
		return err
	})
	if err != nil {
		return s, err
	}
	err = tx.Query("SELECT location, identity FROM storage_shelf", nil, func(row *store.Row) error {
		var location, identity string
		err := row.Scan(&location, &identity)
		s.identities[location] = identity
		return err
	})
	if err != nil {
		return s, err
	}
	m := Move{}
	err = tx.QueryRow("SELECT place, source, target, phase, copied_through, mover, renewals FROM storage_move").
		Scan((*string)(&m.Place), &m.Source, &m.Target, &m.Phase, &m.CopiedThrough, &m.Mover, &m.Renewals)
	if err == nil {
		s.Move = &m
	}
	if errors.Is(err, store.ErrNoRow) {
		err = nil
	}
	return s, err
}

// noLocation is where nothing is. The empty location is the default's.
const noLocation = "-"

// Location returns where the place is, and whether it has a location of its own.
func (s State) Location(p Place) (location string, own bool) {
	if at := s.places[p].location; p == Shared || at != "" {
		return at, true
	}
	return s.places[Shared].location, false
}

// follows tells whether the place moves with another one: its own moves, or those of the root where it has no location of its own.
func (s State) follows(p, moved Place) bool {
	if p == moved {
		return true
	}
	_, own := s.Location(p)
	return moved == Shared && !own
}

// route is where the files of a place are.
type route struct {
	write string
	// read is where they may be, in the order in which they are looked for; what is found nowhere else may be in previous.
	read     []string
	previous string
}

func (s State) route(p Place) route {
	at, own := s.Location(p)
	r := route{write: at, read: []string{at}, previous: s.previous(p)}
	if !own && r.previous == noLocation {
		r.previous = s.previous(Shared)
	}
	if m := s.Move; m != nil && m.Phase == Copying && s.follows(p, m.Place) {
		r.write, r.read = m.Target, []string{m.Target, m.Source}
	}
	if slices.Contains(r.read, r.previous) {
		r.previous = noLocation
	}
	return r
}

func (s State) previous(p Place) string {
	if at, found := s.places[p]; found {
		return at.previous
	}
	return noLocation
}

// inUse returns the locations that this node writes to or reads from, or is about to.
func (s State) inUse() []string {
	var all []string
	for _, p := range Places() {
		r := s.route(p)
		all = append(all, r.read...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// change writes that the state is another one.
func change(tx *store.Tx) (generation int64, err error) {
	err = tx.QueryRow(`INSERT INTO storage_state (id, generation) VALUES ('storage', 1)
		ON CONFLICT (id) DO UPDATE SET generation = storage_state.generation + 1 RETURNING generation`).Scan(&generation)
	tx.Notify(Channel, "state")
	return generation, err
}

// previousFor is how long a place's former location is still looked at.
const previousFor = 24 * time.Hour

// place sets where a place is.
func place(tx *store.Tx, p Place, location, previous string) error {
	until := store.Time{}
	if previous != noLocation {
		until = store.At(tx.Now.Add(previousFor))
	}
	_, err := tx.Exec(`INSERT INTO storage_place (name, location, previous, previous_until) VALUES ($1, $2, $3, $4)
		ON CONFLICT (name) DO UPDATE SET location = $2, previous = $3, previous_until = $4`, string(p), location, previous, until)
	return err
}
