package process_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/process"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

func keyring(t *testing.T) *secret.Keyring {
	t.Helper()
	k := secret.NewKeyring(secret.NewMasterKey())
	if _, err := k.NewDataKey(); err != nil {
		t.Fatal(err)
	}
	return k
}

func parse(t *testing.T, text string) *process.Process {
	t.Helper()
	p := &process.Process{}
	if err := json.Unmarshal([]byte(text), p); err != nil {
		t.Fatal(err)
	}
	return p
}

const twoSteps = `{"Version":0,"Steps":[
	{"Name":"Say hello","Actions":[{"ActionType":"Octopus.Script","Properties":{"Octopus.Action.RunOnServer":true,"Password":{"HasValue":true,"NewValue":"hush"}}}]},
	{"Name":"Say hello!","Properties":{"Octopus.Action.TargetRoles":"web"},"Actions":[{"Name":"Web","ActionType":"Octopus.TentaclePackage",
		"Properties":{"Octopus.Action.Package.PackageId":"Acme.Web","Octopus.Action.Package.FeedId":"feeds-builtin"}}]}]}`

func TestPrepareGivesAndKeepsIdentities(t *testing.T) {
	t.Parallel()
	keys := keyring(t)
	first := parse(t, twoSteps)
	if err := first.Prepare(process.New("Projects-1", "Spaces-1"), keys); err != nil {
		t.Fatal(err)
	}
	a := first.Steps[0].Actions[0]
	if a.ID == "" || first.Steps[0].ID == "" || a.Name != "Say hello" || first.Version != 1 || first.SpaceID != "Spaces-1" {
		t.Errorf("%+v", first.Steps[0])
	}
	if first.Steps[0].Slug != "say-hello" || first.Steps[1].Slug != "say-hello-1" {
		t.Errorf("slugs %q, %q", first.Steps[0].Slug, first.Steps[1].Slug)
	}
	if got := first.Steps[1].Actions[0].Packages; len(got) != 1 || got[0].PackageID != "Acme.Web" || got[0].AcquisitionLocation != process.AcquireOnServer {
		t.Errorf("packages %+v", got)
	}
	if a.Properties.Get(process.RunOnServer) != "True" || !a.Properties.Is(process.RunOnServer) {
		t.Errorf("a boolean became %q", a.Properties.Get(process.RunOnServer))
	}
	text, err := json.Marshal(first)
	if err != nil || strings.Contains(string(text), "hush") {
		t.Fatalf("%v: %s", err, text)
	}
	second := parse(t, string(secret.StripSealed(text))) // what a client reads and sends back
	second.Steps[0].Name = "Renamed"
	if err := second.Prepare(first, keys); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first.Steps[0].Slug, second.Steps[0].Slug); diff != "" || second.Steps[0].Actions[0].ID != a.ID {
		t.Error("an identity changed with a name", diff)
	}
	plain, err := second.Open(second.Steps[0].Actions[0].Properties["Password"], keys)
	if err != nil || plain.Reveal() != "hush" {
		t.Errorf("the kept secret is %q: %v", plain.Reveal(), err)
	}
}

func TestStaleVersionIsAConflict(t *testing.T) {
	t.Parallel()
	p := parse(t, `{"Version":3}`)
	if err := p.Prepare(process.New("Projects-1", "Spaces-1"), keyring(t)); !fault.Is(err, fault.KindConflict) {
		t.Error(err)
	}
}

func TestValidateFindsEverythingAtOnce(t *testing.T) {
	t.Parallel()
	p := parse(t, `{"Steps":[
		{"Name":" ","Condition":"Never","Actions":[]},
		{"Name":"A","Condition":"Variable","Actions":[{"Name":"x","ActionType":"T","Packages":[{"Name":"p","PackageId":"P"},{"Name":"P","PackageId":""}]},{"ActionType":""}]},
		{"Name":"a","StartTrigger":"Sometimes","Actions":[{"ActionType":"T"}]}]}`)
	err := p.Prepare(process.New("Projects-1", "Spaces-1"), keyring(t))
	f, ok := err.(*fault.Error)
	if !ok || f.Kind != fault.KindInvalid {
		t.Fatal(err)
	}
	want := []string{
		"Step 1 has no name.", `The condition of the step " " is "Never"; it must be one of Success, Failure, Always, Variable.`, `The step " " has no action.`,
		`The step "A" runs on a variable's condition, but Octopus.Step.ConditionVariableExpression is empty.`,
		`The action "x" refers to two packages by the name "P".`, `A package of the action "x" has no PackageId.`,
		`An action of the step "A" has no name.`, `The action "" has no ActionType.`,
		`Two steps are named "a"; names of steps are unique in a process.`,
		`The start trigger of the step "a" is "Sometimes"; it must be one of StartAfterPrevious, StartWithPrevious.`,
	}
	if diff := cmp.Diff(want, f.Details); diff != "" {
		t.Error(diff)
	}
}

func TestSnapshotsAreSharedAndClonesAreNot(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		keys := keyring(t)
		p := parse(t, twoSteps)
		if err := p.Prepare(process.New("Projects-1", "Spaces-1"), keys); err != nil {
			t.Fatal(err)
		}
		p.ID = process.IDOf("Projects-1")
		processes := process.Processes()
		err := db.Write(t.Context(), func(tx *store.Tx) error {
			if err := processes.Insert(tx, p); err != nil {
				return err
			}
			one, err := p.Snapshot(tx)
			if err != nil {
				return err
			}
			two, err := p.Snapshot(tx)
			if err != nil {
				return err
			}
			if one.ID != two.ID || one.ID == p.ID || !two.IsSnapshot() || len(two.Steps) != 2 {
				t.Errorf("snapshots %s and %s", one.ID, two.ID)
			}
			clone, err := two.Clone("Projects-2", "Spaces-1", keys)
			if err != nil {
				return err
			}
			plain, err := clone.Open(clone.Steps[0].Actions[0].Properties["Password"], keys)
			if clone.Steps[0].ID == p.Steps[0].ID || plain.Reveal() != "hush" || clone.ID != "deploymentprocess-Projects-2" {
				t.Errorf("clone %+v, secret %q", clone, plain.Reveal())
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
