package access

import (
	"time"

	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
)

// User is a person or a service account, as the wire has it.
type User struct {
	store.Meta
	Username            string
	DisplayName         string
	EmailAddress        string
	IsActive            bool
	IsService           bool
	CanPasswordBeEdited bool
	IsRequestor         bool
	Identities          []Identity
	Created             time.Time
	// Password is what a client sent. Prepare moves it to NewPassword, so that it never comes near a document.
	Password    secret.Text `json:",omitzero"`
	NewPassword secret.Text `json:"-"`
}

// Identity links a user to an account elsewhere.
type Identity struct {
	IdentityProviderName string
	Claims               map[string]Claim
}

// Claim is one fact of an Identity.
type Claim struct {
	Value              string
	IsIdentifyingClaim bool
}

// Users are the users of the installation.
func Users() *store.Collection[User] {
	return &store.Collection[User]{
		Table: "app_user", Prefix: "Users-", Noun: "user",
		Columns: []store.Column[User]{
			{Name: "username_fold", Value: func(u *User) any { return store.Fold(u.Username) }},
			{Name: "search_fold", Value: func(u *User) any {
				return store.Fold(u.Username + "\n" + u.DisplayName + "\n" + u.EmailAddress)
			}},
			{Name: "email_fold", Value: func(u *User) any { return store.Fold(u.EmailAddress) }},
			{Name: "is_active", Value: func(u *User) any { return u.IsActive }},
			{Name: "is_service", Value: func(u *User) any { return u.IsService }},
		},
		Keys: []store.Key[User]{{Columns: []string{"username_fold"}, Taken: func(u *User) string {
			return "a user with the name \"" + u.Username + "\" exists already; choose another user name"
		}}},
	}
}
