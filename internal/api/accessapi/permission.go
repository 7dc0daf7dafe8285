package accessapi

import (
	"net/http"
	"slices"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/store"
)

// PermissionSet is all that a user may do.
type PermissionSet struct {
	ID                    string `json:"Id"`
	IsPermissionsComplete bool
	IsTeamsComplete       bool
	Teams                 []TeamItem
	SystemPermissions     []access.Permission
	SpacePermissions      map[access.Permission][]Restriction
}

// Restriction is where a permission holds: a space, narrowed where IDs are given.
type Restriction struct {
	SpaceID                     string   `json:"SpaceId"`
	RestrictedToProjectIDs      []string `json:"RestrictedToProjectIds"`
	RestrictedToEnvironmentIDs  []string `json:"RestrictedToEnvironmentIds"`
	RestrictedToTenantIDs       []string `json:"RestrictedToTenantIds"`
	RestrictedToProjectGroupIDs []string `json:"RestrictedToProjectGroupIds"`
}

// TeamItem names a team of a user.
type TeamItem struct {
	ID                     string `json:"Id"`
	Name                   string
	SpaceID                *string `json:"SpaceId"`
	IsDirectlyAssigned     bool
	ExternalSecurityGroups []access.NamedReference
	ExternalGroupNames     []string
}

// PermissionDescription says what a permission is.
type PermissionDescription struct {
	Description           string
	SupportedRestrictions []access.Dimension
	CanApplyAtSystemLevel bool
	CanApplyAtSpaceLevel  bool
}

func registerPermissions(e *api.Engine, users *api.Set[access.User]) {
	why := "everybody sees what they may do themselves; others' need UserView"
	for _, path := range []string{"users/{id}/permissions", "users/{id}/permissions/configuration"} {
		e.Handle(api.Operation{Method: http.MethodGet, Path: path, Where: api.InBoth, SignedIn: why, Summary: "What a user may do", Out: PermissionSet{},
			Queries: []string{"spaces", "includeSystem"}, Handler: func(c *api.Call) error { return showPermissions(c, users) }})
	}
	e.Handle(
		api.Operation{Method: http.MethodGet, Path: "users/{id}/teams", Where: api.InBoth, SignedIn: why, Summary: "The teams of a user", Out: []TeamItem{},
			Queries: []string{"spaces", "includeSystem"}, Handler: func(c *api.Call) error { return showTeams(c, users) }},
		api.Operation{Method: http.MethodGet, Path: "permissions/all", Where: api.InSystem, SignedIn: "the list of permissions is no secret", Summary: "Every permission",
			Out: map[string]PermissionDescription{}, Handler: describePermissions},
	)
	e.AddLink("PermissionDescriptions", "/api/permissions/all")
	e.AddLink("Permissions", "/api/permissions/all")
}

func describePermissions(c *api.Call) error {
	all := map[access.Permission]PermissionDescription{}
	for _, t := range access.Traits() {
		restrict := t.Restrict
		if restrict == nil {
			restrict = []access.Dimension{}
		}
		all[t.Permission] = PermissionDescription{
			Description: t.Description(), SupportedRestrictions: restrict,
			CanApplyAtSystemLevel: t.Level&access.AtSystem != 0, CanApplyAtSpaceLevel: t.Level&access.AtSpace != 0,
		}
	}
	return c.JSON(http.StatusOK, all)
}

// principalOf loads the user of the path as it would be if it called.
func principalOf(c *api.Call, users *api.Set[access.User]) (p *access.Principal, err error) {
	err = c.Read(func(tx *store.Tx) error {
		u, err := ownOr(c, tx, users, access.UserView)
		if err != nil {
			return err
		}
		if !u.IsActive {
			p = &access.Principal{User: *u}
			return nil
		}
		p, err = c.Engine.Directory().Load(tx, u.ID, access.Unlocked)
		return err
	})
	return p, err
}

func showPermissions(c *api.Call, users *api.Set[access.User]) error {
	p, err := principalOf(c, users)
	if err != nil {
		return err
	}
	set := PermissionSet{ID: p.User.ID, IsPermissionsComplete: true, IsTeamsComplete: true, Teams: teamsOf(c, p),
		SystemPermissions: []access.Permission{}, SpacePermissions: map[access.Permission][]Restriction{}}
	p.Grants(func(permission access.Permission, space string, narrow map[access.Dimension][]string) {
		if space == "" {
			set.SystemPermissions = append(set.SystemPermissions, permission)
			return
		}
		if c.Space == nil || c.Space.ID == space {
			set.SpacePermissions[permission] = append(set.SpacePermissions[permission], restriction(space, narrow))
		}
	})
	if p.Administrator() {
		if err := c.Read(func(tx *store.Tx) error { return addEverything(c, tx, &set) }); err != nil {
			return err
		}
	}
	slices.Sort(set.SystemPermissions)
	set.SystemPermissions = slices.Compact(set.SystemPermissions)
	body, err := c.Resource(set, api.Links{"Self": "/api/users/" + p.User.ID + "/permissions"})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, body)
}

func restriction(space string, narrow map[access.Dimension][]string) Restriction {
	ids := func(d access.Dimension) []string {
		if list := narrow[d]; list != nil {
			return list
		}
		return []string{}
	}
	return Restriction{SpaceID: space, RestrictedToProjectIDs: ids(access.Projects), RestrictedToEnvironmentIDs: ids(access.Environments),
		RestrictedToTenantIDs: ids(access.Tenants), RestrictedToProjectGroupIDs: ids(access.ProjectGroups)}
}

// addEverything shows an administrator's permissions in every space, though no role of the space grants them.
func addEverything(c *api.Call, tx *store.Tx, set *PermissionSet) error {
	spaces, err := spaceIDs(c, tx)
	if err != nil {
		return err
	}
	for _, t := range access.Traits() {
		if t.Level&access.AtSpace == 0 {
			continue
		}
		set.SpacePermissions[t.Permission] = nil
		for _, id := range spaces {
			set.SpacePermissions[t.Permission] = append(set.SpacePermissions[t.Permission], restriction(id, nil))
		}
	}
	return nil
}

func teamsOf(c *api.Call, p *access.Principal) []TeamItem {
	items := []TeamItem{}
	for _, m := range p.Teams {
		if c.Space != nil && m.Space != "" && m.Space != c.Space.ID {
			continue
		}
		item := TeamItem{ID: m.TeamID, Name: m.Name, IsDirectlyAssigned: m.Direct, ExternalSecurityGroups: []access.NamedReference{}, ExternalGroupNames: []string{}}
		if m.Space != "" {
			item.SpaceID = &m.Space
		}
		items = append(items, item)
	}
	return items
}

func showTeams(c *api.Call, users *api.Set[access.User]) error {
	p, err := principalOf(c, users)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, teamsOf(c, p))
}
