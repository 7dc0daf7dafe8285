// Package space holds the walls inside one installation: a space owns its projects, environments, machines and all that
// belongs to them. It declares the Space itself and Member, which every type embeds that belongs to a space. It speaks
// no HTTP. Every product package after it, and the floors above, may import it.
package space

import "github.com/mantledeploy/mantle/internal/store"

// Space is one space, as the wire has it.
type Space struct {
	store.Meta
	Name             string
	Slug             string
	Description      string
	IsDefault        bool
	IsPrivate        bool
	TaskQueueStopped bool
	// SpaceManagersTeams and SpaceManagersTeamMembers are IDs of teams and users that manage the space.
	SpaceManagersTeams       []string
	SpaceManagersTeamMembers []string
	Icon                     *Icon
}

// Icon is the sign that pages show for a space.
type Icon struct {
	ID    string `json:"Id"`
	Color string
}

// Member is embedded by every document that belongs to a space, after store.Meta.
type Member struct {
	SpaceID string `json:"SpaceId"`
}

// Home returns where the ID of the document's space is kept.
func (m *Member) Home() *string { return &m.SpaceID }

// Spaces are the spaces of the installation.
func Spaces() *store.Collection[Space] {
	return &store.Collection[Space]{
		Table: "space", Prefix: "Spaces-", Noun: "space",
		Columns: []store.Column[Space]{
			{Name: "name", Value: func(s *Space) any { return s.Name }},
			{Name: "name_fold", Value: func(s *Space) any { return store.Fold(s.Name) }},
			{Name: "slug", Value: func(s *Space) any { return s.Slug }},
			{Name: "is_default", Value: func(s *Space) any { return s.IsDefault }},
			// The queue reads it: tasks of such a space are not started.
			{Name: "queue_stopped", Value: func(s *Space) any { return s.TaskQueueStopped }},
		},
		Keys: []store.Key[Space]{
			{Columns: []string{"name_fold"}, Taken: func(s *Space) string {
				return "a space with the name \"" + s.Name + "\" exists already; choose another name"
			}},
			{Columns: []string{"slug"}, Taken: func(s *Space) string {
				return "a space with the slug \"" + s.Slug + "\" exists already; choose another slug"
			}},
		},
	}
}
