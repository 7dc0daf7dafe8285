package storage

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/mantledeploy/mantle/internal/blob"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/metrics"
	"github.com/mantledeploy/mantle/internal/store"
)

// Config wires a Files.
type Config struct {
	DB *store.DB
	// Open opens locations; nil is blob.OpenPath.
	Open blob.Opener
	// Default is this machine's path of the location "".
	Default string
	// Initial is where the root is, in a database that says nothing of it yet.
	Initial string
	// Installation tells clusters apart.
	Installation string
	Metrics      *metrics.Store
	Logger       *slog.Logger
	// Follow, Probe and Retry are how often the state is read, the stores are probed, and those in trouble are. 0: 2 s, 1 min, 10 s.
	Follow, Probe, Retry time.Duration
	// Patience is after how long a store "does not answer", Slow what is slow for a small file. 0: 20 s, 5 s.
	Patience, Slow time.Duration
}

func (c *Config) defaults() {
	for d, value := range map[*time.Duration]time.Duration{
		&c.Follow: 2 * time.Second, &c.Probe: time.Minute, &c.Retry: 10 * time.Second, &c.Patience: 20 * time.Second, &c.Slow: 5 * time.Second,
	} {
		if *d == 0 {
			*d = value
		}
	}
	if c.Open == nil {
		c.Open = blob.OpenPath
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
}

// Files is the blob.Store of a node: each key at the location of its place, also while the place is being moved.
type Files struct {
	c Config

	mu      sync.Mutex
	state   State
	shelves map[string]*shelf
	// writing counts the writes under way, by the generation under which they began; ended is signalled when one ends.
	writing map[int64]int
	ended   chan struct{}
	// problems are what the last probes found, by location.
	problems map[string]Problem
	probing  map[string]bool
}

// Open reads where files are. The default directory of a database that no node has used yet is made; a store that is not there is no
// error, but a problem of the node's health.
func Open(ctx context.Context, c Config) (*Files, error) {
	c.defaults()
	f := &Files{
		c: c, shelves: map[string]*shelf{}, writing: map[int64]int{}, ended: make(chan struct{}, 1),
		problems: map[string]Problem{}, probing: map[string]bool{},
	}
	if err := f.initialise(ctx); err != nil {
		return nil, err
	}
	if err := f.refresh(ctx); err != nil {
		return nil, err
	}
	s := f.current()
	for _, location := range s.inUse() {
		if s.identities[location] != "" {
			continue
		}
		if err := f.begin(ctx, location); err != nil {
			c.Logger.Error("the file store cannot be set up yet", "store", f.shelf(location).shown, "error", err)
		}
	}
	return f, nil
}

// initialise writes where the root is, once and for all nodes.
func (f *Files) initialise(ctx context.Context) error {
	if f.c.Initial == "" {
		return nil
	}
	initial, err := Normal(f.c.Initial, State{})
	if err != nil {
		return err
	}
	return f.c.DB.Write(ctx, func(tx *store.Tx) error {
		s, err := Read(tx)
		if err != nil || s.Generation > 0 || len(s.identities) > 0 {
			return err
		}
		if err := place(tx, Shared, initial, noLocation); err != nil {
			return err
		}
		_, err = change(tx)
		return err
	})
}

// begin sets a location up that has no identity yet.
func (f *Files) begin(ctx context.Context, location string) error {
	s := f.shelf(location)
	if !blob.IsURL(s.shown) {
		if _, err := blob.NewDir(s.shown); err != nil {
			return err
		}
	}
	return establish(ctx, f.c.DB, s, f.c.Installation)
}

// refresh reads the state.
func (f *Files) refresh(ctx context.Context) error {
	var s State
	err := f.c.DB.Read(ctx, func(tx *store.Tx) (err error) {
		s, err = Read(tx)
		return err
	})
	if err != nil {
		return fmt.Errorf("read where files are kept: %w", err)
	}
	f.mu.Lock()
	if s.Generation >= f.state.Generation {
		f.state = s
	}
	f.mu.Unlock()
	for location, identity := range s.identities {
		f.shelf(location).setIdentity(identity)
	}
	return nil
}

func (f *Files) current() State {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.state
}

// shelf returns the store at a location. One that cannot be opened says so in each call.
func (f *Files) shelf(location string) *shelf {
	f.mu.Lock()
	defer f.mu.Unlock()
	if s := f.shelves[location]; s != nil {
		return s
	}
	s := newShelf(f.c.Open, location, f.c.Default)
	f.shelves[location] = s
	return s
}

func newShelf(open blob.Opener, location, byDefault string) *shelf {
	s := &shelf{location: location, shown: location}
	if location == "" {
		s.shown = filepath.Clean(byDefault)
	}
	files, err := open(context.Background(), s.shown)
	if err != nil {
		files = broken{err}
	}
	s.files = files
	return s
}

// timed counts a question to the store that is over. That there is no such file is an answer.
func (f *Files) timed(operation string, began time.Time, err *error) {
	failed := *err
	if fault.Is(failed, fault.KindNotFound) {
		failed = nil
	}
	f.c.Metrics.Asked(operation, time.Since(began), failed)
}

// Put implements blob.Store.
func (f *Files) Put(ctx context.Context, key string, content io.Reader) (_ blob.Written, err error) {
	defer f.timed("put", time.Now(), &err)
	generation, r := f.startWriting(key)
	defer f.stopWriting(generation)
	at := f.shelf(r.write)
	if err := at.mine(ctx); err != nil {
		return blob.Written{}, err
	}
	for _, other := range r.read {
		if other == r.write {
			continue
		}
		if _, err := f.shelf(other).files.Stat(ctx, key); err == nil {
			return blob.Written{}, fault.Conflict("there is already a file %s; a file is never replaced, write a new key", key)
		}
	}
	w, err := at.files.Put(ctx, key, content)
	if err != nil {
		return w, err
	}
	return w, f.carry(ctx, key, at, w, generation)
}

// startWriting counts a write under the state that it goes by.
func (f *Files) startWriting(key string) (int64, route) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.writing[f.state.Generation]++
	return f.state.Generation, f.state.route(placeOf(key))
}

func (f *Files) stopWriting(generation int64) {
	f.mu.Lock()
	f.writing[generation]--
	if f.writing[generation] == 0 {
		delete(f.writing, generation)
	}
	f.mu.Unlock()
	select {
	case f.ended <- struct{}{}:
	default:
	}
}

// carry brings a file that was just written to where its place is by now: the write may have taken long, or this process was stopped.
func (f *Files) carry(ctx context.Context, key string, at *shelf, w blob.Written, generation int64) error {
	for {
		now, err := generationOf(ctx, f.c.DB)
		if err != nil || now == generation {
			return err
		}
		if err := f.refresh(ctx); err != nil {
			return err
		}
		state := f.current()
		generation = state.Generation
		to := f.shelf(state.route(placeOf(key)).write)
		if to.location == at.location {
			continue
		}
		if err := transfer(ctx, key, w.SHA256, at.files, to.files); err != nil {
			return fmt.Errorf("carry %s along, which was written while its place was moved: %w", key, err)
		}
		if err := at.files.Delete(ctx, key); err != nil {
			return err
		}
		at = to
	}
}

func generationOf(ctx context.Context, db *store.DB) (generation int64, err error) {
	err = db.Read(ctx, func(tx *store.Tx) error {
		return tx.QueryRow("SELECT COALESCE(MAX(generation), 0) FROM storage_state").Scan(&generation)
	})
	return generation, err
}

// find calls try for each store where the key may be, until it is there.
func (f *Files) find(ctx context.Context, key string, try func(blob.Store) error) error {
	if err := blob.CheckKey(key); err != nil {
		return err
	}
	state := f.current()
	r := state.route(placeOf(key))
	for _, location := range r.read {
		if err := try(f.shelf(location).files); !fault.Is(err, fault.KindNotFound) {
			return err
		}
	}
	if r.previous != noLocation && try(f.shelf(r.previous).files) == nil {
		return nil
	}
	if now, err := generationOf(ctx, f.c.DB); err == nil && now != state.Generation { // this node has not heard of a move yet
		if err := f.refresh(ctx); err != nil {
			return err
		}
		return f.find(ctx, key, try)
	}
	// A file that is missing from the wrong store is no missing file.
	if err := f.shelf(r.read[0]).mine(ctx); err != nil {
		return err
	}
	return fault.NotFound("there is no file %s", key)
}

// Open implements blob.Store.
func (f *Files) Open(ctx context.Context, key string, part blob.Part) (file *blob.File, err error) {
	defer f.timed("open", time.Now(), &err)
	err = f.find(ctx, key, func(s blob.Store) (err error) {
		file, err = s.Open(ctx, key, part)
		return err
	})
	if err != nil {
		return nil, err
	}
	return file, nil
}

// Stat implements blob.Store.
func (f *Files) Stat(ctx context.Context, key string) (info blob.Info, err error) {
	defer f.timed("stat", time.Now(), &err)
	err = f.find(ctx, key, func(s blob.Store) (err error) {
		info, err = s.Stat(ctx, key)
		return err
	})
	return info, err
}

// Delete implements blob.Store: the file goes wherever it may be, so that no move brings it back.
func (f *Files) Delete(ctx context.Context, key string) (err error) {
	defer f.timed("delete", time.Now(), &err)
	if err := blob.CheckKey(key); err != nil {
		return err
	}
	r := f.current().route(placeOf(key))
	for _, location := range r.read {
		if err := f.shelf(location).files.Delete(ctx, key); err != nil {
			return err
		}
	}
	if r.previous != noLocation {
		_ = f.shelf(r.previous).files.Delete(ctx, key) // it may be gone for good
	}
	return nil
}

// Sweep removes what writers that died left behind in directories: unfinished files older than age. It returns their number.
func (f *Files) Sweep(ctx context.Context, age time.Duration) (int, error) {
	swept := 0
	for _, location := range slices.Compact(f.current().inUse()) {
		dir, is := f.shelf(location).files.(*blob.Dir)
		if !is {
			continue
		}
		n, err := dir.Sweep(ctx, age)
		swept += n
		if err != nil {
			return swept, err
		}
	}
	return swept, nil
}
