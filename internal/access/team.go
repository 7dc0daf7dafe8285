package access

import "github.com/mantledeploy/mantle/internal/store"

// The IDs of the built-in teams. Each space has one more, see SpaceManagersTeam.
const (
	EveryoneTeam       = "teams-everyone"
	AdministratorsTeam = "teams-administrators"
	ManagersTeam       = "teams-managers"
)

// SpaceManagersTeam returns the ID of the team that manages a space.
func SpaceManagersTeam(space string) string { return "teams-spacemanagers-" + space }

// Team is a set of users that are granted roles together. A nil SpaceID is a team of the whole system.
type Team struct {
	store.Meta
	Name                   string
	Slug                   string
	Description            string
	MemberUserIDs          []string `json:"MemberUserIds"`
	ExternalSecurityGroups []NamedReference
	CanBeDeleted           bool
	CanBeRenamed           bool
	CanChangeRoles         bool
	CanChangeMembers       bool
	SpaceID                *string `json:"SpaceId"`
}

// NamedReference names a group of an identity provider.
type NamedReference struct {
	ID               string `json:"Id"`
	DisplayName      string
	DisplayIDAndName bool `json:"DisplayIdAndName"`
}

// Space returns the ID of the team's space, or nothing for a team of the system.
func (t *Team) Space() string { return deref(t.SpaceID) }

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// Teams are the teams of the installation.
func Teams() *store.Collection[Team] {
	return &store.Collection[Team]{
		Table: "team", Prefix: "Teams-", Noun: "team",
		Columns: []store.Column[Team]{
			{Name: "name", Value: func(t *Team) any { return t.Name }},
			{Name: "name_fold", Value: func(t *Team) any { return store.Fold(t.Name) }},
			{Name: "slug", Value: func(t *Team) any { return t.Slug }},
			{Name: "space_id", Value: func(t *Team) any { return t.Space() }},
		},
		Links: []store.Link[Team]{{Name: "member", Values: func(t *Team) []string { return t.MemberUserIDs }}},
		Keys: []store.Key[Team]{{Columns: []string{"space_id", "name_fold"}, Taken: func(t *Team) string {
			return "a team with the name \"" + t.Name + "\" exists already; choose another name"
		}}},
	}
}
