package storage

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/mantledeploy/mantle/internal/blob"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
)

// shelf is one location on this machine.
type shelf struct {
	location string
	// shown is what people are told: the default's path, or the location.
	shown string
	files blob.Store

	mu sync.Mutex
	// identity is what the location must bear; "" while it is not known.
	identity string
	checked  time.Time
}

const identityPrefix = ownPrefix + "store/"

// guardFor is how long a found identity is not looked for again.
const guardFor = time.Second

// mine returns a fault unless the location bears its identity now: nothing is written to a mount point that is empty.
func (s *shelf) mine(ctx context.Context) error {
	s.mu.Lock()
	identity, fresh := s.identity, time.Since(s.checked) < guardFor
	s.mu.Unlock()
	if fresh {
		return nil
	}
	if identity == "" {
		return fault.Unavailable("the file store %s was never reached by this cluster; look at this node's health", s.shown)
	}
	_, err := s.files.Stat(ctx, identityPrefix+identity)
	if fault.Is(err, fault.KindNotFound) {
		return s.stranger(ctx)
	}
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.checked = time.Now()
	s.mu.Unlock()
	return nil
}

func (s *shelf) setIdentity(identity string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.identity != identity {
		s.identity, s.checked = identity, time.Time{}
	}
}

// forget lets the next look at the identity be a real one.
func (s *shelf) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.checked = time.Time{}
}

// errForeign is the cause of a fault about a store of another cluster, errUnshared about one that lacks this cluster's identity.
var (
	errForeign  = fmt.Errorf("another cluster's store")
	errUnshared = fmt.Errorf("not the cluster's store")
)

// stranger says what a location is that does not bear its identity.
func (s *shelf) stranger(ctx context.Context) error {
	for info, err := range s.files.List(ctx, identityPrefix) {
		if err != nil {
			return err
		}
		return fault.Unavailable("the file store %s belongs to another cluster, or to an earlier life of this one (it bears the identity %s): give this node the cluster's own store, the same path on every node",
			s.shown, info.Key[len(identityPrefix):]).Because(errForeign)
	}
	return fault.Unavailable("the file store %s is not the one that this cluster writes to: it lacks the cluster's mark. Mount the shared directory there, or keep the files where every node reaches them (mantle path --clusterShared DIR --move)",
		s.shown).Because(errUnshared)
}

// mark is the content of an identity.
type mark struct{ Installation string }

// establish finds out which identity a location has, and gives it one where nobody has used it before. Of several nodes that do so
// at once, the first one's counts.
func establish(ctx context.Context, db *store.DB, s *shelf, installation string) error {
	found, made, err := adopt(ctx, s, installation)
	if err != nil {
		return err
	}
	identity := found
	err = db.Write(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec("INSERT INTO storage_shelf (location, identity) VALUES ($1, $2) ON CONFLICT (location) DO NOTHING", s.location, found); err != nil {
			return err
		}
		return tx.QueryRow("SELECT identity FROM storage_shelf WHERE location = $1", s.location).Scan(&identity)
	})
	if err != nil {
		return err
	}
	if made && identity != found {
		if err := s.files.Delete(ctx, identityPrefix+found); err != nil {
			return err
		}
	}
	s.setIdentity(identity)
	return s.mine(ctx)
}

// adopt returns the identity that the location bears, or a new one that it bears from now on.
func adopt(ctx context.Context, s *shelf, installation string) (identity string, made bool, err error) {
	for info, e := range s.files.List(ctx, identityPrefix) {
		if e != nil {
			return "", false, e
		}
		identity := info.Key[len(identityPrefix):]
		m, err := readMark(ctx, s.files, info.Key)
		if err != nil {
			return "", false, err
		}
		if m.Installation != installation {
			return "", false, fault.Conflict("the file store %s belongs to another cluster (it bears the identity %s); choose an empty directory or prefix", s.shown, identity).Because(errForeign)
		}
		return identity, false, nil
	}
	text, err := json.Marshal(mark{installation})
	if err != nil {
		return "", false, err
	}
	identity = secret.NewID()
	_, err = s.files.Put(ctx, identityPrefix+identity, bytes.NewReader(text))
	return identity, true, err
}

func readMark(ctx context.Context, files blob.Store, key string) (m mark, err error) {
	f, err := files.Open(ctx, key, blob.Part{})
	if err != nil {
		return m, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 4096))
	if err != nil {
		return m, err
	}
	return m, json.Unmarshal(text, &m)
}
