package access

import (
	"errors"
	"fmt"
	"time"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
)

// How long a session lasts: a short one from its last use, a remembered one from its beginning.
const (
	sessionIdle     = 24 * time.Hour
	sessionRemember = 30 * 24 * time.Hour
	sessionTouch    = 5 * time.Minute
)

// SessionLengths returns how long a session lasts after its last use, and how long one that is remembered.
func SessionLengths() (idle, remembered time.Duration) { return sessionIdle, sessionRemember }

// Session is a browser that is signed in. Of its two tokens only hashes are stored.
type Session struct {
	TokenHash, UserID string
	csrfHash          string
	Expires, LastSeen time.Time
	Remember          bool
}

// TokenMatchesCSRF reports whether the token is the session's second one, which a page sends in a header.
func (s Session) TokenMatchesCSRF(token string) bool {
	return token != "" && secret.EqualHash(s.csrfHash, secret.HashAPIKey(token))
}

// CreateSession signs a user in, and returns the two tokens.
func CreateSession(tx *store.Tx, userID string, remember bool, address, userAgent string) (token, csrf secret.Text, s Session, err error) {
	token, csrf = secret.NewToken(), secret.NewToken()
	s = Session{TokenHash: secret.HashAPIKey(token.Reveal()), csrfHash: secret.HashAPIKey(csrf.Reveal()), UserID: userID, LastSeen: tx.Now, Remember: remember}
	s.Expires = tx.Now.Add(sessionIdle)
	if remember {
		s.Expires = tx.Now.Add(sessionRemember)
	}
	_, err = tx.Exec(`INSERT INTO session (token_hash, csrf_hash, user_id, remember, created, last_seen, expires, ip_address, user_agent)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, s.TokenHash, s.csrfHash, userID, remember, store.At(tx.Now), store.At(tx.Now), store.At(s.Expires), address, userAgent)
	return token, csrf, s, err
}

// SessionOf returns the session with the token.
func SessionOf(tx *store.Tx, token string) (Session, error) {
	s := Session{TokenHash: secret.HashAPIKey(token)}
	var expires, seen store.Time
	err := tx.QueryRow("SELECT csrf_hash, user_id, remember, expires, last_seen FROM session WHERE token_hash = $1", s.TokenHash).
		Scan(&s.csrfHash, &s.UserID, &s.Remember, &expires, &seen)
	s.Expires, s.LastSeen = expires.Time, seen.Time
	if errors.Is(err, store.ErrNoRow) || err == nil && !s.Expires.After(tx.Now) {
		return Session{}, fault.Unauthenticated("the session has ended; sign in again")
	}
	if err != nil {
		return Session{}, fmt.Errorf("look a session up: %w", err)
	}
	return s, nil
}

// Stale reports whether the use of the session should be noted now.
func (s Session) Stale(now time.Time) bool { return now.Sub(s.LastSeen) > sessionTouch }

// TouchSession notes the use of a session; one that is not remembered lasts longer by it.
func TouchSession(tx *store.Tx, s Session) error {
	expires := s.Expires
	if !s.Remember {
		expires = tx.Now.Add(sessionIdle)
	}
	_, err := tx.Exec("UPDATE session SET last_seen = $2, expires = $3 WHERE token_hash = $1", s.TokenHash, store.At(tx.Now), store.At(expires))
	return err
}

// DeleteSession signs one browser out.
func DeleteSession(tx *store.Tx, tokenHash string) error {
	_, err := tx.Exec("DELETE FROM session WHERE token_hash = $1", tokenHash)
	return err
}

// DeleteSessions signs a user out everywhere, but for the one session given (or none).
func DeleteSessions(tx *store.Tx, userID, butTokenHash string) error {
	_, err := tx.Exec("DELETE FROM session WHERE user_id = $1 AND token_hash <> $2", userID, butTokenHash)
	return err
}

// RemoveExpiredSessions removes what can no longer be used.
func RemoveExpiredSessions(tx *store.Tx) error {
	_, err := tx.Exec("DELETE FROM session WHERE expires <= $1", store.At(tx.Now))
	return err
}
