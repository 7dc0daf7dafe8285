package access

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
)

// The length of a password in characters. Length is what counts; there are no rules about kinds of characters.
const (
	passwordLeast = 8
	passwordMost  = 256
)

// CheckPassword returns what is wrong with a new password of the user, or nothing.
func CheckPassword(u *User, password secret.Text) string {
	plain := password.Reveal()
	n := utf8.RuneCountInString(plain)
	switch {
	case n < passwordLeast:
		return "the password is too short; it needs 8 characters or more"
	case n > passwordMost:
		return "the password is too long; 256 characters are the most"
	case strings.EqualFold(plain, u.Username) || u.EmailAddress != "" && strings.EqualFold(plain, u.EmailAddress):
		return "the password is the user name or the e-mail address; choose another one"
	case strings.Count(plain, plain[:1]) == len(plain):
		return "the password is one character repeated; choose another one"
	}
	return ""
}

// HashPassword hashes a password that CheckPassword accepts. It takes some 30 ms: not in a transaction.
func HashPassword(password secret.Text) string { return secret.HashPassword(password.Reveal()) }

// SetPassword stores the hash of a user's password.
func SetPassword(tx *store.Tx, userID, hash string) error {
	_, err := tx.Exec(`INSERT INTO user_password (user_id, hash, changed) VALUES ($1, $2, $3)
		ON CONFLICT (user_id) DO UPDATE SET hash = $2, changed = $3`, userID, hash, store.At(tx.Now))
	return err
}

// HasPassword reports whether the user can sign in with a password.
func HasPassword(tx *store.Tx, userID string) (bool, error) {
	hash, err := passwordHash(tx, userID)
	return hash != "", err
}

func passwordHash(tx *store.Tx, userID string) (string, error) {
	var hash string
	err := tx.QueryRow("SELECT hash FROM user_password WHERE user_id = $1", userID).Scan(&hash)
	if errors.Is(err, store.ErrNoRow) {
		return "", nil
	}
	return hash, err
}

// CreateUser writes a user with its password (or none) and its row of permissions.
func CreateUser(tx *store.Tx, u *User, password secret.Text) error {
	if !password.Empty() {
		if finding := CheckPassword(u, password); finding != "" {
			return fault.Invalid("%s", finding)
		}
	}
	u.Complete(tx)
	u.Password = secret.Text{}
	if err := Users().Insert(tx, u); err != nil {
		return err
	}
	if err := Touch(tx, u.ID); err != nil || password.Empty() {
		return err
	}
	return SetPassword(tx, u.ID, HashPassword(password))
}

// Complete turns nil lists into empty ones and dates a new user.
func (u *User) Complete(tx *store.Tx) {
	if u.Identities == nil {
		u.Identities = []Identity{}
	}
	for i := range u.Identities {
		if u.Identities[i].Claims == nil {
			u.Identities[i].Claims = map[string]Claim{}
		}
	}
	if u.Created.IsZero() {
		u.Created = tx.Now
	}
}

// DeleteUser removes what belongs to a user: its memberships, keys, sessions, password. The row goes separately.
func DeleteUser(tx *store.Tx, userID string) error {
	teams, err := Teams().Find(tx, store.Query{Where: []store.Cond{store.Eq("member", userID)}})
	if err != nil {
		return err
	}
	for _, t := range teams {
		_, err := Teams().Modify(tx, t.ID, func(t *Team) error {
			left := []string{}
			for _, id := range t.MemberUserIDs {
				if id != userID {
					left = append(left, id)
				}
			}
			t.MemberUserIDs = left
			return nil
		})
		if err != nil {
			return err
		}
	}
	for _, table := range []string{"user_password", "api_key", "session"} {
		if _, err := tx.Exec("DELETE FROM "+table+" WHERE user_id = $1", userID); err != nil {
			return err
		}
	}
	return Touch(tx, userID)
}
