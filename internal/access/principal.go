package access

import "slices"

// Principal is who asks: a user with all that its teams are granted. The zero Principal is the anonymous caller, who
// holds nothing. It does not change once it is loaded.
type Principal struct {
	User User
	// Teams are those that the user is in, the built-in "everyone" included.
	Teams []Membership
	// Version is the state of the user's permissions that this principal shows; see Directory.Check.
	Version Version
	grants  map[Permission][]grant
}

// Membership is one team of a principal.
type Membership struct {
	TeamID, Name, Space string
	Direct              bool
}

// grant is one permission in one place. An empty space is the system.
type grant struct {
	space  string
	narrow map[Dimension][]string
}

// Anonymous reports whether nobody has signed in.
func (p *Principal) Anonymous() bool { return p == nil || p.User.ID == "" }

// Administrator reports whether the principal may do everything.
func (p *Principal) Administrator() bool { return p != nil && len(p.grants[AdministerSystem]) > 0 }

// Allowed reports whether one grant of the permission covers the scope: it is in the scope's space, and in every
// dimension that narrows it the scope has at least one of its IDs. Administrators are allowed everything.
func (p *Principal) Allowed(permission Permission, scope Scope) bool {
	if p.Administrator() {
		return true
	}
	if p == nil {
		return false
	}
	return slices.ContainsFunc(p.grants[permission], func(g grant) bool { return g.covers(scope) })
}

// AllowedAll is Allowed for a write: every single ID of the scope must be covered, not just one of each dimension.
func (p *Principal) AllowedAll(permission Permission, scope Scope) bool {
	if !p.Allowed(permission, scope) {
		return false
	}
	for _, d := range dimensions() {
		ids := scope.In(d)
		if len(ids) < 2 {
			continue
		}
		for _, id := range ids {
			if !p.Allowed(permission, scope.with(d, id)) {
				return false
			}
		}
	}
	return true
}

// Holds reports whether there is any grant of the permission in the space, however narrow.
func (p *Principal) Holds(permission Permission, space string) bool {
	return p.has(permission, func(g grant) bool { return g.space == space })
}

// Everywhere reports whether the permission is held in the space without being narrowed.
func (p *Principal) Everywhere(permission Permission, space string) bool {
	return p.has(permission, func(g grant) bool { return g.space == space && len(g.narrow) == 0 })
}

// Enters reports whether the principal has any business in the space.
func (p *Principal) Enters(space string) bool {
	if p.Administrator() {
		return true
	}
	if p == nil {
		return false
	}
	for _, grants := range p.grants {
		if slices.ContainsFunc(grants, func(g grant) bool { return g.space == space }) {
			return true
		}
	}
	return false
}

func (p *Principal) has(permission Permission, ok func(grant) bool) bool {
	return p.Administrator() || p != nil && slices.ContainsFunc(p.grants[permission], ok)
}

// Grants calls each with every grant of the principal, and the IDs that narrow it.
func (p *Principal) Grants(each func(permission Permission, space string, narrow map[Dimension][]string)) {
	for permission, grants := range p.grants {
		for _, g := range grants {
			each(permission, g.space, g.narrow)
		}
	}
}

func (g grant) covers(scope Scope) bool {
	if g.space != scope.Space {
		return false
	}
	for d, ids := range g.narrow {
		has := scope.In(d)
		if slices.Contains(has, AnyID) {
			continue
		}
		if !slices.ContainsFunc(has, func(id string) bool { return slices.Contains(ids, id) }) {
			return false
		}
	}
	return true
}

func dimensions() []Dimension {
	return []Dimension{Projects, Environments, Tenants, ProjectGroups}
}

func (s Scope) with(d Dimension, id string) Scope {
	ids := []string{id}
	switch d {
	case Projects:
		s.Projects = ids
	case Environments:
		s.Environments = ids
	case Tenants:
		s.Tenants = ids
	case ProjectGroups:
		s.ProjectGroups = ids
	}
	return s
}

// HoldsAnywhere reports whether there is any grant of the permission, in the system or in any space.
func (p *Principal) HoldsAnywhere(permission Permission) bool {
	return p.has(permission, func(grant) bool { return true })
}
