package access

import (
	"fmt"
	"sync"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
)

// Version is the state of one user's permissions: the counter of the user and that of everybody.
type Version struct{ User, All int64 }

// everybody is the row of access_version that a change of roles or grants moves.
const everybody = "*"

// Directory loads principals. It keeps those that it loaded, each with its Version, and never answers from one whose
// version is not the database's.
type Directory struct {
	mu    sync.Mutex
	known map[string]*Principal
}

// NewDirectory returns an empty directory.
func NewDirectory() *Directory { return &Directory{known: map[string]*Principal{}} }

// Lock says how a transaction that loads a principal keeps permissions from changing.
type Lock int

// The locks. A write is Held: what was authorised cannot commit after a revocation that committed before. A write that will
// change permissions, or maintenance mode, is Changing from its start, or two of them would wait for each other.
const (
	Unlocked Lock = iota
	Held
	Changing
)

// Load returns the principal with the user's ID as the transaction sees it.
func (d *Directory) Load(tx *store.Tx, userID string, lock Lock) (*Principal, error) {
	if err := lock.take(tx); err != nil {
		return nil, fmt.Errorf("lock the permissions of %s: %w", userID, err)
	}
	version, err := readVersion(tx, userID)
	if err != nil {
		return nil, fmt.Errorf("read the version of the permissions of %s: %w", userID, err)
	}
	d.mu.Lock()
	p := d.known[userID]
	d.mu.Unlock()
	if p != nil && p.Version == version {
		return p, nil
	}
	if p, err = load(tx, userID); err != nil {
		return nil, err
	}
	p.Version = version
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.known) > 10_000 {
		clear(d.known)
	}
	d.known[userID] = p
	return p, nil
}

// take takes the one lock of everybody's permissions: changes are rare, and must not wait for an end of the writes.
func (l Lock) take(tx *store.Tx) error {
	const name = "access"
	switch l {
	case Held:
		return tx.Share(name)
	case Changing:
		return tx.Exclude(name)
	}
	return nil
}

func readVersion(tx *store.Tx, userID string) (Version, error) {
	var v Version
	err := tx.Query("SELECT id, version FROM access_version WHERE id IN ($1, $2)", []any{userID, everybody}, func(row *store.Row) error {
		var id string
		var n int64
		if err := row.Scan(&id, &n); err != nil {
			return err
		}
		if id == everybody {
			v.All = n
		} else {
			v.User = n
		}
		return nil
	})
	return v, err
}

// Touch says that the permissions of the users have changed; none means those of everybody.
func Touch(tx *store.Tx, userIDs ...string) error {
	if err := Changing.take(tx); err != nil {
		return err
	}
	if len(userIDs) == 0 {
		userIDs = []string{everybody}
	}
	for _, id := range userIDs {
		_, err := tx.Exec(`INSERT INTO access_version (id, version) VALUES ($1, 1)
			ON CONFLICT (id) DO UPDATE SET version = access_version.version + 1`, id)
		if err != nil {
			return err
		}
	}
	return nil
}

func load(tx *store.Tx, userID string) (*Principal, error) {
	user, err := Users().Get(tx, userID)
	if err != nil {
		return nil, err
	}
	if !user.IsActive {
		return nil, fault.Unauthenticated("the user %q is not active; ask an administrator to activate it", user.Username)
	}
	return assemble(tx, user)
}

// Administers reports whether the user is, or would be if it were active, an administrator.
func Administers(tx *store.Tx, userID string) (bool, error) {
	user, err := Users().First(tx, store.Query{Where: []store.Cond{store.Eq("id", userID)}})
	if err != nil || user == nil {
		return false, err
	}
	p, err := assemble(tx, user)
	return p.Administrator(), err
}

// TeamAdministers reports whether who is in the team is an administrator.
func TeamAdministers(tx *store.Tx, teamID string) (bool, error) {
	p := &Principal{grants: map[Permission][]grant{}}
	err := p.addGrants(tx, []string{teamID})
	return p.Administrator(), err
}

func assemble(tx *store.Tx, user *User) (*Principal, error) {
	p := &Principal{User: *user, grants: map[Permission][]grant{}}
	teams, err := Teams().Find(tx, store.Query{Where: []store.Cond{store.Eq("member", user.ID)}})
	if err != nil {
		return nil, err
	}
	everyone, err := Teams().Find(tx, store.Query{Where: []store.Cond{store.Eq("id", EveryoneTeam)}})
	if err != nil {
		return nil, err
	}
	ids := []string{}
	for _, t := range append(teams, everyone...) {
		p.Teams = append(p.Teams, Membership{TeamID: t.ID, Name: t.Name, Space: t.Space(), Direct: t.ID != EveryoneTeam})
		ids = append(ids, t.ID)
	}
	return p, p.addGrants(tx, ids)
}

func (p *Principal) addGrants(tx *store.Tx, teams []string) error {
	scoped, err := ScopedUserRoles().Find(tx, store.Query{Where: []store.Cond{store.In("team_id", teams...)}})
	if err != nil {
		return err
	}
	all, err := UserRoles().Find(tx, store.Query{})
	if err != nil {
		return err
	}
	roles := map[string]*UserRole{}
	for _, r := range all {
		roles[r.ID] = r
	}
	traits := map[Permission]Trait{}
	for _, t := range Traits() {
		traits[t.Permission] = t
	}
	for _, s := range scoped {
		role := roles[s.UserRoleID]
		if role == nil {
			continue
		}
		granted := role.GrantedSystemPermissions
		if s.Space() != "" {
			granted = role.GrantedSpacePermissions
		}
		for _, permission := range granted {
			p.grants[permission] = append(p.grants[permission], s.grant(traits[permission]))
		}
	}
	return nil
}

// grant narrows in those dimensions only that the permission knows.
func (s *ScopedUserRole) grant(t Trait) grant {
	g := grant{space: s.Space(), narrow: map[Dimension][]string{}}
	for _, d := range t.Restrict {
		ids := Scope{Projects: s.ProjectIDs, Environments: s.EnvironmentIDs, Tenants: s.TenantIDs, ProjectGroups: s.ProjectGroupIDs}.In(d)
		if len(ids) > 0 {
			g.narrow[d] = ids
		}
	}
	return g
}
