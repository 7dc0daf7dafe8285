package access

import (
	"context"
	"errors"
	"time"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
)

// How many failed sign-ins within the window lock a user name or an address, and for how long.
const (
	failureWindow   = 10 * time.Minute
	failureLock     = 10 * time.Minute
	failuresOfName  = 10
	failuresOfPlace = 100
)

// Attempt is one try to sign in with a password.
type Attempt struct{ Username, Password, Address string }

// ErrNoSuchUser and ErrWrongPassword tell the audit why an attempt failed; callers are told the same for both.
var (
	ErrNoSuchUser    = errors.New("no active user of this name")
	ErrWrongPassword = errors.New("wrong password")
)

// SignIn checks the password of an attempt and returns the user. A failed attempt is counted before it is checked, in the database:
// however many nodes are asked at once, there are no more guesses than the limit.
func SignIn(ctx context.Context, db *store.DB, a Attempt) (*User, error) {
	name, place := "user:"+store.Fold(a.Username), "address:"+a.Address
	var user *User
	var hash string
	err := db.Write(ctx, func(tx *store.Tx) error {
		if err := countFailure(tx, name, failuresOfName); err != nil {
			return err
		}
		if err := countFailure(tx, place, failuresOfPlace); err != nil {
			return err
		}
		var err error
		if user, err = userForSignIn(tx, a.Username); err != nil || user == nil {
			return err
		}
		hash, err = passwordHash(tx, user.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	right := secret.VerifyPassword(hash, a.Password) // also for nobody: the time tells nothing
	wrong := fault.Unauthenticated("the user name or the password is wrong; check both and try again")
	switch {
	case user == nil:
		return nil, wrong.Because(ErrNoSuchUser)
	case !right:
		return nil, wrong.Because(ErrWrongPassword)
	}
	err = db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec("DELETE FROM sign_in_failure WHERE id = $1", name)
		if err != nil {
			return err
		}
		_, err = tx.Exec("UPDATE sign_in_failure SET failures = failures - 1 WHERE id = $1 AND failures > 0", place)
		return err
	})
	return user, err
}

// Unlock forgets the failed sign-ins of a user name.
func Unlock(tx *store.Tx, username string) error {
	_, err := tx.Exec("DELETE FROM sign_in_failure WHERE id = $1", "user:"+store.Fold(username))
	return err
}

// userForSignIn finds an active user by name or, where only one has it, by e-mail address.
func userForSignIn(tx *store.Tx, name string) (*User, error) {
	for _, column := range []string{"username_fold", "email_fold"} {
		if name == "" {
			return nil, nil
		}
		found, err := Users().Find(tx, store.Query{Take: 2, Where: []store.Cond{
			store.Eq(column, store.Fold(name)), store.Eq("is_active", true), store.Eq("is_service", false),
		}})
		if err != nil {
			return nil, err
		}
		if len(found) == 1 {
			return found[0], nil
		}
	}
	return nil, nil
}

func countFailure(tx *store.Tx, id string, limit int64) error {
	var failures int64
	var start, locked store.Time
	err := tx.QueryRow(`INSERT INTO sign_in_failure (id, failures, window_start) VALUES ($1, 0, $2)
		ON CONFLICT (id) DO UPDATE SET failures = sign_in_failure.failures RETURNING failures, window_start, locked_until`, id, store.At(tx.Now)).Scan(&failures, &start, &locked)
	if err != nil {
		return err
	}
	if locked.After(tx.Now) {
		return fault.TooMany("too many failed sign-ins; try again after %s", locked.Format(time.RFC3339))
	}
	if !locked.IsZero() || tx.Now.Sub(start.Time) > failureWindow {
		failures, start = 0, store.At(tx.Now)
	}
	failures++
	until := store.Time{}
	if failures >= limit {
		until = store.At(tx.Now.Add(failureLock))
	}
	_, err = tx.Exec("UPDATE sign_in_failure SET failures = $2, window_start = $3, locked_until = $4 WHERE id = $1", id, failures, start, until)
	return err
}
