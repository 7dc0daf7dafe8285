package task

import (
	"strconv"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/store"
)

// Filter selects tasks; zero fields do not filter.
type Filter struct {
	IDs, Spaces, States, Kinds []string
	Project, Environment       string
	Tenant, Runbook, Node      string
	// Machine is the ID of a machine or worker that the task works on.
	Machine string
	// Description is contained in the description, case ignored.
	Description string
	// System includes tasks that belong to no space.
	System bool
	// Active: queued, executing or cancelling. Running: executing or cancelling.
	Active, Running bool
	// Warnings: ended with warnings, or failed.
	Interrupted, Warnings    *bool
	QueuedAfter, QueuedUntil *time.Time
	// Visible limits the result to what the caller may see of projects and environments; nil: all of them.
	Visible    func(t *Task) bool
	Skip, Take int
}

// List returns one page of the tasks that match, newest first, and how many match in all.
func List(tx *store.Tx, f Filter) (page []*Task, total int, err error) {
	where, args := f.where()
	order := " ORDER BY seq DESC"
	page = []*Task{}
	if f.Visible != nil {
		err = tx.Query("SELECT "+columns+" FROM server_task"+where+order, args, func(row *store.Row) error {
			t, err := scan(row)
			if err != nil || !f.Visible(t) {
				return err
			}
			if total >= f.Skip && (f.Take == 0 || len(page) < f.Take) {
				page = append(page, t)
			}
			total++
			return nil
		})
		return page, total, err
	}
	if err := tx.QueryRow("SELECT COUNT(*) FROM server_task"+where, args...).Scan(&total); err != nil {
		return nil, 0, err
	}
	if f.Take > 0 {
		order += " LIMIT " + strconv.Itoa(f.Take) + " OFFSET " + strconv.Itoa(f.Skip)
	}
	err = tx.Query("SELECT "+columns+" FROM server_task"+where+order, args, func(row *store.Row) error {
		t, err := scan(row)
		page = append(page, t)
		return err
	})
	return page, total, err
}

// where writes the conditions of the filter.
func (f Filter) where() (string, []any) {
	w := conditions{}
	w.in("id", f.IDs)
	w.in("state", f.States)
	w.in("kind", f.Kinds)
	if len(f.Spaces) > 0 {
		spaces := f.Spaces
		if f.System {
			spaces = append([]string{""}, spaces...)
		}
		w.in("space_id", spaces)
	}
	for column, value := range map[string]string{"project_id": f.Project, "environment_id": f.Environment, "tenant_id": f.Tenant, "runbook_id": f.Runbook, "owner_node": f.Node} {
		if value != "" {
			w.in(column, []string{value})
		}
	}
	if f.Machine != "" {
		w.args = append(w.args, f.Machine)
		w.parts = append(w.parts, "id IN (SELECT task_id FROM task_machine WHERE machine_id = $"+strconv.Itoa(len(w.args))+")")
	}
	if f.Active {
		w.in("state", []string{string(Queued), string(Executing), string(Cancelling)})
	}
	if f.Running {
		w.in("state", []string{string(Executing), string(Cancelling)})
	}
	if f.Interrupted != nil {
		w.compare("interrupted =", *f.Interrupted)
	}
	if f.Warnings != nil {
		w.compare("(has_warnings OR state IN ('Failed', 'TimedOut')) =", *f.Warnings)
	}
	if f.Description != "" {
		w.compare(`description_key LIKE`, "%"+strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(store.Fold(f.Description))+"%")
		w.parts[len(w.parts)-1] += ` ESCAPE '\'`
	}
	if f.QueuedAfter != nil {
		w.compare("queued_at >=", store.At(*f.QueuedAfter))
	}
	if f.QueuedUntil != nil {
		w.compare("queued_at <=", store.At(*f.QueuedUntil))
	}
	if len(w.parts) == 0 {
		return "", nil
	}
	return " WHERE " + strings.Join(w.parts, " AND "), w.args
}

type conditions struct {
	parts []string
	args  []any
}

func (w *conditions) in(column string, values []string) {
	if len(values) == 0 {
		return
	}
	marks := make([]string, len(values))
	for i, v := range values {
		w.args = append(w.args, v)
		marks[i] = "$" + strconv.Itoa(len(w.args))
	}
	w.parts = append(w.parts, column+" IN ("+strings.Join(marks, ", ")+")")
}

func (w *conditions) compare(left string, value any) {
	w.args = append(w.args, value)
	w.parts = append(w.parts, left+" $"+strconv.Itoa(len(w.args)))
}

// Counts returns how many tasks are in each state, for the filter without its states.
func Counts(tx *store.Tx, f Filter) (map[State]int, error) {
	f.States, f.Active, f.Running, f.Interrupted = nil, false, false, nil
	where, args := f.where()
	counts := map[State]int{}
	err := tx.Query("SELECT state, COUNT(*) FROM server_task"+where+" GROUP BY state", args, func(row *store.Row) error {
		var s State
		var n int
		err := row.Scan(&s, &n)
		counts[s] = n
		return err
	})
	return counts, err
}
