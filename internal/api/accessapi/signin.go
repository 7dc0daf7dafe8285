package accessapi

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/audit"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
)

// Login is what a client sends to sign in.
type Login struct {
	Username, Password string
	RememberMe         bool
	State              struct{ UsingSecureConnection bool }
}

// Authentication tells how people can sign in.
type Authentication struct {
	AutoLoginEnabled                                    bool
	AnyAuthenticationProvidersSupportPasswordManagement bool
	AuthenticationProviders                             []Provider
}

// Provider is one way to sign in.
type Provider struct {
	Name, IdentityType string
	FormsLoginEnabled  bool
	Links              map[string]string
	CSSLinks           []string
	JavascriptLinks    []string
}

func registerSignIn(e *api.Engine) {
	e.AddLink("SignIn", "/api/users/login{?returnUrl}")
	e.AddLink("SignOut", "/api/users/logout")
	e.AddLink("Authentication", "/api/authentication")
	e.AddLink("UserAuthentication", "/api/users/authentication{/userId}")
	why := "everybody may see how accounts are signed in"
	e.Handle(
		api.Operation{Method: http.MethodPost, Path: "users/login", Where: api.InSystem, Anonymous: true, Summary: "Sign in with a password", In: Login{}, Out: access.User{}, Handler: login(e)},
		api.Operation{Method: http.MethodPost, Path: "users/logout", Where: api.InSystem, Anonymous: true, Summary: "Sign out", Handler: logout},
		api.Operation{Method: http.MethodGet, Path: "authentication", Where: api.InSystem, Anonymous: true, Summary: "How people sign in", Out: Authentication{},
			Handler: func(c *api.Call) error { return c.JSON(http.StatusOK, authentication(c)) }},
		api.Operation{Method: http.MethodGet, Path: "users/authentication", Where: api.InSystem, SignedIn: why, Summary: "How the caller signs in", Out: Authentication{},
			Handler: func(c *api.Call) error { return c.JSON(http.StatusOK, authentication(c)) }},
		api.Operation{Method: http.MethodGet, Path: "users/authentication/{id}", Where: api.InSystem, SignedIn: why, Summary: "How a user signs in", Out: Authentication{},
			Handler: func(c *api.Call) error { return c.JSON(http.StatusOK, authentication(c)) }},
	)
}

func authentication(c *api.Call) Authentication {
	return Authentication{
		AnyAuthenticationProvidersSupportPasswordManagement: true,
		AuthenticationProviders: []Provider{{
			Name: "Username / Password", IdentityType: "UsernamePassword", FormsLoginEnabled: true,
			Links: map[string]string{"Authenticate": c.Link("/api/users/login{?returnUrl}")}, CSSLinks: []string{}, JavascriptLinks: []string{},
		}},
	}
}

func login(e *api.Engine) func(*api.Call) error {
	return func(c *api.Call) error {
		var asked Login
		if err := c.Decode(&asked); err != nil {
			return err
		}
		ctx := c.Request.Context()
		user, err := access.SignIn(ctx, e.DB, access.Attempt{Username: asked.Username, Password: asked.Password, Address: c.Address()})
		if err != nil {
			if !fault.Is(err, fault.KindUnauthenticated) {
				return err
			}
			// Clients show the message of a 400; a 401 is a defect to them.
			return errors.Join(fault.Invalid("%s", err.Error()).Because(err), recordFailure(c, asked.Username, err))
		}
		return c.Write(func(tx *store.Tx) (api.Reply, error) {
			p, err := e.Directory().Load(tx, user.ID, access.Held)
			if err != nil {
				return api.Reply{}, err
			}
			c.Principal = p
			token, csrf, session, err := access.CreateSession(tx, user.ID, asked.RememberMe, c.Address(), c.Actor.UserAgent)
			if err != nil {
				return api.Reply{}, err
			}
			c.Actor.UserID, c.Actor.Username, c.Actor.EstablishedWith = user.ID, user.Username, "Password"
			err = c.Record(tx, audit.Entry{Category: audit.LoginSucceeded, DocumentID: user.ID, DocumentType: "Users", Message: user.Username + " signed in", Subjects: []audit.Subject{{ID: user.ID, Name: user.Username}}})
			if err != nil {
				return api.Reply{}, err
			}
			shown := *user
			shown.IsRequestor, shown.CanPasswordBeEdited = true, true
			body, err := c.Resource(&shown, withSelf(userLinks(c, user), "/api/users/"+user.ID))
			c.Writer.Header().Del("Set-Cookie") // of a try that the database made the server repeat
			c.SetSessionCookies(token, csrf, expiry(session, asked.RememberMe))
			return api.Reply{Body: body}, err
		})
	}
}

func withSelf(l api.Links, self string) api.Links {
	l["Self"] = self
	return l
}

// expiry is when the browser forgets the cookies: at its end, unless it was asked to remember.
func expiry(s access.Session, remember bool) time.Time {
	if remember {
		return s.Expires
	}
	return time.Time{}
}

// recordFailure writes the event of a failed sign-in. A locked one writes none, or the audit could be flooded.
func recordFailure(c *api.Call, username string, cause error) error {
	category := audit.LoginFailed
	if errors.Is(cause, access.ErrNoSuchUser) {
		category = audit.LoginFailedNotUserExists
	}
	username = strings.ToValidUTF8(username[:min(len(username), 64)], "?")
	return c.Engine.DB.Write(c.Request.Context(), func(tx *store.Tx) error {
		return c.Record(tx, audit.Entry{Category: category, DocumentType: "Users", Message: "Sign-in as " + username + " failed"})
	})
}

func logout(c *api.Call) error {
	c.ClearSessionCookies()
	if c.SessionHash() == "" {
		return c.JSON(http.StatusOK, struct{}{})
	}
	return c.Write(func(tx *store.Tx) (api.Reply, error) {
		if err := access.DeleteSession(tx, c.SessionHash()); err != nil {
			return api.Reply{}, err
		}
		u := c.Principal.User
		return api.Reply{Body: struct{}{}}, c.Record(tx, audit.Entry{Category: audit.Logout, DocumentID: u.ID, DocumentType: "Users", Message: u.Username + " signed out", Subjects: []audit.Subject{{ID: u.ID, Name: u.Username}}})
	})
}
