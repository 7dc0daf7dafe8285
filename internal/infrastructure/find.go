package infrastructure

import (
	"slices"
	"strconv"
	"strings"

	"github.com/mantledeploy/mantle/internal/store"
)

func sortedDistinct(texts []string) []string {
	list := Distinct(texts)
	slices.SortFunc(list, func(a, b string) int { return strings.Compare(store.Fold(a), store.Fold(b)) })
	return list
}

// Targets returns the machines of the space that are in the environment and have one of the roles (case ignored; no roles:
// any), disabled ones too, by name.
func Targets(tx *store.Tx, spaceID, environmentID string, roles []string) ([]*Machine, error) {
	q := inSpace(spaceID).With(store.Eq("environment", environmentID))
	if len(roles) > 0 {
		q = q.With(store.In("role", folded(roles)...))
	}
	q.OrderBy = []string{"name_fold"}
	return Machines().Find(tx, q)
}

// SystemNames returns the names of the operating systems, or with shells set of the shells, that health checks have found on the
// machines of the space, or with workers set on its workers.
func SystemNames(tx *store.Tx, spaceID string, workers, shells bool) ([]string, error) {
	all, err := HealthOf(tx, spaceID, workers)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, h := range all {
		if shells {
			names = append(names, h.ShellName)
		} else {
			names = append(names, h.OperatingSystem)
		}
	}
	return sortedDistinct(names), nil
}

// WithHealth returns the IDs of the machines and workers whose health has one of the statuses, and whose shell one of the
// names; an empty list asks for nothing.
func WithHealth(tx *store.Tx, statuses, shells []string) ([]string, error) {
	query, args := "SELECT machine_id FROM machine_health WHERE 1 = 1", []any{}
	in := func(column string, values []string) {
		marks := make([]string, len(values))
		for i, v := range values {
			args = append(args, v)
			marks[i] = "$" + strconv.Itoa(len(args))
		}
		query += " AND " + column + " IN (" + strings.Join(marks, ", ") + ")"
	}
	if len(statuses) > 0 {
		in("status", statuses)
	}
	if len(shells) > 0 {
		in("shell_fold", folded(shells))
	}
	ids := []string{}
	err := tx.Query(query, args, func(row *store.Row) error {
		var id string
		err := row.Scan(&id)
		ids = append(ids, id)
		return err
	})
	return ids, err
}
