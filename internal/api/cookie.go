package api

import (
	"net/http"
	"time"

	"github.com/mantledeploy/mantle/internal/secret"
)

// SetSessionCookies sets the two cookies of a new session. Clients want exactly one CSRF cookie at the path "/", and send
// its raw value back in a header; scripts must be able to read it, the other one not.
func (c *Call) SetSessionCookies(token, csrf secret.Text, expires time.Time) {
	c.setCookie(sessionCookie, token.Reveal(), expires, true)
	c.setCookie(csrfCookie, csrf.Reveal(), expires, false)
}

// ClearSessionCookies makes the browser forget them.
func (c *Call) ClearSessionCookies() {
	past := time.Unix(1, 0)
	c.setCookie(sessionCookie, "", past, true)
	c.setCookie(csrfCookie, "", past, false)
}

func (c *Call) setCookie(prefix, value string, expires time.Time, httpOnly bool) {
	http.SetCookie(c.Writer, &http.Cookie{
		Name: prefix + c.Engine.InstallationID, Value: value, Path: "/", Expires: expires, HttpOnly: httpOnly,
		SameSite: http.SameSiteLaxMode, Secure: c.Engine.secure(c.Request),
	})
}
