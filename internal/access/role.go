package access

import "github.com/mantledeploy/mantle/internal/store"

// UserRole is a named list of permissions.
type UserRole struct {
	store.Meta
	Name                         string
	Description                  string
	GrantedSpacePermissions      []Permission
	GrantedSystemPermissions     []Permission
	SupportedRestrictions        []string
	SpacePermissionDescriptions  []string
	SystemPermissionDescriptions []string
	CanBeDeleted                 bool
}

// UserRoles are the roles of the installation.
func UserRoles() *store.Collection[UserRole] {
	return &store.Collection[UserRole]{
		Table: "user_role", Prefix: "UserRoles-", Noun: "user role",
		Columns: []store.Column[UserRole]{
			{Name: "name", Value: func(r *UserRole) any { return r.Name }},
			{Name: "name_fold", Value: func(r *UserRole) any { return store.Fold(r.Name) }},
		},
		Keys: []store.Key[UserRole]{{Columns: []string{"name_fold"}, Taken: func(r *UserRole) string {
			return "a user role with the name \"" + r.Name + "\" exists already; choose another name"
		}}},
	}
}

// ScopedUserRole grants a role to a team, in one space or (a nil SpaceID) in the system, narrowed where IDs are given.
type ScopedUserRole struct {
	store.Meta
	UserRoleID      string   `json:"UserRoleId"`
	TeamID          string   `json:"TeamId"`
	SpaceID         *string  `json:"SpaceId"`
	ProjectIDs      []string `json:"ProjectIds"`
	EnvironmentIDs  []string `json:"EnvironmentIds"`
	TenantIDs       []string `json:"TenantIds"`
	ProjectGroupIDs []string `json:"ProjectGroupIds"`
}

// Space returns the ID of the space in which the role is granted, or nothing for the system.
func (s *ScopedUserRole) Space() string { return deref(s.SpaceID) }

func (s *ScopedUserRole) narrowed() bool {
	return len(s.ProjectIDs)+len(s.EnvironmentIDs)+len(s.TenantIDs)+len(s.ProjectGroupIDs) > 0
}

// ScopedUserRoles are the grants of the installation.
func ScopedUserRoles() *store.Collection[ScopedUserRole] {
	return &store.Collection[ScopedUserRole]{
		Table: "scoped_user_role", Prefix: "ScopedUserRoles-", Noun: "scoped user role",
		Columns: []store.Column[ScopedUserRole]{
			{Name: "team_id", Value: func(s *ScopedUserRole) any { return s.TeamID }},
			{Name: "user_role_id", Value: func(s *ScopedUserRole) any { return s.UserRoleID }},
			{Name: "space_id", Value: func(s *ScopedUserRole) any { return s.Space() }},
		},
	}
}
