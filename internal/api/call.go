package api

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/audit"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
)

// Call is one request on its way through the engine. It belongs to the request's goroutine.
type Call struct {
	Engine  *Engine
	Request *http.Request
	// Writer is for handlers that stream; the others answer with JSON or Write.
	Writer    http.ResponseWriter
	Operation *Operation
	RequestID string
	// Principal is who asks; never nil after identification.
	Principal *access.Principal
	// Actor is the Principal as the audit names it, with address and program.
	Actor audit.Actor
	// Space is nil for an operation of the system.
	Space *space.Space

	params   map[string]string
	query    map[string][]string
	body     []byte
	bodyRead bool
	// events are recorded at the end of a Write, in which collecting is true: the counter of events is the last row that a
	// transaction locks, whatever else it numbers.
	events     []audit.Entry
	collecting bool
	sessionID  string // hash of the session's token, when a cookie signed in
}

// SpaceID returns the ID of the space, or nothing.
func (c *Call) SpaceID() string {
	if c.Space == nil {
		return ""
	}
	return c.Space.ID
}

// Param returns a parameter of the path, unescaped.
func (c *Call) Param(name string) string { return c.params[name] }

// Query returns a member of the query, its name in any case; nothing where there is none.
func (c *Call) Query(name string) string {
	if values := c.queries(name); len(values) > 0 {
		return values[0]
	}
	return ""
}

// Has reports whether the query has the member with a value.
func (c *Call) Has(name string) bool { return c.Query(name) != "" }

// QueryList returns the values of a member that is given as a list, joined by commas or repeated.
func (c *Call) QueryList(name string) []string {
	list := []string{}
	for _, text := range c.queries(name) {
		for value := range strings.SplitSeq(text, ",") {
			if value = strings.TrimSpace(value); value != "" {
				list = append(list, value)
			}
		}
	}
	return list
}

// QueryBool returns a member that is true or false; absent is false.
func (c *Call) QueryBool(name string) (bool, error) {
	text := c.Query(name)
	if text == "" {
		return false, nil
	}
	v, err := strconv.ParseBool(strings.ToLower(text))
	if err != nil {
		return false, fault.Invalid("the query's %s is %q; it must be true or false", name, text)
	}
	return v, nil
}

// QueryInt returns a number of the query, or otherwise where it is absent.
func (c *Call) QueryInt(name string, otherwise int) (int, error) {
	text := c.Query(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, fault.Invalid("the query's %s is %q; it must be a whole number from 0 on", name, text)
	}
	return n, nil
}

func (c *Call) queries(name string) []string {
	if c.query == nil {
		c.query = map[string][]string{}
		for key, values := range c.Request.URL.Query() {
			key = strings.ToLower(key)
			c.query[key] = append(c.query[key], values...)
		}
	}
	return c.query[strings.ToLower(name)]
}

// Link writes a link of the call's space; see Engine.Link.
func (c *Call) Link(path string) string { return c.Engine.Link(path, c.SpaceID()) }

// Require fails unless the caller holds the permission for the scope.
func (c *Call) Require(permission access.Permission, scope access.Scope) error {
	if c.Principal.Allowed(permission, scope) {
		return nil
	}
	return c.missing(permission)
}

// RequireAll is Require for a write that touches every ID of the scope.
func (c *Call) RequireAll(permission access.Permission, scope access.Scope) error {
	if c.Principal.AllowedAll(permission, scope) {
		return nil
	}
	return c.missing(permission)
}

// Record writes an audit event of this call, in the call's space unless the entry names one. Inside Write it is written at the end
// of the transaction.
func (c *Call) Record(tx *store.Tx, e audit.Entry) error {
	if e.SpaceID == "" {
		e.SpaceID = c.SpaceID()
	}
	return c.record(tx, e)
}

func (c *Call) record(tx *store.Tx, e audit.Entry) error {
	e.Actor = c.Actor
	if c.collecting {
		c.events = append(c.events, e)
		return nil
	}
	_, err := audit.Record(tx, e)
	return err
}

// flush writes the collected events.
func (c *Call) flush(tx *store.Tx) error {
	for _, e := range c.events {
		if _, err := audit.Record(tx, e); err != nil {
			return err
		}
	}
	return nil
}

// SessionHash returns the hash of the token of the caller's session; nothing where a key signed in.
func (c *Call) SessionHash() string { return c.sessionID }
