package access

import (
	"testing"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

func secretText(s string) secret.Text { return secret.NewText(s) }

func TestSeedTwice(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		seed := func(a Administrator) (key secret.Text, created bool, err error) {
			err = db.Write(t.Context(), func(tx *store.Tx) error {
				if err := Seed(tx); err != nil {
					return err
				}
				key, created, err = SeedAdministrator(tx, a)
				return err
			})
			return key, created, err
		}
		if _, _, err := seed(Administrator{Username: "root", Password: secretText("a password"), APIKey: secretText("API-SHORT")}); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("a weak key: %v", err)
		}
		key, created, err := seed(Administrator{Username: "root", Email: "r@example.com", Password: secretText("a password")})
		if err != nil || !created || !secret.ValidAPIKey(key.Reveal()) {
			t.Fatalf("first: %v, %v", created, err)
		}
		if _, created, err = seed(Administrator{Username: "ROOT", Password: secretText("another one")}); err != nil || created {
			t.Errorf("again: %v, %v", created, err)
		}
		err = db.Read(t.Context(), func(tx *store.Tx) error {
			id, err := UserOfKey(tx, key.Reveal())
			if err != nil {
				return err
			}
			p, err := NewDirectory().Load(tx, id, Unlocked)
			if err != nil {
				return err
			}
			if !p.Administrator() || len(p.Teams) != 2 {
				t.Errorf("the administrator is %+v", p)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		if _, err := SignIn(t.Context(), db, Attempt{Username: "root", Password: "a password", Address: "::1"}); err != nil {
			t.Errorf("sign-in: %v", err)
		}
	})
}
