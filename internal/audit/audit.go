// Package audit keeps what was done: who did what to which document, when and from where, with the document before and
// after. Every write of the product records an Entry in its own transaction. The package decides no permissions and speaks
// no HTTP; product packages after it in the order and every floor above may import it.
package audit

import (
	"encoding/json"
	"fmt"
	"html"
	"slices"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
)

// Channel is what store.Listen listens on for new events; a payload is the event's ID.
const Channel = "event"

// Actor says who did something and how it was known. The zero Actor is the system.
type Actor struct {
	UserID, Username string
	IsService        bool
	// EstablishedWith tells how the caller was recognised: "API key", "Session cookie" …
	EstablishedWith string
	UserAgent       string
	IPAddress       string
	// Agent is the class of the program that called: see Agents.
	Agent string
}

// Reference marks a stretch of an event's message that names a document.
type Reference struct {
	ReferencedDocumentID string `json:"ReferencedDocumentId"`
	StartIndex, Length   int
}

// Subject is a document that a message names.
type Subject struct{ ID, Name string }

// Entry is what Record is given.
type Entry struct {
	Category Category
	Actor    Actor
	// SpaceID is empty for an event of the system.
	SpaceID string
	// DocumentID and DocumentType name what was written: "Projects-1" and "Projects".
	DocumentID, DocumentType string
	// Message tells what happened; Subjects are found in it by their names and become references.
	Message  string
	Subjects []Subject
	// Related are further IDs by which the event is found: projects, environments, tenants …
	Related           []string
	Comments, Details string
	// Before and After are the document as it was stored; nil where there is none. Sealed secrets are taken out.
	Before, After json.RawMessage
}

// Record writes the entry as an event of the transaction's time, and returns its ID.
func Record(tx *store.Tx, e Entry) (string, error) {
	id, seq, err := tx.NextID("Events-")
	if err != nil {
		return "", fmt.Errorf("number an event: %w", err)
	}
	actor := e.Actor
	if actor.Username == "" {
		actor.Username = "system"
	}
	references := findReferences(e.Message, e.Subjects)
	encoded, err := json.Marshal(references)
	if err != nil {
		return "", err
	}
	_, err = tx.Exec(`INSERT INTO event (id, seq, space_id, category, document_id, document_type, user_id, username, is_service, established_with,
		user_agent, ip_address, agent, occurred, message, message_html, message_references, comments, details, document_before, document_after)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)`,
		id, seq, e.SpaceID, string(e.Category), e.DocumentID, e.DocumentType, actor.UserID, actor.Username, actor.IsService, actor.EstablishedWith,
		actor.UserAgent, actor.IPAddress, actor.Agent, store.At(tx.Now), e.Message, messageHTML(e.Message, references), string(encoded),
		e.Comments, e.Details, stripped(e.Before), stripped(e.After))
	if err != nil {
		return "", fmt.Errorf("write an event: %w", err)
	}
	for _, related := range relatedIDs(e) {
		if _, err := tx.Exec("INSERT INTO event_link (owner_id, kind, value) VALUES ($1, 'related', $2)", id, related); err != nil {
			return "", err
		}
	}
	tx.Notify(Channel, id)
	return id, nil
}

func stripped(doc json.RawMessage) any {
	if len(doc) == 0 {
		return nil
	}
	return string(secret.StripSealed(doc))
}

func relatedIDs(e Entry) []string {
	ids := append([]string{}, e.DocumentID)
	for _, s := range e.Subjects {
		ids = append(ids, s.ID)
	}
	ids = append(ids, e.Related...)
	slices.Sort(ids)
	return slices.DeleteFunc(slices.Compact(ids), func(id string) bool { return id == "" })
}

// findReferences looks each name up in the message, in order, so that equal names are not found twice in one place.
func findReferences(message string, subjects []Subject) []Reference {
	found := []Reference{}
	from := 0
	for _, s := range subjects {
		i := -1
		if s.Name != "" {
			i = strings.Index(message[from:], s.Name)
		}
		if i < 0 {
			continue
		}
		found = append(found, Reference{s.ID, from + i, len(s.Name)})
		from += i + len(s.Name)
	}
	return found
}

func messageHTML(message string, references []Reference) string {
	var b strings.Builder
	at := 0
	for _, r := range references {
		b.WriteString(html.EscapeString(message[at:r.StartIndex]))
		at = r.StartIndex + r.Length
		b.WriteString("<a href=\"#/" + html.EscapeString(r.ReferencedDocumentID) + "\">" + html.EscapeString(message[r.StartIndex:at]) + "</a>")
	}
	b.WriteString(html.EscapeString(message[at:]))
	return b.String()
}

// Prune removes the events that occurred before the time, and returns how many they were.
func Prune(tx *store.Tx, before time.Time) (int64, error) {
	_, err := tx.Exec("DELETE FROM event_link WHERE owner_id IN (SELECT id FROM event WHERE occurred < $1)", store.At(before))
	if err != nil {
		return 0, err
	}
	return tx.Exec("DELETE FROM event WHERE occurred < $1", store.At(before))
}
