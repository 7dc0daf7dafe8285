package apitest

import (
	"testing"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
)

// User creates a user whose team has one role in the space (an empty one: in the system), narrowed as given, and returns
// the user's API key.
func (s *Server) User(t testing.TB, name, roleID, spaceID string, narrow ...access.ScopedUserRole) string {
	t.Helper()
	var key secret.Text
	err := s.DB.Write(t.Context(), func(tx *store.Tx) error {
		u := &access.User{Username: name, DisplayName: name, IsActive: true}
		if err := access.CreateUser(tx, u, secret.NewText(Password)); err != nil {
			return err
		}
		team := &access.Team{Name: "Team of " + name, Slug: "team-of-" + name, MemberUserIDs: []string{u.ID}, CanBeDeleted: true, CanBeRenamed: true, CanChangeMembers: true, CanChangeRoles: true}
		team.Complete()
		if err := access.Teams().Insert(tx, team); err != nil {
			return err
		}
		for _, grant := range append(narrow, access.ScopedUserRole{}) {
			if len(narrow) > 0 && grant.ProjectIDs == nil && grant.EnvironmentIDs == nil && grant.TenantIDs == nil && grant.ProjectGroupIDs == nil {
				continue
			}
			grant.TeamID, grant.UserRoleID = team.ID, roleID
			if spaceID != "" {
				grant.SpaceID = &spaceID
			}
			grant.Complete()
			if err := access.ScopedUserRoles().Insert(tx, &grant); err != nil {
				return err
			}
		}
		var err error
		_, key, err = access.CreateKey(tx, u.ID, "test", nil, secret.Text{})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return key.Reveal()
}
