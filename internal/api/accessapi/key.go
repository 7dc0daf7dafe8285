package accessapi

import (
	"net/http"
	"time"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/audit"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
)

// APIKey is a key as lists show it: without the key.
type APIKey struct {
	ID       string `json:"Id"`
	Purpose  string
	UserID   string `json:"UserId"`
	Created  time.Time
	Expires  *time.Time
	LastUsed *time.Time
	APIKey   secret.Sensitive `json:"ApiKey"`
}

// NewAPIKey is the answer to a creation, the only one that shows the key.
type NewAPIKey struct {
	ID      string `json:"Id"`
	Purpose string
	UserID  string `json:"UserId"`
	Created time.Time
	Expires *time.Time
	APIKey  string `json:"ApiKey"`
}

type newKey struct {
	Purpose string
	Expires *time.Time
}

// keyPurposeMost is how many bytes say what a key is for.
const keyPurposeMost = 1000

type keys struct{ users *api.Set[access.User] }

func registerKeys(e *api.Engine, users *api.Set[access.User]) {
	k := keys{users}
	why := "everybody keeps their own keys; others' need UserEdit or UserView"
	e.Handle(
		api.Operation{Method: http.MethodGet, Path: "users/{id}/apikeys", Where: api.InSystem, SignedIn: why, Summary: "List a user's API keys", Out: APIKey{}, List: true, Handler: k.list},
		api.Operation{Method: http.MethodPost, Path: "users/{id}/apikeys", Where: api.InSystem, SignedIn: why, Summary: "Create an API key", In: newKey{}, Out: NewAPIKey{}, Handler: k.create},
		api.Operation{Method: http.MethodGet, Path: "users/{id}/apikeys/{key}", Where: api.InSystem, SignedIn: why, Summary: "Get an API key", Out: APIKey{}, Handler: k.get},
		api.Operation{Method: http.MethodDelete, Path: "users/{id}/apikeys/{key}", Where: api.InSystem, SignedIn: why, Summary: "Delete an API key", Handler: k.delete},
	)
}

func (k keys) find(c *api.Call) (user *access.User, found []access.APIKey, err error) {
	err = c.Read(func(tx *store.Tx) error {
		if user, err = ownOr(c, tx, k.users, access.UserView); err != nil {
			return err
		}
		found, err = access.Keys(tx, user.ID)
		return err
	})
	return user, found, err
}

func (k keys) list(c *api.Call) error {
	page, err := c.Paging()
	if err != nil {
		return err
	}
	user, found, err := k.find(c)
	if err != nil {
		return err
	}
	items := []any{}
	for i, key := range found {
		if i < page.Skip || len(items) >= page.Take {
			continue
		}
		item, err := showKey(c, key)
		if err != nil {
			return err
		}
		items = append(items, item)
	}
	return c.JSON(http.StatusOK, c.Page("ApiKey", "/api/users/"+user.ID+"/apikeys", []string{"skip", "take"}, page, len(found), items))
}

func showKey(c *api.Call, k access.APIKey) (any, error) {
	hint := k.Hint
	shown := APIKey{ID: k.ID, Purpose: k.Purpose, UserID: k.UserID, Created: k.Created, Expires: k.Expires, LastUsed: k.LastUsed,
		APIKey: secret.Sensitive{HasValue: true, Hint: &hint}}
	return c.Resource(shown, api.Links{"Self": "/api/users/" + k.UserID + "/apikeys/" + k.ID})
}

func (k keys) get(c *api.Call) error {
	_, found, err := k.find(c)
	if err != nil {
		return err
	}
	for _, key := range found {
		if key.ID == c.Param("key") {
			shown, err := showKey(c, key)
			if err != nil {
				return err
			}
			return c.JSON(http.StatusOK, shown)
		}
	}
	return fault.NotFound("the API key %q was not found", c.Param("key"))
}

func (k keys) create(c *api.Call) error {
	var asked newKey
	if err := c.Decode(&asked); err != nil {
		return err
	}
	if len(asked.Purpose) > keyPurposeMost {
		return fault.Invalid("the Purpose of the API key is longer than %d bytes; shorten it", keyPurposeMost)
	}
	return c.Write(func(tx *store.Tx) (api.Reply, error) {
		user, err := ownOr(c, tx, k.users, access.UserEdit)
		if err != nil {
			return api.Reply{}, err
		}
		if err := guardAdministrator(c, tx, user.ID); err != nil {
			return api.Reply{}, err
		}
		key, plain, err := access.CreateKey(tx, user.ID, asked.Purpose, asked.Expires, secret.Text{})
		if err != nil {
			return api.Reply{}, err
		}
		if err := recordKey(c, tx, audit.Created, user, key.ID, "created"); err != nil {
			return api.Reply{}, err
		}
		self := "/api/users/" + user.ID + "/apikeys/" + key.ID
		body, err := c.Resource(NewAPIKey{ID: key.ID, Purpose: key.Purpose, UserID: user.ID, Created: key.Created, Expires: key.Expires, APIKey: plain.Reveal()}, api.Links{"Self": self})
		return api.Reply{Status: http.StatusCreated, Body: body, Location: c.Link(self), Secret: true}, err
	})
}

func (k keys) delete(c *api.Call) error {
	return c.Write(func(tx *store.Tx) (api.Reply, error) {
		user, err := ownOr(c, tx, k.users, access.UserEdit)
		if err != nil {
			return api.Reply{}, err
		}
		if err := guardAdministrator(c, tx, user.ID); err != nil {
			return api.Reply{}, err
		}
		if err := access.DeleteKey(tx, user.ID, c.Param("key")); err != nil {
			return api.Reply{}, err
		}
		return api.Reply{Body: struct{}{}}, recordKey(c, tx, audit.Deleted, user, c.Param("key"), "deleted")
	})
}

func recordKey(c *api.Call, tx *store.Tx, category audit.Category, user *access.User, id, what string) error {
	return c.Record(tx, audit.Entry{
		Category: category, DocumentID: id, DocumentType: "ApiKeys", Message: "API key of " + user.Username + " was " + what,
		Subjects: []audit.Subject{{ID: user.ID, Name: user.Username}},
	})
}
