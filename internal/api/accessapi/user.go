// Package accessapi serves users, their API keys and permissions, sign-in and sign-out, teams, user roles and their grants.
// internal/server imports it, and tests.
package accessapi

import (
	"fmt"
	"net/mail"
	"strings"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
)

// Register serves everything of the package.
func Register(e *api.Engine) {
	users := registerUsers(e)
	registerKeys(e, users)
	registerPermissions(e, users)
	registerSignIn(e)
	registerTeams(e)
	registerRoles(e)
}

func registerUsers(e *api.Engine) *api.Set[access.User] {
	users := api.Register(e, api.Resource[access.User]{
		Path: "users", Where: api.InSystem, ChangesAccess: true, Collection: access.Users(), ItemType: "User",
		AnyoneViews: "people see who else there is, as clients need it to name team members; e-mail addresses are left out",
		Create:      access.UserEdit, Edit: access.UserEdit, Delete: access.UserEdit,
		Also: func(c *api.Call, permission access.Permission, u *access.User) bool {
			return permission == access.UserEdit && u.ID == c.Principal.User.ID
		},
		AlsoWhy:  "everybody may change their own name, address and password; others' accounts need UserEdit",
		RootLink: "Users", OrderBy: []string{"username_fold"}, Name: func(u *access.User) string { return u.Username },
		Filters:  []api.Filter{api.Part("filter", "search_fold")},
		Defaults: func() *access.User { return &access.User{IsActive: true} },
		Prepare:  prepareUser, Validate: validateUser, Written: userWritten, Deleting: deleteUser,
		Links: userLinks, Render: renderUser,
	})
	registerRevoke(e, users)
	e.AddLink("CurrentUser", "/api/users/me")
	e.Handle(api.Operation{Method: "GET", Path: "users/me", Where: api.InSystem, SignedIn: "everybody may see their own account", Summary: "The user who asks", Out: access.User{},
		Handler: func(c *api.Call) error { return showUser(c, users, c.Principal.User.ID) }})
	return users
}

func showUser(c *api.Call, users *api.Set[access.User], id string) error {
	var body any
	err := c.Read(func(tx *store.Tx) error {
		u, err := users.Load(c, tx, id)
		if err != nil {
			return err
		}
		body, err = users.Show(c, tx, u)
		return err
	})
	if err != nil {
		return err
	}
	return c.JSON(200, body)
}

func userLinks(_ *api.Call, u *access.User) api.Links {
	self := "/api/users/" + u.ID
	return api.Links{
		"ApiKeys": self + "/apikeys{/id}{?skip,take}", "Permissions": self + "/permissions{?spaces,includeSystem}",
		"PermissionsConfiguration": self + "/permissions/configuration{?spaces,includeSystem}", "Spaces": self + "/spaces", "Teams": self + "/teams{?spaces,includeSystem}",
		"RevokeSessions": self + "/revoke-sessions",
	}
}

// renderUser leaves the e-mail address out for who may not see it, and sets what depends on the caller.
func renderUser(c *api.Call, tx *store.Tx, u *access.User) (any, error) {
	shown := *u
	shown.IsRequestor = u.ID == c.Principal.User.ID
	shown.CanPasswordBeEdited = !u.IsService
	if !shown.IsRequestor && !c.Principal.Allowed(access.UserView, access.Whichever("")) {
		shown.EmailAddress, shown.Identities = "", []access.Identity{}
	}
	return &shown, nil
}

func prepareUser(c *api.Call, tx *store.Tx, u, old *access.User) error {
	u.Username, u.EmailAddress = strings.TrimSpace(u.Username), strings.TrimSpace(u.EmailAddress)
	u.CanPasswordBeEdited, u.IsRequestor = false, false
	if strings.TrimSpace(u.DisplayName) == "" {
		u.DisplayName = u.Username
	}
	u.NewPassword, u.Password = u.Password, secret.Text{}
	if old != nil {
		u.IsService, u.Created = old.IsService, old.Created
		if u.Username == "" {
			u.Username = old.Username
		}
		if !c.Principal.Holds(access.UserEdit, "") { // their own account: name, address and password only
			u.Username, u.IsActive, u.Identities = old.Username, old.IsActive, old.Identities
		}
	} else {
		u.Created = tx.Now
	}
	u.Complete(tx)
	return nil
}

func validateUser(c *api.Call, tx *store.Tx, u, old *access.User) ([]string, error) {
	var found []string
	if u.Username == "" {
		found = append(found, "the user has no Username; give one")
	}
	if len(u.Username) > 64 {
		found = append(found, "the Username is longer than 64 bytes; choose a shorter one")
	}
	if u.EmailAddress != "" {
		if a, err := mail.ParseAddress(u.EmailAddress); err != nil || a.Address != u.EmailAddress {
			found = append(found, fmt.Sprintf("EmailAddress %q is not an e-mail address", u.EmailAddress))
		}
	}
	if u.IsService && !u.NewPassword.Empty() {
		found = append(found, "a service account has no password; it signs in with API keys")
	}
	if !u.NewPassword.Empty() {
		if finding := access.CheckPassword(u, u.NewPassword); finding != "" {
			found = append(found, finding)
		}
	}
	if old != nil && old.IsActive && !u.IsActive && u.ID == c.Principal.User.ID {
		found = append(found, "you cannot deactivate your own account; ask another administrator")
	}
	return found, guardAdministrator(c, tx, u.ID)
}

// guardAdministrator keeps who may edit users, but is no administrator, from taking an administrator's account over.
func guardAdministrator(c *api.Call, tx *store.Tx, userID string) error {
	if c.Principal.Administrator() || userID == c.Principal.User.ID {
		return nil
	}
	administers, err := access.Administers(tx, userID)
	if err == nil && administers {
		return fault.Forbidden("only administrators may change an administrator's account")
	}
	return err
}
