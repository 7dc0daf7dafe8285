package space

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/store"
)

// Hook makes what a new space begins with; other nouns give theirs to whoever creates spaces.
type Hook func(tx *store.Tx, s *Space) error

// nameMost is how many characters a space's name may have.
const nameMost = 50

// Complete turns nil lists into empty ones, trims the name, and keeps what a client may not change.
func (s *Space) Complete(old *Space) {
	s.Name = strings.TrimSpace(s.Name)
	if s.SpaceManagersTeams == nil {
		s.SpaceManagersTeams = []string{}
	}
	if s.SpaceManagersTeamMembers == nil {
		s.SpaceManagersTeamMembers = []string{}
	}
	s.IsDefault, s.IsPrivate = false, false
	if old != nil {
		s.IsDefault = old.IsDefault
	}
	if own := access.SpaceManagersTeam(s.ID); s.ID != "" && !contains(s.SpaceManagersTeams, own) {
		s.SpaceManagersTeams = append([]string{own}, s.SpaceManagersTeams...)
	}
}

// Findings returns what is wrong with the space. reserved tells which slugs are words of the API.
func (s *Space) Findings(reserved func(slug string) bool) []string {
	var found []string
	switch n := utf8.RuneCountInString(s.Name); {
	case n == 0:
		found = append(found, "the space has no Name; give it one")
	case n > nameMost:
		found = append(found, fmt.Sprintf("the space's Name has %d characters; %d are the most", n, nameMost))
	}
	if reserved(s.Slug) {
		found = append(found, fmt.Sprintf("the slug %q is a word of the API's addresses; choose another name or slug for the space", s.Slug))
	}
	if len(s.SpaceManagersTeamMembers) == 0 && len(s.others()) == 0 {
		found = append(found, "the space has no manager; name a user in SpaceManagersTeamMembers or a team in SpaceManagersTeams")
	}
	return found
}

// others are the managing teams besides the space's own.
func (s *Space) others() []string {
	var teams []string
	for _, id := range s.SpaceManagersTeams {
		if id != access.SpaceManagersTeam(s.ID) {
			teams = append(teams, id)
		}
	}
	return teams
}

// CheckManagers fails if a manager does not exist.
func (s *Space) CheckManagers(tx *store.Tx) ([]string, error) {
	var found []string
	for _, id := range s.SpaceManagersTeamMembers {
		if n, err := access.Users().Count(tx, store.Eq("id", id)); err != nil {
			return nil, err
		} else if n == 0 {
			found = append(found, fmt.Sprintf("SpaceManagersTeamMembers names the user %q, which does not exist", id))
		}
	}
	for _, id := range s.others() {
		if n, err := access.Teams().Count(tx, store.Eq("id", id)); err != nil {
			return nil, err
		} else if n == 0 {
			found = append(found, fmt.Sprintf("SpaceManagersTeams names the team %q, which does not exist", id))
		}
	}
	return found, nil
}

// Manage brings the team that manages the space, and the grants of other teams, to what the space says.
func (s *Space) Manage(tx *store.Tx) error {
	own := access.SpaceManagersTeam(s.ID)
	n, err := access.Teams().Count(tx, store.Eq("id", own))
	if err != nil {
		return err
	}
	if n == 0 {
		err = access.CreateManagers(tx, s.ID, s.Name, s.SpaceManagersTeamMembers)
	} else {
		_, err = access.Teams().Modify(tx, own, func(t *access.Team) error {
			t.MemberUserIDs = s.SpaceManagersTeamMembers
			return nil
		})
	}
	if err != nil {
		return err
	}
	if err := access.SetManagingTeams(tx, s.ID, s.SpaceManagersTeams); err != nil {
		return err
	}
	return access.Touch(tx)
}

// Managed returns the space with the managers that it has now: teams and their members change without the space.
func (s *Space) Managed(tx *store.Tx) (*Space, error) {
	now := *s
	var err error
	if now.SpaceManagersTeams, err = access.ManagingTeams(tx, s.ID); err != nil {
		return nil, err
	}
	team, err := access.Teams().First(tx, store.Query{Where: []store.Cond{store.Eq("id", access.SpaceManagersTeam(s.ID))}})
	if err == nil && team != nil {
		now.SpaceManagersTeamMembers = team.MemberUserIDs
	}
	return &now, err
}

// SeedDefault creates the space "Default" where there is no space at all.
func SeedDefault(tx *store.Tx, hooks []Hook) error {
	n, err := Spaces().Count(tx)
	if err != nil || n > 0 {
		return err
	}
	s := &Space{Name: "Default", Slug: "default", IsDefault: true, SpaceManagersTeamMembers: []string{}}
	if s.ID, _, err = tx.NextID("Spaces-"); err != nil {
		return err
	}
	s.SpaceManagersTeams = []string{access.SpaceManagersTeam(s.ID), access.AdministratorsTeam}
	if err := Spaces().Insert(tx, s); err != nil {
		return err
	}
	return s.Begin(tx, hooks)
}

// Begin makes what a new space begins with.
func (s *Space) Begin(tx *store.Tx, hooks []Hook) error {
	if err := s.Manage(tx); err != nil {
		return err
	}
	for _, hook := range hooks {
		if err := hook(tx, s); err != nil {
			return fmt.Errorf("fill the new space %s: %w", s.ID, err)
		}
	}
	return nil
}

func contains(list []string, s string) bool {
	for _, item := range list {
		if item == s {
			return true
		}
	}
	return false
}
