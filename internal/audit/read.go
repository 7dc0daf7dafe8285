package audit

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
)

// Event is a recorded entry, as the wire has it.
type Event struct {
	ID                      string   `json:"Id"`
	RelatedDocumentIDs      []string `json:"RelatedDocumentIds"`
	Category                Category
	UserID                  string `json:"UserId"`
	Username                string
	IsService               bool
	IdentityEstablishedWith string
	UserAgent               string
	Occurred                time.Time
	Message                 string
	MessageHTML             string `json:"MessageHtml"`
	MessageReferences       []Reference
	Comments                string
	Details                 string
	ChangeDetails           ChangeDetails
	IPAddress               string  `json:"IpAddress"`
	SpaceID                 *string `json:"SpaceId"`
	// Seq is the event's place in the order of commits.
	Seq int64 `json:"-"`
	// DocumentID and DocumentType name what was written.
	DocumentID, DocumentType string `json:"-"`
}

// Filter selects events. An empty list does not restrict.
type Filter struct {
	// Spaces are IDs; "" is the system.
	Spaces                                        []string
	IDs, Categories, Users, DocumentTypes, Agents []string
	// Regarding must all be related, RegardingAny at least one; so must one of each list in Any.
	Regarding, RegardingAny []string
	Any                     [][]string
	From, To                time.Time
	// AfterSeq and UpToSeq bound the order of commits; 0 is no bound.
	AfterSeq, UpToSeq int64
}

// where makes the conditions of the filter.
func (f Filter) where() (string, []any) {
	var parts []string
	var args []any
	arg := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	list := func(values []string) string {
		marks := make([]string, len(values))
		for i, v := range values {
			marks[i] = arg(v)
		}
		return "(" + strings.Join(marks, ", ") + ")"
	}
	for column, values := range map[string][]string{"space_id": f.Spaces, "id": f.IDs, "category": f.Categories, "user_id": f.Users, "document_type": f.DocumentTypes, "agent": f.Agents} {
		if len(values) > 0 {
			parts = append(parts, column+" IN "+list(values))
		}
	}
	related := func(values []string) {
		parts = append(parts, "EXISTS (SELECT 1 FROM event_link l WHERE l.owner_id = event.id AND l.kind = 'related' AND l.value IN "+list(values)+")")
	}
	for _, id := range f.Regarding {
		related([]string{id})
	}
	for _, ids := range append([][]string{f.RegardingAny}, f.Any...) {
		if len(ids) > 0 {
			related(ids)
		}
	}
	if !f.From.IsZero() {
		parts = append(parts, "occurred >= "+arg(store.At(f.From)))
	}
	if !f.To.IsZero() {
		parts = append(parts, "occurred <= "+arg(store.At(f.To)))
	}
	if f.AfterSeq > 0 {
		parts = append(parts, "seq > "+arg(f.AfterSeq))
	}
	if f.UpToSeq > 0 {
		parts = append(parts, "seq <= "+arg(f.UpToSeq))
	}
	if len(parts) == 0 {
		return "", args
	}
	return " WHERE " + strings.Join(parts, " AND "), args
}

const eventColumns = `id, seq, space_id, category, document_id, document_type, user_id, username, is_service, established_with, user_agent,
	ip_address, occurred, message, message_html, message_references, comments, details, document_before, document_after`

// List returns a page of the events that meet the filter, the newest first, and how many there are. Take 0 is no limit.
func List(tx *store.Tx, f Filter, skip, take int) ([]*Event, int, error) {
	where, args := f.where()
	var total int
	if err := tx.QueryRow("SELECT COUNT(*) FROM event"+where, args...).Scan(&total); err != nil {
		return nil, 0, fmt.Errorf("count events: %w", err)
	}
	limit := ""
	if take > 0 {
		limit = " LIMIT " + strconv.Itoa(take) + " OFFSET " + strconv.Itoa(skip)
	}
	events, err := read(tx, "SELECT "+eventColumns+" FROM event"+where+" ORDER BY seq DESC"+limit, args)
	return events, total, err
}

// After returns the events that follow in the order of commits, at most so many, the oldest first.
func After(tx *store.Tx, seq int64, most int) ([]*Event, error) {
	return read(tx, "SELECT "+eventColumns+" FROM event WHERE seq > $1 ORDER BY seq LIMIT "+strconv.Itoa(most), []any{seq})
}

// Last returns the place of the newest event in the order of commits.
func Last(tx *store.Tx) (int64, error) {
	var seq int64
	err := tx.QueryRow("SELECT seq FROM event ORDER BY seq DESC LIMIT 1").Scan(&seq)
	if errors.Is(err, store.ErrNoRow) {
		return 0, nil
	}
	return seq, err
}

// Get returns one event.
func Get(tx *store.Tx, id string) (*Event, error) {
	events, err := read(tx, "SELECT "+eventColumns+" FROM event WHERE id = $1", []any{id})
	if err != nil {
		return nil, err
	}
	if len(events) == 0 {
		return nil, fault.NotFound("the event %q was not found", id)
	}
	return events[0], nil
}

func read(tx *store.Tx, query string, args []any) ([]*Event, error) {
	events := []*Event{}
	byID := map[string]*Event{}
	err := tx.Query(query, args, func(row *store.Row) error {
		e, err := scan(row)
		if err != nil {
			return err
		}
		events = append(events, e)
		byID[e.ID] = e
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	for start := 0; start < len(events); start += 500 {
		if err := readRelated(tx, events[start:min(start+500, len(events))], byID); err != nil {
			return nil, err
		}
	}
	return events, nil
}

func scan(row *store.Row) (*Event, error) {
	e := &Event{RelatedDocumentIDs: []string{}}
	var space, references string
	var occurred store.Time
	var before, after *string
	err := row.Scan(&e.ID, &e.Seq, &space, &e.Category, &e.DocumentID, &e.DocumentType, &e.UserID, &e.Username, &e.IsService, &e.IdentityEstablishedWith, &e.UserAgent,
		&e.IPAddress, &occurred, &e.Message, &e.MessageHTML, &references, &e.Comments, &e.Details, &before, &after)
	if err != nil {
		return nil, err
	}
	if space != "" {
		e.SpaceID = &space
	}
	e.Occurred = occurred.Time
	e.ChangeDetails = changes(before, after)
	return e, json.Unmarshal([]byte(references), &e.MessageReferences)
}

func readRelated(tx *store.Tx, events []*Event, byID map[string]*Event) error {
	if len(events) == 0 {
		return nil
	}
	marks, args := []string{}, []any{}
	for _, e := range events {
		args = append(args, e.ID)
		marks = append(marks, "$"+strconv.Itoa(len(args)))
	}
	return tx.Query("SELECT owner_id, value FROM event_link WHERE kind = 'related' AND owner_id IN ("+strings.Join(marks, ", ")+") ORDER BY owner_id, value", args, func(row *store.Row) error {
		var id, value string
		err := row.Scan(&id, &value)
		if err == nil {
			byID[id].RelatedDocumentIDs = append(byID[id].RelatedDocumentIDs, value)
		}
		return err
	})
}
