package release

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/variable"
)

// Named names the variables of one name in the set of one owner; an empty owner is the project.
type Named struct {
	OwnerID string `json:"OwnerId"`
	Name    string
}

// SnapshotSome gives the release the named variables as they are now and keeps the others as they were copied. The release is
// not stored.
func (r *Release) SnapshotSome(tx *store.Tx, p *project.Project, names []Named) error {
	byOwner := map[string][]string{}
	for _, n := range names {
		owner := orElse(n.OwnerID, p.ID)
		byOwner[owner] = append(byOwner[owner], n.Name)
	}
	for _, id := range append([]*string{&r.ProjectVariableSetSnapshotID}, pointers(r.LibraryVariableSetSnapshotIDs)...) {
		copied, err := variable.Sets().Get(tx, *id)
		if err != nil {
			return err
		}
		wanted := byOwner[copied.OwnerID]
		delete(byOwner, copied.OwnerID)
		if len(wanted) == 0 {
			continue
		}
		mixed, err := r.mix(tx, copied, wanted)
		if err != nil {
			return err
		}
		*id = mixed.ID
	}
	for owner := range byOwner {
		return fault.Invalid("the release has no variables of %q; name the project, or a library set that the release includes", owner)
	}
	return nil
}

func pointers(list []string) []*string {
	all := make([]*string, len(list))
	for i := range list {
		all[i] = &list[i]
	}
	return all
}

// mix stores a copy for this release alone: the named variables from the set as it is now, all others from the old copy.
func (r *Release) mix(tx *store.Tx, copied *variable.Set, names []string) (*variable.Set, error) {
	now, err := variable.Sets().Get(tx, variable.IDOf(copied.OwnerID))
	if err != nil {
		return nil, err
	}
	has := func(name string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
	}
	mixed := *copied
	mixed.Variables = slices.DeleteFunc(slices.Clone(copied.Variables), func(v variable.Variable) bool { return has(v.Name) })
	found := len(mixed.Variables) != len(copied.Variables)
	for _, v := range now.Variables {
		if has(v.Name) {
			mixed.Variables, found = append(mixed.Variables, v), true
		}
	}
	if !found {
		return nil, fault.Invalid("there is no variable named %s", strings.Join(names, " or "))
	}
	for n := 1; ; n++ {
		id := fmt.Sprintf("%s-s-%d-%s-%d", now.ID, copied.Version, r.ID, n)
		taken, err := variable.Sets().Count(tx, store.Eq("id", id))
		if err != nil {
			return nil, err
		}
		if taken == 0 {
			mixed.Meta = store.Meta{ID: id}
			return &mixed, variable.Sets().Insert(tx, &mixed)
		}
	}
}
