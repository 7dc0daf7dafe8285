package cluster

import (
	"context"
	"errors"
	"strings"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
)

// RotationChannel is notified when a rotation of the master key begins or ends.
const RotationChannel = "mantle_master_key"

// handoverOwner is the resource that the new master key is sealed for while it is handed to the nodes.
const handoverOwner = "master key rotation"

// Where a node has its master key from.
const (
	KeyFromFile    = "file"
	KeyFromSetting = "setting"
)

// BeginRotation wraps the data keys with a new master key as well, and hands it over to the nodes. Where a rotation is under way it returns
// the master key of that one. The keyring has the data keys (VerifyMasterKey).
func BeginRotation(ctx context.Context, db *store.DB, keys *secret.Keyring, fresh secret.MasterKey) (secret.MasterKey, error) {
	var next secret.MasterKey
	err := db.Write(ctx, func(tx *store.Tx) error {
		if err := lockInstallation(tx); err != nil {
			return err
		}
		var err error
		if next, _, err = NextMasterKey(tx, keys); err != nil || !next.IsZero() {
			return err
		}
		next = fresh
		return writeRotation(tx, keys, fresh)
	})
	return next, err
}

// lockInstallation lets one rotation's step happen at a time.
func lockInstallation(tx *store.Tx) error {
	var id string
	err := tx.QueryRow("SELECT id FROM installation" + tx.ForUpdate()).Scan(&id)
	if errors.Is(err, store.ErrNoRow) {
		return notSetUp()
	}
	return err
}

func writeRotation(tx *store.Tx, keys *secret.Keyring, fresh secret.MasterKey) error {
	var check string
	if err := tx.QueryRow("SELECT key_check FROM installation").Scan(&check); err != nil {
		return err
	}
	if err := keys.Verify(check); err != nil {
		return err
	}
	if id, _, _ := strings.Cut(check, "."); id == fresh.ID() {
		return fault.Invalid("the master key %s is this database's already; give another one, or none for a random one", id)
	}
	handover, err := keys.Seal([]byte(fresh.Text().Reveal()), handoverOwner)
	if err != nil {
		return err
	}
	both := secret.NewKeyring(fresh, keys.Master())
	wrapped, err := wrappedKeys(tx, "data_key")
	if err != nil {
		return err
	}
	for i, w := range wrapped {
		again, err := both.Rewrap(w)
		if err != nil {
			return err
		}
		if _, err := tx.Exec("INSERT INTO key_rotation_data_key (seq, wrapped) VALUES ($1, $2)", i+1, string(again)); err != nil {
			return err
		}
	}
	tx.Notify(RotationChannel, "")
	_, err = tx.Exec("INSERT INTO key_rotation (id, key_check, handover, begun_at) VALUES ('rotation', $1, $2, $3)", both.Check(), string(handover), store.At(tx.Now))
	return err
}

// NextMasterKey returns the master key that a rotation under way leads to, and the ID of the one that it replaces; a zero key where there is none.
func NextMasterKey(tx *store.Tx, keys *secret.Keyring) (next secret.MasterKey, before string, err error) {
	var handover, check string
	if err := tx.QueryRow("SELECT key_check FROM installation").Scan(&check); err != nil {
		return next, "", err
	}
	before, _, _ = strings.Cut(check, ".")
	err = tx.QueryRow("SELECT handover FROM key_rotation").Scan(&handover)
	if errors.Is(err, store.ErrNoRow) {
		return next, before, nil
	}
	if err != nil {
		return next, before, err
	}
	text, err := keys.Open(secret.Sealed(handover), handoverOwner)
	if err != nil {
		return next, before, err
	}
	next, err = secret.ParseMasterKey(string(text))
	return next, before, err
}

// TellMasterKey writes which master key a node would start with again.
func (m *Member) TellMasterKey(ctx context.Context, keyID, origin, problem string) error {
	return m.db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO node_master_key (node_id, epoch, key_id, origin, problem) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (node_id) DO UPDATE SET epoch = $2, key_id = $3, origin = $4, problem = $5`, m.id, m.epoch, keyID, origin, problem)
		return err
	})
}

// KeyHolder is a node, and the master key that it would start with again.
type KeyHolder struct {
	Node, KeyID, Origin, Problem string
	Online                       bool
}

// KeyHolders returns what the nodes told; a node that runs but has not told yet has no KeyID.
func KeyHolders(tx *store.Tx) ([]KeyHolder, error) {
	var all []KeyHolder
	err := tx.Query(`SELECT COALESCE(n.shown_name, n.name), n.epoch IS NOT NULL, CASE WHEN n.epoch IS NULL OR n.epoch = k.epoch THEN COALESCE(k.key_id, '') ELSE '' END,
		COALESCE(k.origin, ''), COALESCE(k.problem, '') FROM node n LEFT JOIN node_master_key k ON k.node_id = n.id ORDER BY n.seq`, nil, func(row *store.Row) error {
		h := KeyHolder{}
		err := row.Scan(&h.Node, &h.Online, &h.KeyID, &h.Origin, &h.Problem)
		all = append(all, h)
		return err
	})
	return all, err
}

// FinishRotation makes the new master key the only one. A node that runs and would not start with it again forbids that.
func FinishRotation(ctx context.Context, db *store.DB, next secret.MasterKey) error {
	return db.Write(ctx, func(tx *store.Tx) error {
		if err := lockInstallation(tx); err != nil {
			return err
		}
		var check string
		err := tx.QueryRow("SELECT key_check FROM key_rotation").Scan(&check)
		if errors.Is(err, store.ErrNoRow) {
			return nil // somebody else has finished it
		}
		if err != nil {
			return err
		}
		if id, _, _ := strings.Cut(check, "."); id != next.ID() {
			return fault.Conflict("another rotation was begun meanwhile, to the master key %s; run mantle master-key rotate again", id)
		}
		holders, err := KeyHolders(tx)
		if err != nil {
			return err
		}
		for _, h := range holders {
			if h.Online && h.KeyID != next.ID() {
				return fault.Conflict("the node %s would not start with the new master key; give it the key first", h.Node)
			}
		}
		return finishRotation(tx, check)
	})
}

func finishRotation(tx *store.Tx, check string) error {
	var missing int64
	err := tx.QueryRow("SELECT COUNT(*) FROM data_key d WHERE NOT EXISTS (SELECT 1 FROM key_rotation_data_key r WHERE r.seq = d.seq)").Scan(&missing)
	if err != nil {
		return err
	}
	if missing > 0 {
		return fault.Conflict("%d data keys came after the rotation began and are not wrapped by the new master key; begin it again", missing)
	}
	tx.Notify(RotationChannel, "")
	for _, statement := range []string{
		"UPDATE data_key SET wrapped = (SELECT r.wrapped FROM key_rotation_data_key r WHERE r.seq = data_key.seq)",
		"DELETE FROM key_rotation_data_key",
		"DELETE FROM key_rotation",
	} {
		if _, err := tx.Exec(statement); err != nil {
			return err
		}
	}
	_, err = tx.Exec("UPDATE installation SET key_check = $1", check)
	return err
}
