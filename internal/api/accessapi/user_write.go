package accessapi

import (
	"net/http"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
)

// userWritten moves the permissions' version, and signs a user out who was deactivated.
func userWritten(c *api.Call, tx *store.Tx, u, old *access.User) error {
	if err := access.Touch(tx, u.ID); err != nil {
		return err
	}
	if old != nil && !u.IsActive {
		if err := access.DeleteSessions(tx, u.ID, ""); err != nil {
			return err
		}
	}
	if u.NewPassword.Empty() {
		return nil
	}
	return setPassword(c, tx, u.ID, u.NewPassword)
}

// setPassword stores a new password and ends the user's other sessions.
func setPassword(c *api.Call, tx *store.Tx, userID string, password secret.Text) error {
	if err := access.SetPassword(tx, userID, access.HashPassword(password)); err != nil {
		return err
	}
	return access.DeleteSessions(tx, userID, c.SessionHash())
}

func deleteUser(c *api.Call, tx *store.Tx, u *access.User) error {
	if u.ID == c.Principal.User.ID {
		return fault.Invalid("you cannot delete your own account; ask another administrator")
	}
	if err := guardAdministrator(c, tx, u.ID); err != nil {
		return err
	}
	return access.DeleteUser(tx, u.ID)
}

func registerRevoke(e *api.Engine, users *api.Set[access.User]) {
	e.Handle(api.Operation{Method: http.MethodPost, Path: "users/{id}/revoke-sessions", Where: api.InSystem, SignedIn: "everybody may end their own sessions; others' need UserEdit",
		Summary: "Sign a user out everywhere", Handler: func(c *api.Call) error {
			return c.Write(func(tx *store.Tx) (api.Reply, error) {
				u, err := ownOr(c, tx, users, access.UserEdit)
				if err != nil {
					return api.Reply{}, err
				}
				return api.Reply{Body: struct{}{}}, access.DeleteSessions(tx, u.ID, "")
			})
		}})
}

// ownOr loads the user of the path, who must be the caller unless it holds the permission.
func ownOr(c *api.Call, tx *store.Tx, users *api.Set[access.User], permission access.Permission) (*access.User, error) {
	id := c.Param("id")
	if id == "me" {
		id = c.Principal.User.ID
	}
	u, err := users.Load(c, tx, id)
	if err != nil {
		return nil, err
	}
	if u.ID == c.Principal.User.ID {
		return u, nil
	}
	return u, c.Require(permission, access.Whichever(""))
}
