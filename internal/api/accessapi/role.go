package accessapi

import (
	"fmt"
	"strings"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
)

func registerRoles(e *api.Engine) {
	api.Register(e, api.Resource[access.UserRole]{
		Path: "userroles", Where: api.InSystem, ChangesAccess: true, Collection: access.UserRoles(), ItemType: "UserRole",
		AnyoneViews: "what a role grants is no secret, and clients name roles to grant them", Create: access.UserRoleEdit,
		RootLink: "UserRoles", Prepare: prepareRole, Validate: validateRole,
		Written: func(_ *api.Call, tx *store.Tx, _, _ *access.UserRole) error { return access.Touch(tx) },
		Referrers: func(_ *api.Call, tx *store.Tx, r *access.UserRole) ([]string, error) {
			if !r.CanBeDeleted {
				return []string{"it is built in"}, nil
			}
			n, err := access.ScopedUserRoles().Count(tx, store.Eq("user_role_id", r.ID))
			if n == 0 {
				return nil, err
			}
			return []string{fmt.Sprintf("%d teams are granted it; take it from them first", n)}, err
		},
	})
}

func prepareRole(_ *api.Call, _ *store.Tx, r, old *access.UserRole) error {
	r.Name = strings.TrimSpace(r.Name)
	if r.CanBeDeleted = old == nil || old.CanBeDeleted; !r.CanBeDeleted {
		return fault.Invalid("the user role %q is built in and cannot be changed; make a role of your own", old.Name)
	}
	// Of a role that people made, the restrictions are theirs: clients that sent none would read others as a change.
	given := r.SupportedRestrictions
	r.Complete()
	r.SupportedRestrictions = append([]string{}, given...)
	return nil
}

func validateRole(c *api.Call, _ *store.Tx, r, _ *access.UserRole) ([]string, error) {
	var found []string
	if r.Name == "" {
		found = append(found, "the user role has no Name; give it one")
	}
	levels := map[access.Permission]access.Level{}
	for _, t := range access.Traits() {
		levels[t.Permission] = t.Level
	}
	check := func(list []access.Permission, level access.Level, what string) {
		for _, p := range list {
			if levels[p] == 0 {
				found = append(found, fmt.Sprintf("%q is not a permission", p))
			} else if levels[p]&level == 0 {
				found = append(found, fmt.Sprintf("%s cannot be granted in %s", p, what))
			}
			if p == access.AdministerSystem && !c.Principal.Administrator() {
				found = append(found, "only administrators may grant AdministerSystem")
			}
		}
	}
	check(r.GrantedSpacePermissions, access.AtSpace, "a space")
	check(r.GrantedSystemPermissions, access.AtSystem, "the system")
	return found, nil
}

func registerGrants(e *api.Engine) *api.Set[access.ScopedUserRole] {
	return api.Register(e, api.Resource[access.ScopedUserRole]{
		Path: "scopeduserroles", Where: api.InBoth, ChangesAccess: true, Collection: access.ScopedUserRoles(), ItemType: "ScopedUserRole", NoAll: true,
		View: access.TeamView, Create: access.TeamEdit,
		RootLink: "ScopedUserRoles", RootQuery: []string{"partialName", "spaces", "includeSystem"}, Narrow: narrowTeams,
		Prepare: func(c *api.Call, _ *store.Tx, s, old *access.ScopedUserRole) error {
			s.Complete()
			if s.SpaceID != nil && *s.SpaceID == "" {
				s.SpaceID = nil
			}
			if old != nil {
				s.TeamID, s.SpaceID = old.TeamID, old.SpaceID
			} else if s.SpaceID == nil && c.Space != nil {
				id := c.Space.ID
				s.SpaceID = &id
			}
			return nil
		},
		Validate: validateGrant,
		Written:  func(_ *api.Call, tx *store.Tx, _, _ *access.ScopedUserRole) error { return access.Touch(tx) },
		Deleting: func(c *api.Call, tx *store.Tx, s *access.ScopedUserRole) error {
			if s.TeamID == access.AdministratorsTeam && s.Space() == "" && s.UserRoleID == "userroles-systemadministrator" {
				return fault.Invalid("the team of administrators keeps its role; nobody could administer the system otherwise")
			}
			return access.Touch(tx)
		},
	})
}

// validateGrant also keeps callers from granting what they do not hold themselves.
func validateGrant(c *api.Call, tx *store.Tx, s, _ *access.ScopedUserRole) ([]string, error) {
	var found []string
	role, err := access.UserRoles().First(tx, store.Query{Where: []store.Cond{store.Eq("id", s.UserRoleID)}})
	if err != nil {
		return nil, err
	}
	if role == nil {
		return []string{fmt.Sprintf("UserRoleId names the role %q, which does not exist", s.UserRoleID)}, nil
	}
	n, err := access.Teams().Count(tx, store.Eq("id", s.TeamID))
	if err != nil {
		return nil, err
	}
	if n == 0 {
		found = append(found, fmt.Sprintf("TeamId names the team %q, which does not exist", s.TeamID))
	}
	if s.SpaceID != nil {
		if n, err = space.Spaces().Count(tx, store.Eq("id", *s.SpaceID)); err != nil {
			return nil, err
		} else if n == 0 {
			found = append(found, fmt.Sprintf("SpaceId names the space %q, which does not exist", *s.SpaceID))
		}
	}
	granted := role.GrantedSystemPermissions
	if s.SpaceID != nil {
		granted = role.GrantedSpacePermissions
	}
	for _, p := range granted {
		if !c.Principal.Everywhere(p, s.Space()) {
			return nil, fault.Forbidden("you cannot grant the role %q: it has the permission %s, which you do not hold yourself", role.Name, p)
		}
	}
	return found, nil
}
