package cluster_test

import (
	"bytes"
	"testing"

	"github.com/mantledeploy/mantle/internal/cluster"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

// opens opens the installation with the keys of one node's start.
func opens(t *testing.T, db *store.DB, master secret.MasterKey) (*cluster.Installation, *secret.Keyring, error) {
	t.Helper()
	keys := secret.NewKeyring(master)
	i, err := cluster.OpenInstallation(t.Context(), db, keys)
	return i, keys, err
}

func TestRotationLeavesBothKeysValidUntilItIsFinished(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		old, next := secret.NewMasterKey(), secret.NewMasterKey()
		first, keys, err := opens(t, db, old)
		if err != nil {
			t.Fatal(err)
		}
		sealed, err := keys.Seal([]byte("word"), "Accounts-1")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := cluster.BeginRotation(t.Context(), db, keys, next); err != nil || !got.Equal(next) {
			t.Fatalf("%v, %v", got.ID(), err)
		}
		if _, _, err := opens(t, db, secret.NewMasterKey()); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("a third key: %v", err)
		}
		for name, master := range map[string]secret.MasterKey{"old": old, "new": next} {
			i, ring, err := opens(t, db, master)
			if err != nil {
				t.Fatalf("the %s key: %v", name, err)
			}
			if plain, err := ring.Open(sealed, "Accounts-1"); err != nil || string(plain) != "word" {
				t.Errorf("the %s key opens %q, %v", name, plain, err)
			}
			if !bytes.Equal(i.TicketKey, first.TicketKey) || !bytes.Equal(i.Certificate.Certificate[0], first.Certificate.Certificate[0]) {
				t.Errorf("the %s key opens another installation", name)
			}
			// A second rotation is the same one, whoever asks, so a command that was killed finds the key again.
			if again, err := cluster.BeginRotation(t.Context(), db, ring, secret.NewMasterKey()); err != nil || !again.Equal(next) {
				t.Errorf("with the %s key the rotation leads to %s, %v", name, again.ID(), err)
			}
		}
		if err := cluster.FinishRotation(t.Context(), db, next); err != nil {
			t.Fatal(err)
		}
		if _, _, err := opens(t, db, old); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("the old key after the end: %v", err)
		}
		_, ring, err := opens(t, db, next)
		if err != nil {
			t.Fatal(err)
		}
		if plain, err := ring.Open(sealed, "Accounts-1"); err != nil || string(plain) != "word" {
			t.Errorf("after the end the new key opens %q, %v", plain, err)
		}
		if err := cluster.FinishRotation(t.Context(), db, next); err != nil {
			t.Errorf("a second end: %v", err)
		}
		if _, err := cluster.BeginRotation(t.Context(), db, ring, next); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("a rotation to the same key: %v", err)
		}
	})
}

func TestRotationWaitsForNodesThatRun(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		old, next := secret.NewMasterKey(), secret.NewMasterKey()
		_, keys, err := opens(t, db, old)
		if err != nil {
			t.Fatal(err)
		}
		m, _, _ := join(t, db, "web-1")
		if _, err := cluster.BeginRotation(t.Context(), db, keys, next); err != nil {
			t.Fatal(err)
		}
		for _, told := range []string{"", old.ID()} {
			if told != "" {
				if err := m.TellMasterKey(t.Context(), told, cluster.KeyFromSetting, ""); err != nil {
					t.Fatal(err)
				}
			}
			if err := cluster.FinishRotation(t.Context(), db, next); !fault.Is(err, fault.KindConflict) {
				t.Errorf("it was finished while a node has %q: %v", told, err)
			}
		}
		if err := m.TellMasterKey(t.Context(), next.ID(), cluster.KeyFromFile, ""); err != nil {
			t.Fatal(err)
		}
		if err := cluster.FinishRotation(t.Context(), db, next); err != nil {
			t.Error(err)
		}
	})
}
