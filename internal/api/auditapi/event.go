// Package auditapi serves the audit: its events, what they are filtered by, and their stream. internal/server imports it, and
// tests.
package auditapi

import (
	"encoding/csv"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/audit"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
)

func queryNames() []string {
	return []string{"skip", "take", "regarding", "regardingAny", "user", "users", "projects", "projectGroups", "environments", "eventGroups", "eventCategories", "eventAgents",
		"tags", "tenants", "from", "to", "internal", "fromAutoId", "toAutoId", "documentTypes", "asCsv", "ids", "spaces", "includeSystem", "excludeDifference"}
}

// Register serves everything of the package.
func Register(e *api.Engine) {
	e.AddLink("Events", "{s?}/events{/id}{?"+strings.Join(queryNames(), ",")+"}")
	op := func(path, summary string, out any, handler func(*api.Call) error) api.Operation {
		return api.Operation{Method: http.MethodGet, Path: path, Where: api.InBoth, Permission: access.EventView, Summary: summary, Out: out, Handler: handler}
	}
	list := op("events", "List what was done, the newest first", audit.Event{}, listEvents)
	list.List, list.Queries = true, queryNames()
	e.Handle(list,
		op("events/{id}", "One event", audit.Event{}, getEvent),
		op("events/stream", "Changes as they happen, as server-sent events", nil, func(c *api.Call) error { return stream(c) }),
	)
	registerWords(e, op)
}

func listEvents(c *api.Call) error {
	page, err := c.Paging()
	if err != nil {
		return err
	}
	filter, err := filterOf(c)
	if err != nil {
		return err
	}
	items, total := []any{}, 0
	var found []*audit.Event
	err = c.Read(func(tx *store.Tx) error {
		events, n, err := find(c, tx, filter, page)
		if err != nil {
			return err
		}
		items, total, found = []any{}, n, events
		for _, e := range events {
			shown, err := show(c, e)
			if err != nil {
				return err
			}
			items = append(items, shown)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if csv, err := c.QueryBool("asCsv"); err != nil {
		return err
	} else if csv {
		return writeCSV(c, found)
	}
	return c.JSON(http.StatusOK, c.Page("Event", "{s?}/events", queryNames(), page, total, items))
}

// writeCSV answers with the events as a table. A text that a spreadsheet would take for a formula is quoted by a tick.
func writeCSV(c *api.Call, events []*audit.Event) error {
	h := c.Writer.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="events.csv"`)
	w := csv.NewWriter(c.Writer)
	rows := [][]string{{"Id", "Occurred", "Category", "Username", "Message", "RelatedDocumentIds", "SpaceId", "IpAddress", "UserAgent"}}
	for _, e := range events {
		space := ""
		if e.SpaceID != nil {
			space = *e.SpaceID
		}
		rows = append(rows, []string{e.ID, e.Occurred.Format(time.RFC3339Nano), string(e.Category), e.Username, e.Message, strings.Join(e.RelatedDocumentIDs, " "), space, e.IPAddress, e.UserAgent})
	}
	for _, row := range rows {
		for i, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
				row[i] = "'" + cell
			}
		}
	}
	return w.WriteAll(rows)
}

// find returns the page of those events that the caller may see.
func find(c *api.Call, tx *store.Tx, f audit.Filter, page api.Paging) ([]*audit.Event, int, error) {
	spaces, narrow, err := visibleSpaces(c, tx, f.Spaces)
	if err != nil {
		return nil, 0, err
	}
	if len(spaces) == 0 {
		return nil, 0, nil
	}
	f.Spaces = spaces
	if !narrow {
		events, total, err := audit.List(tx, f, page.Skip, max(page.Take, 1))
		if page.Take == 0 {
			events = nil
		}
		return events, total, err
	}
	all, _, err := audit.List(tx, f, 0, 0)
	if err != nil {
		return nil, 0, err
	}
	all = slices.DeleteFunc(all, func(e *audit.Event) bool { return !mayView(c.Principal, e) })
	return all[min(page.Skip, len(all)):min(page.Skip+page.Take, len(all))], len(all), nil
}

// visibleSpaces returns in which of the asked spaces the caller holds EventView, and whether that is narrowed somewhere.
func visibleSpaces(c *api.Call, tx *store.Tx, asked []string) (ids []string, narrow bool, err error) {
	if asked == nil {
		all, err := space.Spaces().Find(tx, store.Query{})
		if err != nil {
			return nil, false, err
		}
		asked = []string{""}
		for _, s := range all {
			asked = append(asked, s.ID)
		}
	}
	for _, id := range asked {
		if c.Principal.Holds(access.EventView, id) {
			ids = append(ids, id)
			narrow = narrow || !c.Principal.Everywhere(access.EventView, id)
		}
	}
	return ids, narrow, nil
}

// mayView reports whether the principal may see the event: the documents that it is related to are its scope.
func mayView(p *access.Principal, e *audit.Event) bool {
	scope := access.Scope{}
	if e.SpaceID != nil {
		scope.Space = *e.SpaceID
	}
	for _, id := range e.RelatedDocumentIDs {
		switch prefix, _, _ := strings.Cut(id, "-"); prefix {
		case "Projects":
			scope.Projects = append(scope.Projects, id)
		case "Environments":
			scope.Environments = append(scope.Environments, id)
		case "Tenants":
			scope.Tenants = append(scope.Tenants, id)
		}
	}
	return p.Allowed(access.EventView, scope)
}

func filterOf(c *api.Call) (audit.Filter, error) {
	f := audit.Filter{IDs: c.QueryList("ids"), Users: append(c.QueryList("users"), c.QueryList("user")...), Regarding: c.QueryList("regarding"), RegardingAny: c.QueryList("regardingAny"),
		Categories: c.QueryList("eventCategories"), DocumentTypes: c.QueryList("documentTypes"), Agents: c.QueryList("eventAgents")}
	for _, name := range []string{"projects", "projectGroups", "environments", "tenants", "tags"} {
		if ids := c.QueryList(name); len(ids) > 0 {
			f.Any = append(f.Any, ids)
		}
	}
	for _, g := range audit.Groups() {
		if slices.ContainsFunc(c.QueryList("eventGroups"), func(s string) bool { return strings.EqualFold(s, g.ID) }) {
			for _, category := range g.Categories {
				f.Categories = append(f.Categories, string(category))
			}
		}
	}
	if c.Has("eventGroups") && len(f.Categories) == 0 {
		f.Categories = []string{"none of these groups exists"}
	}
	var err error
	if f.From, err = queryTime(c, "from"); err != nil {
		return f, err
	}
	if f.To, err = queryTime(c, "to"); err != nil {
		return f, err
	}
	from, err := c.QueryInt("fromAutoId", 0)
	if err != nil {
		return f, err
	}
	to, err := c.QueryInt("toAutoId", 0)
	if from > 0 {
		f.AfterSeq = int64(from) - 1
	}
	f.UpToSeq = int64(to)
	f.Spaces = spacesOf(c)
	return f, err
}

// spacesOf reads spaces and includeSystem; nil is all.
func spacesOf(c *api.Call) []string {
	system := !strings.EqualFold(c.Query("includeSystem"), "false")
	if c.Space != nil {
		if c.Has("includeSystem") && system {
			return []string{c.Space.ID, ""}
		}
		return []string{c.Space.ID}
	}
	ids := c.QueryList("spaces")
	if len(ids) == 0 || strings.EqualFold(ids[0], "all") {
		return nil
	}
	if system {
		ids = append(ids, "")
	}
	return ids
}

func queryTime(c *api.Call, name string) (time.Time, error) {
	text := c.Query(name)
	if text == "" {
		return time.Time{}, nil
	}
	text = strings.ReplaceAll(text, " ", "+") // a plus that was not escaped
	for _, form := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02"} {
		if t, err := time.Parse(form, text); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fault.Invalid("the query's %s is %q; it must be a time such as 2026-01-31T12:00:00+00:00", name, text)
}

func getEvent(c *api.Call) error {
	var e *audit.Event
	err := c.Read(func(tx *store.Tx) (err error) {
		e, err = audit.Get(tx, c.Param("id"))
		return err
	})
	if err != nil {
		return err
	}
	if !mayView(c.Principal, e) || c.Space != nil && (e.SpaceID == nil || *e.SpaceID != c.Space.ID) {
		return fault.NotFound("the event %q was not found", c.Param("id"))
	}
	shown, err := show(c, e)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, shown)
}

func show(c *api.Call, e *audit.Event) (any, error) {
	if excluded, _ := c.QueryBool("excludeDifference"); excluded {
		e.ChangeDetails = audit.ChangeDetails{Differences: []audit.Difference{}}
	}
	return c.Resource(struct {
		*audit.Event
		AutoID int64 `json:"AutoId"`
	}{e, e.Seq}, api.Links{"Self": "/api/events/" + e.ID})
}

func sequence(id string) (int64, bool) {
	n, err := strconv.ParseInt(strings.TrimPrefix(id, "Events-"), 10, 64)
	return n, err == nil && n >= 0
}
