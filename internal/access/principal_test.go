package access

import (
	"testing"

	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

func holding(permission Permission, grants ...grant) *Principal {
	return &Principal{grants: map[Permission][]grant{permission: grants}}
}

func TestAllowed(t *testing.T) {
	t.Parallel()
	wide := grant{space: "Spaces-1"}
	one := grant{space: "Spaces-1", narrow: map[Dimension][]string{Environments: {"E1"}}}
	both := grant{space: "Spaces-1", narrow: map[Dimension][]string{Environments: {"E1"}, Projects: {"P1"}}}
	other := grant{space: "Spaces-1", narrow: map[Dimension][]string{Environments: {"E2"}}}
	tests := []struct {
		name     string
		p        *Principal
		scope    Scope
		any, all bool
	}{
		{"nobody", nil, Scope{Space: "Spaces-1"}, false, false},
		{"another permission", holding(ProjectView, wide), Scope{Space: "Spaces-1"}, false, false},
		{"another space", holding(MachineView, wide), Whichever("Spaces-2"), false, false},
		{"the system is not a space", holding(MachineView, wide), Whichever(""), false, false},
		{"the whole space", holding(MachineView, wide), Scope{Space: "Spaces-1"}, true, true},
		{"one environment", holding(MachineView, one), Scope{Space: "Spaces-1", Environments: []string{"E1"}}, true, true},
		{"another environment", holding(MachineView, one), Scope{Space: "Spaces-1", Environments: []string{"E2"}}, false, false},
		{"no environment", holding(MachineView, one), Scope{Space: "Spaces-1"}, false, false},
		{"whichever environment", holding(MachineView, one), Whichever("Spaces-1"), true, true},
		{"one of two", holding(MachineView, one), Scope{Space: "Spaces-1", Environments: []string{"E1", "E2"}}, true, false},
		{"two grants", holding(MachineView, one, other), Scope{Space: "Spaces-1", Environments: []string{"E1", "E2"}}, true, true},
		{"one of two dimensions", holding(MachineView, both), Scope{Space: "Spaces-1", Environments: []string{"E1"}, Projects: []string{"P2"}}, false, false},
		{"both dimensions", holding(MachineView, both), Scope{Space: "Spaces-1", Environments: []string{"E1"}, Projects: []string{"P1"}}, true, true},
		{"two half grants do not add up", holding(MachineView, one, grant{space: "Spaces-1", narrow: map[Dimension][]string{Projects: {"P1"}, Environments: {"E9"}}}),
			Scope{Space: "Spaces-1", Environments: []string{"E2"}, Projects: []string{"P1"}}, false, false},
		{"an administrator", holding(AdministerSystem, grant{}), Scope{Space: "Spaces-5", Environments: []string{"E9"}}, true, true},
	}
	for _, tt := range tests {
		if got := tt.p.Allowed(MachineView, tt.scope); got != tt.any {
			t.Errorf("%s: Allowed %v", tt.name, got)
		}
		if got := tt.p.AllowedAll(MachineView, tt.scope); got != tt.all {
			t.Errorf("%s: AllowedAll %v", tt.name, got)
		}
	}
}

func TestGrantsNarrowOnlyWhatThePermissionKnows(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		var p *Principal
		err := db.Write(t.Context(), func(tx *store.Tx) error {
			if err := Seed(tx); err != nil {
				return err
			}
			u := &User{Username: "bob", IsActive: true}
			if err := CreateUser(tx, u, secretText("a password")); err != nil {
				return err
			}
			if _, err := Teams().Modify(tx, EveryoneTeam, func(*Team) error { return nil }); err != nil {
				return err
			}
			space := "Spaces-1"
			s := &ScopedUserRole{TeamID: EveryoneTeam, UserRoleID: "userroles-environmentmanager", SpaceID: &space, EnvironmentIDs: []string{"E1"}, ProjectIDs: []string{"P1"}}
			s.Complete()
			if err := ScopedUserRoles().Insert(tx, s); err != nil {
				return err
			}
			var err error
			p, err = NewDirectory().Load(tx, u.ID, Held)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if !p.Everywhere(LifecycleEdit, "Spaces-1") {
			t.Error("lifecycles know no environments: the grant must not be narrowed")
		}
		if p.Everywhere(MachineEdit, "Spaces-1") || !p.Allowed(MachineEdit, Scope{Space: "Spaces-1", Environments: []string{"E1"}, Tenants: []string{AnyID}}) {
			t.Error("machines are narrowed by the environment, and not by the project")
		}
		if p.Holds(SpaceCreate, "") || p.Administrator() || !p.Enters("Spaces-1") || p.Enters("Spaces-2") {
			t.Error("bob holds too much or too little")
		}
	})
}

func TestBuiltInRoles(t *testing.T) {
	t.Parallel()
	level := map[Permission]Level{}
	for _, trait := range Traits() {
		if level[trait.Permission] != 0 {
			t.Errorf("%s is listed twice", trait.Permission)
		}
		level[trait.Permission] = trait.Level
		if trait.Description() == "" {
			t.Errorf("%s has no description", trait.Permission)
		}
	}
	ids := map[string]bool{}
	for _, r := range BuiltInRoles() {
		if ids[r.ID] {
			t.Errorf("%s is there twice", r.ID)
		}
		ids[r.ID] = true
		for _, p := range r.GrantedSpacePermissions {
			if level[p]&AtSpace == 0 {
				t.Errorf("%s grants %s in a space, where it cannot be granted", r.ID, p)
			}
		}
		for _, p := range r.GrantedSystemPermissions {
			if level[p]&AtSystem == 0 {
				t.Errorf("%s grants %s in the system, where it cannot be granted", r.ID, p)
			}
		}
		if r.CanBeDeleted || len(r.GrantedSpacePermissions)+len(r.GrantedSystemPermissions) == 0 {
			t.Errorf("%s can be deleted, or grants nothing", r.ID)
		}
	}
}

func TestDescriptions(t *testing.T) {
	t.Parallel()
	for p, want := range map[Permission]string{
		EnvironmentView: "View environments", VariableEditUnscoped: "Edit variables unscoped", LibraryVariableSetDelete: "Delete library variable sets", AdministerSystem: "Administer system",
		CertificateExportPrivateKey: "Export certificates private key", MachinePolicyCreate: "Create machine policies",
	} {
		if got := (Trait{Permission: p}).Description(); got != want {
			t.Errorf("%s: %q, want %q", p, got, want)
		}
	}
}

func TestPasswordRules(t *testing.T) {
	t.Parallel()
	u := &User{Username: "longusername", EmailAddress: "bob@example.com"}
	for password, good := range map[string]bool{"": false, "short": false, "LongUserName": false, "bob@EXAMPLE.com": false, "aaaaaaaaaaaa": false, "correct horse": true, "ångströms": true} {
		if got := CheckPassword(u, secretText(password)); (got == "") != good {
			t.Errorf("%q: %q", password, got)
		}
	}
}
