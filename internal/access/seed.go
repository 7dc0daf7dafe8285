package access

import (
	"fmt"
	"slices"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
)

// Seed writes the built-in roles and teams where they are missing, and brings the roles' permissions to this release's.
func Seed(tx *store.Tx) error {
	changed := false
	for _, r := range BuiltInRoles() {
		written, err := seedRole(tx, r)
		if err != nil {
			return fmt.Errorf("seed the role %s: %w", r.ID, err)
		}
		changed = changed || written
	}
	administrators := Team{Name: "Administrators", Slug: "administrators", Description: "May do everything.", CanChangeMembers: true}
	administrators.ID = AdministratorsTeam
	everyone := Team{Name: "Everyone", Slug: "everyone", Description: "Every user of the installation is in this team.", CanChangeRoles: true}
	everyone.ID = EveryoneTeam
	if err := seedTeam(tx, administrators, "userroles-systemadministrator", ""); err != nil {
		return err
	}
	if err := seedTeam(tx, everyone, "", ""); err != nil {
		return err
	}
	managers := Team{Name: "Managers", Slug: "managers", Description: "May manage the system: users, teams, spaces and settings.", CanChangeMembers: true}
	managers.ID = ManagersTeam
	if err := seedTeam(tx, managers, "userroles-systemmanager", ""); err != nil {
		return err
	}
	if !changed {
		return nil
	}
	return Touch(tx)
}

func seedRole(tx *store.Tx, r UserRole) (bool, error) {
	roles := UserRoles()
	old, err := roles.First(tx, store.Query{Where: []store.Cond{store.Eq("id", r.ID)}})
	if err != nil {
		return false, err
	}
	if old == nil {
		return true, roles.Insert(tx, &r)
	}
	if slices.Equal(old.GrantedSpacePermissions, r.GrantedSpacePermissions) && slices.Equal(old.GrantedSystemPermissions, r.GrantedSystemPermissions) {
		return false, nil
	}
	_, err = roles.Modify(tx, r.ID, func(doc *UserRole) error {
		doc.GrantedSpacePermissions, doc.GrantedSystemPermissions = r.GrantedSpacePermissions, r.GrantedSystemPermissions
		doc.Complete()
		return nil
	})
	return true, err
}

// seedTeam writes a team with one role, unless it is there, or people have given its name to a team of their own.
func seedTeam(tx *store.Tx, t Team, roleID, spaceID string) error {
	teams := Teams()
	for _, taken := range [][]store.Cond{{store.Eq("id", t.ID)}, {store.Eq("name_fold", store.Fold(t.Name)), store.Eq("space_id", t.Space())}} {
		if n, err := teams.Count(tx, taken...); err != nil || n > 0 {
			return err
		}
	}
	t.Complete()
	if err := teams.Insert(tx, &t); err != nil {
		return fmt.Errorf("write the team %s: %w", t.ID, err)
	}
	if roleID == "" {
		return nil
	}
	return Grant(tx, t.ID, roleID, spaceID)
}

// Grant gives a team a role in the space, or (an empty space) in the system, not narrowed.
func Grant(tx *store.Tx, teamID, roleID, spaceID string) error {
	s := ScopedUserRole{TeamID: teamID, UserRoleID: roleID}
	if spaceID != "" {
		s.SpaceID = &spaceID
	}
	s.Complete()
	if err := ScopedUserRoles().Insert(tx, &s); err != nil {
		return err
	}
	return Touch(tx)
}

// Complete turns nil lists into empty ones.
func (t *Team) Complete() {
	if t.MemberUserIDs == nil {
		t.MemberUserIDs = []string{}
	}
	if t.ExternalSecurityGroups == nil {
		t.ExternalSecurityGroups = []NamedReference{}
	}
}

// Complete turns nil lists into empty ones.
func (s *ScopedUserRole) Complete() {
	for _, list := range []*[]string{&s.ProjectIDs, &s.EnvironmentIDs, &s.TenantIDs, &s.ProjectGroupIDs} {
		if *list == nil {
			*list = []string{}
		}
	}
}

// CreateManagers makes the team that manages a new space.
func CreateManagers(tx *store.Tx, spaceID, spaceName string, members []string) error {
	t := Team{Name: "Space Managers", Slug: "space-managers", Description: "May do everything in the space " + spaceName + ".", CanChangeMembers: true, SpaceID: &spaceID, MemberUserIDs: members}
	t.ID = SpaceManagersTeam(spaceID)
	return seedTeam(tx, t, "userroles-spacemanager", spaceID)
}

// Administrator is the first user, as the settings name it.
type Administrator struct {
	Username, Email string
	Password        secret.Text
	// APIKey is a key that the operator brings; empty makes a new one.
	APIKey secret.Text
}

// SeedAdministrator creates the administrator unless a user of the name exists. It returns the key that was made, which is
// shown once, and whether anything was created.
func SeedAdministrator(tx *store.Tx, a Administrator) (key secret.Text, created bool, err error) {
	existing, err := Users().First(tx, store.Query{Where: []store.Cond{store.Eq("username_fold", store.Fold(a.Username))}})
	if err != nil || existing != nil {
		return secret.Text{}, false, err
	}
	if !a.APIKey.Empty() && !secret.ValidAPIKey(a.APIKey.Reveal()) {
		return secret.Text{}, false, fault.Invalid("the administrator's API key must be \"API-\" and 16 to 128 upper-case letters and digits; change the setting or leave it out")
	}
	u := &User{Username: a.Username, DisplayName: a.Username, EmailAddress: a.Email, IsActive: true}
	if err := CreateUser(tx, u, a.Password); err != nil {
		return secret.Text{}, false, err
	}
	_, err = Teams().Modify(tx, AdministratorsTeam, func(t *Team) error {
		t.MemberUserIDs = append(t.MemberUserIDs, u.ID)
		return nil
	})
	if err != nil {
		return secret.Text{}, false, err
	}
	_, key, err = CreateKey(tx, u.ID, "Made at the first start", nil, a.APIKey)
	return key, true, err
}

// spaceManager is the role of those who manage a space.
const spaceManager = "userroles-spacemanager"

// SetManagingTeams grants the role of a space manager in the space to these teams and to no other.
func SetManagingTeams(tx *store.Tx, spaceID string, teamIDs []string) error {
	grants := ScopedUserRoles()
	now, err := grants.Find(tx, store.Query{Where: []store.Cond{store.Eq("space_id", spaceID), store.Eq("user_role_id", spaceManager)}})
	if err != nil {
		return err
	}
	has := map[string]bool{}
	for _, g := range now {
		if g.narrowed() {
			continue // a narrowed one is a grant of somebody's own
		}
		if has[g.TeamID] = slices.Contains(teamIDs, g.TeamID); !has[g.TeamID] {
			if err := grants.Delete(tx, g.ID); err != nil {
				return err
			}
		}
	}
	for _, id := range teamIDs {
		if has[id] {
			continue
		}
		if err := Grant(tx, id, spaceManager, spaceID); err != nil {
			return err
		}
	}
	return nil
}

// ManagingTeams returns the teams that are granted the role of a space manager in the whole space.
func ManagingTeams(tx *store.Tx, spaceID string) ([]string, error) {
	now, err := ScopedUserRoles().Find(tx, store.Query{Where: []store.Cond{store.Eq("space_id", spaceID), store.Eq("user_role_id", spaceManager)}})
	ids := []string{}
	for _, g := range now {
		if !g.narrowed() && !slices.Contains(ids, g.TeamID) {
			ids = append(ids, g.TeamID)
		}
	}
	return ids, err
}

// LeaveSpace removes the teams and the grants of a space that is deleted.
func LeaveSpace(tx *store.Tx, spaceID string) error {
	for _, statement := range []string{
		"DELETE FROM team_link WHERE owner_id IN (SELECT id FROM team WHERE space_id = $1)",
		"DELETE FROM team WHERE space_id = $1", "DELETE FROM scoped_user_role WHERE space_id = $1",
	} {
		if _, err := tx.Exec(statement, spaceID); err != nil {
			return err
		}
	}
	return Touch(tx)
}
