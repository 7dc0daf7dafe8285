package variable_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
	"github.com/mantledeploy/mantle/internal/variable"
)

func keyring(t *testing.T) *secret.Keyring {
	t.Helper()
	k := secret.NewKeyring(secret.NewMasterKey())
	if _, err := k.NewDataKey(); err != nil {
		t.Fatal(err)
	}
	return k
}

func parse(t *testing.T, text string) *variable.Set {
	t.Helper()
	s := &variable.Set{}
	if err := json.Unmarshal([]byte(text), s); err != nil {
		t.Fatal(err)
	}
	return s
}

func prepared(t *testing.T, keys *secret.Keyring, previous *variable.Set, text string) *variable.Set {
	t.Helper()
	s := parse(t, text)
	if err := s.Prepare(previous, keys); err != nil {
		t.Fatal(err)
	}
	s.ID = previous.ID
	return s
}

func opened(t *testing.T, s *variable.Set, i int, keys *secret.Keyring) string {
	t.Helper()
	plain, err := s.Open(&s.Variables[i], keys)
	if err != nil {
		t.Fatal(err)
	}
	return plain.Reveal()
}

func TestSecretsAreSealedKeptAndReplaced(t *testing.T) {
	t.Parallel()
	keys := keyring(t)
	first := prepared(t, keys, variable.New("Projects-1", "Spaces-1"), `{"Variables":[
		{"Name":"Plain","Value":"p","Scope":{"environment":["Environments-1","Environments-1",""],"Machine":[]}},
		{"Name":"Secret","Value":"hush","Type":"Sensitive","Sealed":"k.forged"},
		{"Name":"Also","Value":{"HasValue":true,"NewValue":"object"}},
		{"Name":"Number","Value":5},{"Name":"Null","Value":null}]}`)
	text, err := json.Marshal(first)
	if err != nil || strings.Contains(string(text), "hush") || strings.Contains(string(text), "forged") {
		t.Fatalf("%v: %s", err, text)
	}
	if opened(t, first, 1, keys) != "hush" || opened(t, first, 2, keys) != "object" || opened(t, first, 3, keys) != "5" || first.Variables[4].Value != nil {
		t.Error("values were not read as they were sent")
	}
	if got := first.Variables[0].Scope; len(got) != 1 || len(got[variable.Environment]) != 1 {
		t.Errorf("scope %v", got)
	}
	if v := first.Variables[1]; v.Value != nil || !v.IsSensitive || v.Type != variable.Sensitive || first.Version != 1 {
		t.Errorf("%+v", v)
	}
	read := string(secret.StripSealed(text))
	second := prepared(t, keys, first, read)
	if opened(t, second, 1, keys) != "hush" || second.Variables[1].ID != first.Variables[1].ID {
		t.Error("a secret that was not sent again is lost")
	}
	replaced := parse(t, string(secret.StripSealed(mustJSON(t, second))))
	fresh, empty := "new", ""
	replaced.Variables[1].Value, replaced.Variables[2].Value = &fresh, &empty
	if err := replaced.Prepare(second, keys); err != nil {
		t.Fatal(err)
	}
	if opened(t, replaced, 1, keys) != "new" || opened(t, replaced, 2, keys) != "" {
		t.Error("a new value did not replace the old one")
	}
}

func mustJSON(t *testing.T, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestASecretDoesNotBecomePlain(t *testing.T) {
	t.Parallel()
	keys := keyring(t)
	first := prepared(t, keys, variable.New("Projects-1", "Spaces-1"), `{"Variables":[{"Name":"S","Value":"hush","IsSensitive":true},{"Name":"P","Value":"plain"}]}`)
	first.Variables[0].ID, first.Variables[1].ID = "s", "p"
	second := prepared(t, keys, first, `{"Version":1,"Variables":[{"Id":"s","Name":"S","Value":null,"Type":"String"},{"Id":"p","Name":"P","IsSensitive":true}]}`)
	if opened(t, second, 0, keys) != "" {
		t.Error("a secret became readable")
	}
	if opened(t, second, 1, keys) != "plain" || second.Variables[1].Value != nil {
		t.Error("a plain value that became a secret is lost or still shown")
	}
	other := *first
	other.OwnerID = "Projects-2"
	if _, err := other.Open(&first.Variables[0], keys); err == nil {
		t.Error("another owner could open the secret")
	}
}

func TestPrepareRefuses(t *testing.T) {
	t.Parallel()
	old := variable.New("Projects-1", "Spaces-1")
	if err := parse(t, `{"Version":4}`).Prepare(old, keyring(t)); !fault.Is(err, fault.KindConflict) {
		t.Error("stale version:", err)
	}
	err := parse(t, `{"Variables":[{"Name":" "},{"Name":"a","Type":"Weird"},{"Name":"b","Scope":{"Planet":["Mars"]}}]}`).Prepare(old, keyring(t))
	f, ok := err.(*fault.Error)
	if !ok || f.Kind != fault.KindInvalid || len(f.Details) != 3 {
		t.Errorf("%v", err)
	}
	twice := prepared(t, keyring(t), old, `{"Variables":[{"Id":"1","Name":"a"},{"Id":"1","Name":"b"}]}`)
	if twice.Variables[0].ID == twice.Variables[1].ID {
		t.Error("two variables have one ID")
	}
}

func TestSelfReferenceIsStoredAndFound(t *testing.T) {
	t.Parallel()
	prepared(t, keyring(t), variable.New("Projects-1", "Spaces-1"), `{"Variables":[{"Name":"Loop","Value":"a #{Loop}"}]}`)
	failed := variable.Evaluate(map[string]string{"Loop": "a #{Loop}", "Ping": "#{Pong}", "Pong": "#{ping}", "Fine": "#{Later}", "Uses": "#{Fine}"})
	for _, name := range []string{"Loop", "Ping", "Pong"} {
		if failed[name] == nil {
			t.Errorf("%s refers to itself and is not found: %v", name, failed)
		}
	}
	if failed["Fine"] != nil || failed["Uses"] != nil {
		t.Errorf("a token without a value is taken for an error: %v", failed)
	}
}

func TestSnapshotsAndClones(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		keys := keyring(t)
		s := prepared(t, keys, variable.New("Projects-1", "Spaces-1"), `{"Variables":[{"Name":"S","Value":"hush","Type":"Sensitive","Scope":{"Action":["a1"],"Environment":["Environments-1"]}}]}`)
		err := db.Write(t.Context(), func(tx *store.Tx) error {
			if err := variable.Sets().Insert(tx, s); err != nil {
				return err
			}
			one, err := variable.Snapshot(tx, s.ID)
			if err != nil {
				return err
			}
			two, err := s.Snapshot(tx)
			if err != nil {
				return err
			}
			if one.ID != "variableset-Projects-1-s-1" || two.ID != one.ID || !one.IsSnapshot() || opened(t, two, 0, keys) != "hush" {
				t.Errorf("snapshots %s and %s", one.ID, two.ID)
			}
			clone, err := one.Clone("Projects-2", "Spaces-1", map[string]string{"a1": "b1"}, keys)
			if err != nil {
				return err
			}
			v := clone.Variables[0]
			if clone.ID != "variableset-Projects-2" || v.ID == s.Variables[0].ID || v.Scope[variable.Action][0] != "b1" || opened(t, clone, 0, keys) != "hush" {
				t.Errorf("clone %+v", clone)
			}
			naming, err := variable.Naming(tx, "Environments-1")
			if err != nil || len(naming) != 1 || naming[0].ID != s.ID {
				t.Errorf("sets that name the environment: %v, %v", naming, err)
			}
			if err := variable.Remove(tx, "Projects-1"); err != nil {
				return err
			}
			n, err := variable.Sets().Count(tx)
			if n != 0 {
				t.Errorf("%d sets are left", n)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
