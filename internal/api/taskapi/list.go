package taskapi

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/task"
)

func queryNames() []string {
	return []string{"skip", "take", "ids", "active", "environment", "tenant", "runbook", "project", "name", "node", "running", "states", "hasPendingInterruptions",
		"hasWarningsOrErrors", "partialName", "spaces", "includeSystem", "fromQueueDate", "toQueueDate"}
}

const (
	// maxItems is the longest page.
	maxItems = 2000
	// maxValues is how many values a member of the query may have.
	maxValues = 1000
)

// Page is a page of tasks.
type Page struct {
	api.Page
	Counts
}

// Counts tell how many of the tasks that match are in each state.
type Counts struct {
	IsStale                  bool
	TotalCounts              map[string]int
	TotalCountsInOtherSpaces map[string]int
}

// Behind is a page of the tasks that a task waits for.
type Behind struct {
	api.Page
	Waiting
}

// Waiting says in words why a task waits.
type Waiting struct {
	Reason string
}

func (t *Tasks) list(c *api.Call) error { return t.Answer(c, "{s?}/tasks", task.Filter{}) }

// Answer sends the page of tasks that the query and the filter select and that the caller may see. path is where the page is, as in
// api.Call.Page.
func (t *Tasks) Answer(c *api.Call, path string, f task.Filter) error {
	paging, err := c.Paging()
	if err != nil {
		return err
	}
	paging.Take = min(paging.Take, maxItems)
	if err := readFilter(c, &f); err != nil {
		return err
	}
	asked, err := spacesOf(c)
	if err != nil {
		return err
	}
	items, total, counts := []json.RawMessage{}, 0, map[string]int{}
	err = c.Read(func(tx *store.Tx) error {
		items, total, counts = []json.RawMessage{}, 0, map[string]int{}
		f := f
		if ok, err := narrow(c.Principal, tx, asked, &f); !ok || err != nil {
			return err
		}
		if counts, err = count(tx, f); err != nil {
			return err
		}
		f.Skip, f.Take = paging.Skip, max(paging.Take, 1)
		rows, n, err := task.List(tx, f)
		if err != nil {
			return err
		}
		total = n
		items, err = t.showAll(c, tx, rows[:min(len(rows), paging.Take)])
		return err
	})
	if err != nil {
		return err
	}
	page := c.Page("Task", path, queryNames(), paging, total, items)
	return c.JSON(http.StatusOK, Page{page, Counts{TotalCounts: counts, TotalCountsInOtherSpaces: map[string]int{}}})
}

func (t *Tasks) showAll(c *api.Call, tx *store.Tx, rows []*task.Task) ([]json.RawMessage, error) {
	items := []json.RawMessage{}
	for _, row := range rows {
		shown, err := t.Show(c, tx, row)
		if err != nil {
			return nil, err
		}
		items = append(items, shown)
	}
	return items, nil
}

// count counts by state what the filter selects without its states.
func count(tx *store.Tx, f task.Filter) (map[string]int, error) {
	counts := map[string]int{}
	for _, s := range []task.State{task.Queued, task.Executing, task.Cancelling, task.Success, task.Failed, task.Canceled, task.TimedOut} {
		counts[string(s)] = 0
	}
	if f.Visible == nil {
		found, err := task.Counts(tx, f)
		for s, n := range found {
			counts[string(s)] = n
		}
		return counts, err
	}
	visible := f.Visible
	f.States, f.Active, f.Running, f.Interrupted, f.Take = nil, false, false, nil, 1
	f.Visible = func(row *task.Task) bool {
		if visible(row) {
			counts[string(row.State)]++
		}
		return false
	}
	_, _, err := task.List(tx, f)
	return counts, err
}

// narrow limits the filter to what the principal may see in the asked spaces (nil: all); false is nothing.
func narrow(p *access.Principal, tx *store.Tx, asked []string, f *task.Filter) (bool, error) {
	if asked == nil && p.Administrator() {
		return true, nil
	}
	if asked == nil {
		all, err := space.Spaces().Find(tx, store.Query{})
		if err != nil {
			return false, err
		}
		asked = []string{""}
		for _, s := range all {
			asked = append(asked, s.ID)
		}
	}
	for _, id := range asked {
		if !p.Holds(access.TaskView, id) {
			continue
		}
		f.Spaces = append(f.Spaces, id)
		if !p.Everywhere(access.TaskView, id) {
			f.Visible = func(row *task.Task) bool { return p.Allowed(access.TaskView, scope(row)) }
		}
	}
	return len(f.Spaces) > 0, nil
}

// spacesOf reads spaces and includeSystem; nil is all, an empty ID the system.
func spacesOf(c *api.Call) ([]string, error) {
	system := !c.Has("includeSystem")
	if !system {
		var err error
		if system, err = c.QueryBool("includeSystem"); err != nil {
			return nil, err
		}
	}
	ids := c.QueryList("spaces")
	switch {
	case c.Space != nil:
		ids = []string{c.Space.ID}
		system = system && c.Has("includeSystem")
	case len(ids) == 0 || strings.EqualFold(ids[0], "all"):
		return nil, nil
	case !c.Has("includeSystem"):
		system = false
	}
	if system {
		ids = append(ids, "")
	}
	return ids, nil
}

// readFilter adds what the query says to the filter.
func readFilter(c *api.Call, f *task.Filter) error {
	for name, list := range map[string]*[]string{"ids": &f.IDs, "states": &f.States, "name": &f.Kinds} {
		values := c.QueryList(name)
		if len(values) > maxValues {
			return fault.Invalid("the query's %s has %d values; at most %d are allowed: ask in several requests", name, len(values), maxValues)
		}
		*list = append(*list, values...)
	}
	if c.Has("ids") && len(f.IDs) == 0 {
		f.IDs = []string{""}
	}
	f.Project, f.Environment, f.Tenant, f.Runbook = or(c.Query("project"), f.Project), or(c.Query("environment"), f.Environment), or(c.Query("tenant"), f.Tenant), or(c.Query("runbook"), f.Runbook)
	f.Node, f.Description = strings.TrimPrefix(c.Query("node"), "OctopusServerNodes-"), c.Query("partialName")
	return readFlags(c, f)
}

func readFlags(c *api.Call, f *task.Filter) error {
	for name, flag := range map[string]*bool{"active": &f.Active, "running": &f.Running} {
		v, err := c.QueryBool(name)
		if err != nil {
			return err
		}
		*flag = *flag || v
	}
	for name, flag := range map[string]**bool{"hasPendingInterruptions": &f.Interrupted, "hasWarningsOrErrors": &f.Warnings} {
		if !c.Has(name) {
			continue
		}
		v, err := c.QueryBool(name)
		if err != nil {
			return err
		}
		*flag = &v
	}
	for name, at := range map[string]**time.Time{"fromQueueDate": &f.QueuedAfter, "toQueueDate": &f.QueuedUntil} {
		if !c.Has(name) {
			continue
		}
		v, err := time.Parse(time.RFC3339, strings.ReplaceAll(c.Query(name), " ", "+"))
		if err != nil {
			return fault.Invalid("the query's %s is %q; it must be a time such as 2026-01-31T12:00:00+00:00", name, c.Query(name))
		}
		*at = &v
	}
	return nil
}

func or(first, otherwise string) string {
	if first != "" {
		return first
	}
	return otherwise
}

// queuedBehind answers with the tasks before one, and a sentence.
func (t *Tasks) queuedBehind(c *api.Call) error {
	paging, err := c.Paging()
	if err != nil {
		return err
	}
	var items []json.RawMessage
	var reason, id string
	total := 0
	err = c.Read(func(tx *store.Tx) error {
		row, err := t.load(c, tx)
		if err != nil {
			return err
		}
		behind, err := task.QueuedBehind(tx, row)
		if err != nil {
			return err
		}
		id, reason, items, total = row.ID, behind.Reason, []json.RawMessage{}, 0
		var seen []*task.Task
		for _, other := range behind.Tasks {
			if c.Principal.Allowed(access.TaskView, scope(other)) {
				seen = append(seen, other)
			}
		}
		if len(seen) < len(behind.Tasks) && len(behind.Tasks) > 0 {
			reason = hiddenReason
		}
		total = len(seen)
		from := min(paging.Skip, total)
		items, err = t.showAll(c, tx, seen[from:from+min(paging.Take, total-from)])
		return err
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, Behind{c.Page("Task", "{s?}/tasks/"+id+"/queued-behind", []string{"skip", "take"}, paging, total, items), Waiting{reason}})
}

// hiddenReason stands for a reason that names tasks which the caller may not see.
const hiddenReason = "The task waits for others, some of which you may not see."
