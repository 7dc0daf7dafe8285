package access

import (
	"errors"
	"fmt"
	"time"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
)

// APIKey is a key of a user. Only the key's hash is stored.
type APIKey struct {
	ID, UserID, Hint, Purpose string
	Created                   time.Time
	Expires, LastUsed         *time.Time
}

// KeyHash returns what stands for a key in the database.
func KeyHash(key string) string { return secret.HashAPIKey(key) }

// CreateKey makes a key for the user, and returns it with its only plain form. A zero Text as key makes a new one.
func CreateKey(tx *store.Tx, userID, purpose string, expires *time.Time, key secret.Text) (APIKey, secret.Text, error) {
	if expires != nil && !expires.After(tx.Now) {
		return APIKey{}, key, fault.Invalid("the API key would be expired from the start: Expires is %s; give a time to come, or none", expires.Format(time.RFC3339))
	}
	if key.Empty() {
		key = secret.NewAPIKey()
	}
	k := APIKey{ID: "apikeys-" + secret.NewID(), UserID: userID, Hint: secret.APIKeyHint(key.Reveal()), Purpose: purpose, Created: tx.Now, Expires: expires}
	_, err := tx.Exec("INSERT INTO api_key (id, user_id, key_hash, hint, purpose, created, expires) VALUES ($1, $2, $3, $4, $5, $6, $7)",
		k.ID, k.UserID, KeyHash(key.Reveal()), k.Hint, k.Purpose, store.At(k.Created), store.AtPtr(k.Expires))
	if store.IsUnique(err) {
		return APIKey{}, key, fault.Conflict("this API key exists already").Because(err)
	}
	return k, key, err
}

// UserOfKey returns the ID of the user whose key it is.
func UserOfKey(tx *store.Tx, key string) (string, error) {
	var userID string
	var expires store.Time
	err := tx.QueryRow("SELECT user_id, expires FROM api_key WHERE key_hash = $1", KeyHash(key)).Scan(&userID, &expires)
	switch {
	case errors.Is(err, store.ErrNoRow):
		return "", fault.Unauthenticated("the API key is not valid; make a new one in your profile, or check that it was copied whole")
	case err != nil:
		return "", fmt.Errorf("look an API key up: %w", err)
	case !expires.IsZero() && !expires.After(tx.Now):
		return "", fault.Unauthenticated("the API key expired on %s; make a new one", expires.Format(time.RFC3339))
	}
	return userID, nil
}

// Keys returns the keys of a user, oldest first.
func Keys(tx *store.Tx, userID string) ([]APIKey, error) {
	keys := []APIKey{}
	err := tx.Query("SELECT id, user_id, hint, purpose, created, expires, last_used FROM api_key WHERE user_id = $1 ORDER BY created, id", []any{userID}, func(row *store.Row) error {
		var k APIKey
		var created, expires, used store.Time
		err := row.Scan(&k.ID, &k.UserID, &k.Hint, &k.Purpose, &created, &expires, &used)
		k.Created, k.Expires, k.LastUsed = created.Time, expires.Ptr(), used.Ptr()
		keys = append(keys, k)
		return err
	})
	return keys, err
}

// DeleteKey removes a key of a user.
func DeleteKey(tx *store.Tx, userID, id string) error {
	n, err := tx.Exec("DELETE FROM api_key WHERE user_id = $1 AND id = $2", userID, id)
	if err == nil && n == 0 {
		return fault.NotFound("the API key %q does not exist", id)
	}
	return err
}

// KeyUsed notes when a key was used.
func KeyUsed(tx *store.Tx, hash string, at time.Time) error {
	_, err := tx.Exec("UPDATE api_key SET last_used = $2 WHERE key_hash = $1 AND (last_used IS NULL OR last_used < $2)", hash, store.At(at))
	return err
}
