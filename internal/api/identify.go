package api

import (
	"cmp"
	"net/http"
	"strings"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/audit"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
)

// identify finds who asks and the space, in one read transaction.
func (c *Call) identify() error {
	var key string
	var session access.Session
	err := c.Engine.DB.Read(c.Request.Context(), func(tx *store.Tx) (err error) {
		userID := ""
		key, session, userID, err = c.credentials(tx)
		if err != nil && !fault.Is(err, fault.KindUnauthenticated) {
			return err
		}
		c.Principal = &access.Principal{}
		if err == nil && userID != "" {
			var known *access.Principal
			if known, err = c.Engine.directory.Load(tx, userID, access.Unlocked); err == nil {
				c.Principal = known
			}
		}
		if err != nil && !fault.Is(err, fault.KindUnauthenticated) && !fault.Is(err, fault.KindNotFound) {
			return err
		}
		if c.Principal.Anonymous() && !c.Operation.Anonymous { // before the space is looked for: strangers learn nothing of spaces
			return cmp.Or(err, errStranger())
		}
		return c.findSpace(tx)
	})
	if err != nil {
		return err
	}
	c.Actor = audit.Actor{
		UserID: c.Principal.User.ID, Username: c.Principal.User.Username, IsService: c.Principal.User.IsService,
		UserAgent: limited(c.Request.UserAgent(), 500), IPAddress: c.Address(), Agent: audit.AgentOf(c.Request.UserAgent()),
	}
	if c.Principal.Anonymous() {
		c.Actor.Username = "anonymous"
		return nil
	}
	if key != "" {
		c.Actor.EstablishedWith = "API key"
		c.Engine.keyUsed(key)
		return nil
	}
	c.Actor.EstablishedWith = "Session cookie"
	c.sessionID = session.TokenHash
	err = c.checkCSRF(session)
	if err != nil && c.Operation.Anonymous {
		c.Principal, c.sessionID = &access.Principal{}, ""
		return nil
	}
	if err != nil || !session.Stale(c.Engine.DB.Now()) {
		return err
	}
	return c.Engine.DB.Write(c.Request.Context(), func(tx *store.Tx) error { return access.TouchSession(tx, session) })
}

func errStranger() error {
	return fault.Unauthenticated("you are not signed in, or the API key is not valid; send a valid key in the header X-Octopus-ApiKey")
}

// credentials looks up what the request carries.
func (c *Call) credentials(tx *store.Tx) (key string, session access.Session, userID string, err error) {
	if key = c.apiKey(); key != "" {
		userID, err = access.UserOfKey(tx, key)
	} else if token := c.cookie(sessionCookie); token != "" {
		session, err = access.SessionOf(tx, token)
		userID = session.UserID
	}
	return key, session, userID, err
}

// Again identifies the caller of a long request once more: the key or the session may have ended, the permissions changed.
func (c *Call) Again(tx *store.Tx) (*access.Principal, error) {
	_, _, userID, err := c.credentials(tx)
	if err != nil {
		return nil, err
	}
	return c.Engine.directory.Load(tx, userID, access.Unlocked)
}

// findSpace resolves {space}, or takes the default space where an operation of a space is called without one.
func (c *Call) findSpace(tx *store.Tx) (err error) {
	name, given := c.params["space"]
	switch {
	case given:
		c.Space, err = space.Find(tx, name)
		if fault.Is(err, fault.KindNotFound) || err == nil && !c.Operation.Anonymous && !c.Principal.Enters(c.Space.ID) {
			return notInSpace(c)
		}
	case c.Operation.Where == InSpace:
		c.Space, err = space.Default(tx)
	}
	return err
}

// apiKey returns what was sent as a key, in either header.
func (c *Call) apiKey() string {
	if key := c.Request.Header.Get("X-Octopus-ApiKey"); key != "" {
		return key
	}
	scheme, token, _ := strings.Cut(c.Request.Header.Get("Authorization"), " ")
	if strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(token)
	}
	return ""
}

// The prefixes of the cookies' names; the installation's ID follows.
const (
	sessionCookie = "OctopusIdentificationToken_"
	csrfCookie    = "Octopus-Csrf-Token_"
	csrfHeader    = "X-Octopus-Csrf-Token"
)

func (c *Call) cookie(prefix string) string {
	cookie, err := c.Request.Cookie(prefix + c.Engine.InstallationID)
	if err != nil {
		return ""
	}
	return cookie.Value
}

// checkCSRF wants the header with every write that a cookie signs: another site can make a browser send the cookie, but
// not the header.
func (c *Call) checkCSRF(session access.Session) error {
	switch c.Request.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return nil
	}
	if session.TokenMatchesCSRF(c.Request.Header.Get(csrfHeader)) {
		return nil
	}
	return fault.Forbidden("a write with a session cookie needs the header %s with the value of the cookie %s; send it, or use an API key", csrfHeader, csrfCookie+c.Engine.InstallationID)
}

// limited cuts what a client sent to what a column holds.
func limited(text string, n int) string {
	if len(text) > n {
		text = text[:n]
	}
	return strings.ReplaceAll(strings.ToValidUTF8(text, "?"), "\x00", "?")
}
