package cluster_test

import (
	"bytes"
	"testing"

	"github.com/mantledeploy/mantle/internal/cluster"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

func TestInstallationIsMadeOnceAndNeedsItsMasterKey(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		master := secret.NewMasterKey()
		if id, err := cluster.MasterKeyID(t.Context(), db); err != nil || id != "" {
			t.Errorf("an empty database has the master key %q, %v", id, err)
		}
		if err := cluster.VerifyMasterKey(t.Context(), db, secret.NewKeyring(master)); err == nil {
			t.Error("an empty database has a right master key")
		}
		first, err := cluster.OpenInstallation(t.Context(), db, secret.NewKeyring(master))
		if err != nil {
			t.Fatal(err)
		}
		keys := secret.NewKeyring(master)
		again, err := cluster.OpenInstallation(t.Context(), db, keys)
		if err != nil {
			t.Fatal(err)
		}
		if id, err := cluster.MasterKeyID(t.Context(), db); err != nil || id != master.ID() {
			t.Errorf("the database has the master key %q, %v; want %s", id, err, master.ID())
		}
		if first.UUID != again.UUID || !bytes.Equal(first.TicketKey, again.TicketKey) || !bytes.Equal(first.Certificate.Certificate[0], again.Certificate.Certificate[0]) {
			t.Error("the second start sees another installation")
		}
		if _, err := keys.Seal([]byte("x"), "y"); err != nil {
			t.Errorf("the keyring has no data key: %v", err)
		}
		if err := cluster.VerifyMasterKey(t.Context(), db, secret.NewKeyring(master)); err != nil {
			t.Errorf("the right master key is refused: %v", err)
		}
		other := secret.NewKeyring(secret.NewMasterKey())
		if err := cluster.VerifyMasterKey(t.Context(), db, other); err == nil {
			t.Error("another master key is called right")
		}
		if _, err := cluster.OpenInstallation(t.Context(), db, other); err == nil {
			t.Error("another master key was accepted")
		}
	})
}
