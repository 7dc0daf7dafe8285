package accessapi

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
)

func spaceIDs(c *api.Call, tx *store.Tx) ([]string, error) {
	if c.Space != nil {
		return []string{c.Space.ID}, nil
	}
	all, err := space.Spaces().Find(tx, store.Query{})
	ids := []string{}
	for _, s := range all {
		ids = append(ids, s.ID)
	}
	return ids, err
}

func registerTeams(e *api.Engine) {
	teams := api.Register(e, api.Resource[access.Team]{
		Path: "teams", Where: api.InBoth, ChangesAccess: true, Collection: access.Teams(), ItemType: "Team",
		View: access.TeamView, Create: access.TeamCreate, Edit: access.TeamEdit, Delete: access.TeamDelete,
		RootLink: "Teams", RootQuery: []string{"spaces", "includeSystem"}, Narrow: narrowTeams,
		Slug:    func(t *access.Team) *string { return &t.Slug },
		Prepare: prepareTeam, Validate: validateTeam, Written: teamWritten, Deleting: deleteTeam,
		Links: func(_ *api.Call, t *access.Team) api.Links {
			return api.Links{"ScopedUserRoles": "/api/teams/" + t.ID + "/scopeduserroles{?skip,take}"}
		},
	})
	e.AddLink("TeamMembership", "/api/teammembership{?userId,spaces,includeSystem}")
	grants := registerGrants(e)
	e.Handle(
		api.Operation{Method: http.MethodGet, Path: "teams/{id}/scopeduserroles", Where: api.InBoth, Permission: access.TeamView, Summary: "The roles of a team", Out: access.ScopedUserRole{}, List: true,
			Handler: func(c *api.Call) error {
				id := c.Param("id")
				return grants.ListWhere(c, "teams/"+id+"/scopeduserroles", func(tx *store.Tx) ([]store.Cond, error) {
					t, err := teams.Load(c, tx, id)
					if err != nil {
						return nil, err
					}
					return []store.Cond{store.Eq("team_id", t.ID)}, nil
				})
			}},
		api.Operation{Method: http.MethodGet, Path: "teammembership", Where: api.InBoth, Permission: access.TeamView, Summary: "The teams of a user", Out: []Membership{},
			Queries: []string{"userId", "spaces", "includeSystem"}, Handler: func(c *api.Call) error { return memberships(c) }},
	)
}

// narrowTeams reads spaces (a list, or "all") and includeSystem.
func narrowTeams(c *api.Call, tx *store.Tx) ([]store.Cond, error) {
	spaces := c.QueryList("spaces")
	system := !c.Has("includeSystem")
	if !system {
		var err error
		if system, err = c.QueryBool("includeSystem"); err != nil {
			return nil, err
		}
	}
	if len(spaces) == 0 || slices.ContainsFunc(spaces, func(s string) bool { return strings.EqualFold(s, "all") }) {
		if !system {
			return []store.Cond{store.NotIn("space_id", "")}, nil
		}
		return nil, nil
	}
	if system {
		spaces = append(spaces, "")
	}
	return []store.Cond{store.In("space_id", spaces...)}, nil
}

func prepareTeam(c *api.Call, tx *store.Tx, t, old *access.Team) error {
	t.Name = strings.TrimSpace(t.Name)
	t.Complete()
	if old == nil {
		t.CanBeDeleted, t.CanBeRenamed, t.CanChangeRoles, t.CanChangeMembers = true, true, true, true
		if t.SpaceID != nil && *t.SpaceID == "" {
			t.SpaceID = nil
		}
		if t.SpaceID == nil && c.Space != nil {
			id := c.Space.ID
			t.SpaceID = &id
		}
		return nil
	}
	t.CanBeDeleted, t.CanBeRenamed, t.CanChangeRoles, t.CanChangeMembers = old.CanBeDeleted, old.CanBeRenamed, old.CanChangeRoles, old.CanChangeMembers
	t.SpaceID = old.SpaceID
	if !old.CanBeRenamed {
		t.Name, t.Slug = old.Name, old.Slug
	}
	if !old.CanChangeMembers {
		t.MemberUserIDs = old.MemberUserIDs
	}
	return nil
}

func validateTeam(c *api.Call, tx *store.Tx, t, old *access.Team) ([]string, error) {
	var found []string
	if t.Name == "" {
		found = append(found, "the team has no Name; give it one")
	}
	for _, id := range t.MemberUserIDs {
		n, err := access.Users().Count(tx, store.Eq("id", id))
		if err != nil {
			return nil, err
		}
		if n == 0 {
			found = append(found, fmt.Sprintf("MemberUserIds names the user %q, which does not exist", id))
		}
	}
	if t.SpaceID != nil {
		n, err := space.Spaces().Count(tx, store.Eq("id", *t.SpaceID))
		if err != nil {
			return nil, err
		}
		if n == 0 {
			found = append(found, fmt.Sprintf("SpaceId names the space %q, which does not exist", *t.SpaceID))
		}
	}
	administers, err := access.TeamAdministers(tx, t.ID)
	if err != nil {
		return nil, err
	}
	if administers && !c.Principal.Administrator() {
		return nil, fault.Forbidden("only administrators may change a team of administrators")
	}
	if t.ID == access.AdministratorsTeam {
		if len(t.MemberUserIDs) == 0 {
			found = append(found, "the team of administrators needs a member; nobody could administer the system otherwise")
		}
	}
	return found, nil
}

// teamWritten moves the version of everybody who was or is in the team.
func teamWritten(_ *api.Call, tx *store.Tx, t, old *access.Team) error {
	ids := append([]string{}, t.MemberUserIDs...)
	if old != nil {
		ids = append(ids, old.MemberUserIDs...)
	}
	slices.Sort(ids)
	if ids = slices.Compact(ids); len(ids) == 0 {
		return nil
	}
	return access.Touch(tx, ids...)
}

func deleteTeam(_ *api.Call, tx *store.Tx, t *access.Team) error {
	if !t.CanBeDeleted {
		return fault.Invalid("the team %q is built in and cannot be deleted", t.Name)
	}
	if _, err := tx.Exec("DELETE FROM scoped_user_role WHERE team_id = $1", t.ID); err != nil {
		return err
	}
	return access.Touch(tx)
}

// Membership is one team of a user.
type Membership struct {
	UserID             string `json:"UserId"`
	TeamID             string `json:"TeamId"`
	TeamName           string
	SpaceID            *string `json:"SpaceId"`
	IsDirectlyAssigned bool
}

func memberships(c *api.Call) error {
	id := c.Query("userId")
	if id == "" {
		id = c.Principal.User.ID
	}
	var p *access.Principal
	err := c.Read(func(tx *store.Tx) (err error) {
		p, err = c.Engine.Directory().Load(tx, id, access.Unlocked)
		return err
	})
	if err != nil {
		return err
	}
	list := []Membership{}
	for _, t := range teamsOf(c, p) {
		scope := access.Whichever("")
		if t.SpaceID != nil {
			scope = access.Whichever(*t.SpaceID)
		}
		if c.Principal.Allowed(access.TeamView, scope) {
			list = append(list, Membership{id, t.ID, t.Name, t.SpaceID, t.IsDirectlyAssigned})
		}
	}
	return c.JSON(http.StatusOK, list)
}
