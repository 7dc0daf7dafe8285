package systemapi

import (
	"net/http"
	"time"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/audit"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
)

// MasterKey is what may be told of the master key: which one it is, who has it, and whether a copy of it was tried.
type MasterKey struct {
	ID string `json:"Id"`
	// KeyID names the key in force, and gives nothing of it away.
	KeyID string `json:"KeyId"`
	// NextKeyID is the key that a rotation under way leads to; empty: there is none.
	NextKeyID string `json:"NextKeyId"`
	// Holders are the nodes, and where each has its key from.
	Holders []KeyHolder
	// Checked is the last time that a copy was shown to be the right one; nil: never.
	Checked *KeyCheck
}

// KeyHolder is a node, and the key that it would start with again.
type KeyHolder struct {
	Node   string
	KeyID  string `json:"KeyId"`
	Origin string
	// Problem is why it would not start with the new key of a rotation.
	Problem  string
	IsOnline bool
}

// KeyCheck is one check of a copy. IsCurrent: it was of the key that is in force now.
type KeyCheck struct {
	At        time.Time
	By        string
	KeyID     string `json:"KeyId"`
	IsCurrent bool
}

// KeyCopy is a copy of the master key, in base64.
type KeyCopy struct{ Key secret.Text }

// MasterKeys is the master key as the API needs it.
type MasterKeys interface {
	Show(tx *store.Tx) (MasterKey, error)
	// Check keeps that the copy is the right one; a fault of kind Invalid where it is not.
	Check(tx *store.Tx, copy secret.Text, by string) error
}

const masterKeyPath = "configuration/master-key"

func registerMasterKey(e *api.Engine, keys MasterKeys) {
	if keys == nil {
		return
	}
	show := func(tx *store.Tx, c *api.Call) (any, error) {
		k, err := keys.Show(tx)
		if err != nil {
			return nil, err
		}
		k.ID = "master-key"
		return c.Resource(k, api.Links{"Self": "/api/" + masterKeyPath, "Check": "/api/" + masterKeyPath + "/check"})
	}
	check := needs(access.AdministerSystem, http.MethodPost, masterKeyPath+"/check", "Show that a copy of the master key is the right one", MasterKey{}, func(c *api.Call) error {
		var given KeyCopy
		if err := c.Decode(&given); err != nil {
			return err
		}
		return c.Write(func(tx *store.Tx) (api.Reply, error) {
			if err := keys.Check(tx, given.Key, c.Principal.User.Username); err != nil {
				return api.Reply{}, err
			}
			body, err := show(tx, c)
			if err != nil {
				return api.Reply{}, err
			}
			return api.Reply{Status: http.StatusOK, Body: body}, c.Record(tx, audit.Entry{Category: audit.Modified, DocumentID: "master-key", DocumentType: "MasterKeys", Message: "A copy of the master key was found to be the right one"})
		})
	})
	check.In = KeyCopy{}
	e.Handle(check, needs(access.ConfigureServer, http.MethodGet, masterKeyPath, "Which master key is in force, and whether a copy of it was tried", MasterKey{}, func(c *api.Call) error {
		var body any
		err := c.Read(func(tx *store.Tx) (err error) {
			body, err = show(tx, c)
			return err
		})
		if err != nil {
			return err
		}
		return c.JSON(http.StatusOK, body)
	}))
}
