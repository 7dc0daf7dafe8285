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
		first, err := cluster.OpenInstallation(t.Context(), db, secret.NewKeyring(master))
		if err != nil {
			t.Fatal(err)
		}
		keys := secret.NewKeyring(master)
		again, err := cluster.OpenInstallation(t.Context(), db, keys)
		if err != nil {
			t.Fatal(err)
		}
		if first.UUID != again.UUID || !bytes.Equal(first.TicketKey, again.TicketKey) || !bytes.Equal(first.Certificate.Certificate[0], again.Certificate.Certificate[0]) {
			t.Error("the second start sees another installation")
		}
		if _, err := keys.Seal([]byte("x"), "y"); err != nil {
			t.Errorf("the keyring has no data key: %v", err)
		}
		if _, err := cluster.OpenInstallation(t.Context(), db, secret.NewKeyring(secret.NewMasterKey())); err == nil {
			t.Error("another master key was accepted")
		}
	})
}
