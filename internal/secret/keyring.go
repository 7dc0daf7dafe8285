package secret

import (
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/mantledeploy/mantle/internal/fault"
)

// WrappedKey is a data key encrypted by a master key, in its text form for the database:
// the data key's ID, the master key's ID and the encrypted key, with dots between.
type WrappedKey string

// MasterKeyID returns the ID of the master key that unwraps the data key.
func (w WrappedKey) MasterKeyID() string {
	parts := strings.Split(string(w), ".")
	if len(parts) != 3 {
		return ""
	}
	return parts[1]
}

// Keyring seals and opens values. It may be used by many goroutines. While a master key is being rotated, two are
// valid: the first wraps, both unwrap.
type Keyring struct {
	mu      sync.RWMutex // guards what follows
	masters []MasterKey
	keys    map[string]dataKey
	current string
}

type dataKey struct {
	raw  Text
	aead cipher.AEAD
}

// NewKeyring makes a keyring without data keys: Add those of the database, or NewDataKey at the first start.
// The older master keys only unwrap.
func NewKeyring(master MasterKey, older ...MasterKey) *Keyring {
	return &Keyring{masters: append([]MasterKey{master}, older...), keys: map[string]dataKey{}}
}

// NewDataKey makes a data key that seals from now on, and returns it wrapped, to be stored before anything is sealed.
func (k *Keyring) NewDataKey() (WrappedKey, error) {
	var raw [32]byte
	rand.Read(raw[:])
	id := strings.ToLower(rand.Text()[:12])
	wrapped, err := k.wrap(id, raw[:])
	if err != nil {
		return "", err
	}
	return wrapped, k.put(id, raw[:])
}

// Add takes stored data keys into the ring, oldest first; the last one seals from now on.
func (k *Keyring) Add(wrapped ...WrappedKey) error {
	for _, w := range wrapped {
		id, raw, err := k.unwrap(w)
		if err != nil {
			return err
		}
		if err := k.put(id, raw); err != nil {
			return err
		}
	}
	return nil
}

// Adopt makes a master key the first one, which wraps; the others still unwrap.
func (k *Keyring) Adopt(master MasterKey) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.masters = append([]MasterKey{master}, slices.DeleteFunc(slices.Clone(k.masters), master.Equal)...)
}

// Master returns the first master key.
func (k *Keyring) Master() MasterKey { return k.known()[0] }

func (k *Keyring) known() []MasterKey {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.masters
}

// Rewrap returns the data key wrapped by the first master key, for the rotation of master keys.
func (k *Keyring) Rewrap(w WrappedKey) (WrappedKey, error) {
	if w.MasterKeyID() == k.Master().ID() {
		return w, nil
	}
	id, raw, err := k.unwrap(w)
	if err != nil {
		return "", err
	}
	return k.wrap(id, raw)
}

// Current returns the ID of the data key that seals, or "" where there is none. A Sealed with another KeyID is due
// to be sealed anew in a rotation.
func (k *Keyring) Current() string {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.current
}

// Seal encrypts a value for a resource, such as "Accounts-1". It opens only with the same resource.
func (k *Keyring) Seal(plain []byte, resource string) (Sealed, error) {
	k.mu.RLock()
	id := k.current
	key, found := k.keys[id]
	k.mu.RUnlock()
	if !found {
		return "", fmt.Errorf("seal a value of %s: the keyring has no data key", resource)
	}
	box := key.aead.Seal(nil, nil, plain, associated("value", id, resource))
	return Sealed(id + "." + base64.RawURLEncoding.EncodeToString(box)), nil
}

// Open decrypts a value of a resource.
func (k *Keyring) Open(sealed Sealed, resource string) ([]byte, error) {
	id, box, err := sealed.split()
	if err != nil {
		return nil, fmt.Errorf("open a value of %s: %w", resource, err)
	}
	k.mu.RLock()
	key, found := k.keys[id]
	k.mu.RUnlock()
	if !found {
		return nil, fmt.Errorf("open a value of %s: this server does not have its data key %s", resource, id)
	}
	plain, err := key.aead.Open(nil, nil, box, associated("value", id, resource))
	if err != nil {
		return nil, fmt.Errorf("open a value of %s: it was changed, or it belongs to another resource", resource)
	}
	return plain, nil
}

// Check returns a value for the database, by which a server with another master key is recognised.
func (k *Keyring) Check() string { return checkValue(k.Master()) }

// Verify compares the database's check value with the master keys of this ring.
func (k *Keyring) Verify(check string) error {
	for _, m := range k.known() {
		if hmac.Equal([]byte(check), []byte(checkValue(m))) {
			return nil
		}
	}
	want, _, _ := strings.Cut(check, ".")
	return fault.Invalid("the master key %s is not the one of this database (%s), so its secrets cannot be read; "+
		"give this server the master key that was shown when the database was set up, or a copy of that server's file %s "+
		"(--master-key, MANTLE_MASTER_KEY, or the file in the data directory)", k.Master().ID(), want, MasterKeyFile)
}

func checkValue(m MasterKey) string {
	return m.ID() + "." + base64.RawURLEncoding.EncodeToString(m.derive("mantle master key check", 32))
}

func (k *Keyring) put(id string, raw []byte) error {
	aead, err := newAEAD(raw)
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.keys[id] = dataKey{raw: NewText(string(raw)), aead: aead}
	k.current = id
	return nil
}

func (k *Keyring) wrap(id string, raw []byte) (WrappedKey, error) {
	master := k.Master()
	aead, err := newAEAD(master.derive("mantle data key wrapping", 32))
	if err != nil {
		return "", err
	}
	box := aead.Seal(nil, nil, raw, associated("data key", id, master.ID()))
	return WrappedKey(id + "." + master.ID() + "." + base64.RawURLEncoding.EncodeToString(box)), nil
}

func (k *Keyring) unwrap(w WrappedKey) (id string, raw []byte, err error) {
	parts := strings.Split(string(w), ".")
	if len(parts) != 3 {
		return "", nil, fmt.Errorf("unwrap data key: not a wrapped key")
	}
	id, masterID := parts[0], parts[1]
	for _, m := range k.known() {
		if m.ID() != masterID {
			continue
		}
		aead, err := newAEAD(m.derive("mantle data key wrapping", 32))
		if err != nil {
			return "", nil, err
		}
		box, err := base64.RawURLEncoding.Strict().DecodeString(parts[2])
		if err != nil {
			return "", nil, fmt.Errorf("unwrap data key %s: %w", id, err)
		}
		raw, err := aead.Open(nil, nil, box, associated("data key", id, masterID))
		if err != nil {
			return "", nil, fmt.Errorf("unwrap data key %s: it was changed", id)
		}
		return id, raw, nil
	}
	return "", nil, fault.Invalid("data key %s is wrapped by master key %s, which this server does not have; give it that key (--master-key, MANTLE_MASTER_KEY)", id, masterID)
}

// associated joins the parts so that no two lists of parts give the same bytes.
func associated(parts ...string) []byte {
	var b []byte
	for _, p := range parts {
		b = fmt.Appendf(b, "%d:%s", len(p), p)
	}
	return b
}
