package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
)

// Read runs f in a read transaction.
func (c *Call) Read(f func(*store.Tx) error) error {
	return c.Engine.DB.Read(c.Request.Context(), f)
}

// Write runs f in a write transaction and sends its reply once that is committed. Inside, before f, the caller's
// permissions are locked and loaded again if they have changed since, and an Idempotency-Key of a POST is looked up: f does
// not run a second time for the same key. f may run more than once for other reasons; see store.
func (c *Call) Write(f func(*store.Tx) (Reply, error)) error {
	return c.Engine.writeThen(c, func() {}, f)
}

// writeThen is Call.Write; then runs before the reply is sent.
func (e *Engine) writeThen(c *Call, then func(), f func(*store.Tx) (Reply, error)) error {
	var status int
	var location string
	var text []byte
	err := e.DB.Write(c.Request.Context(), func(tx *store.Tx) error {
		if err := c.reauthorize(tx); err != nil {
			return err
		}
		key := c.idempotencyKey()
		if key != "" {
			done, err := c.recall(tx, key, &status, &location, &text)
			if err != nil || done {
				return err
			}
		}
		c.events, c.collecting = nil, true
		reply, err := f(tx)
		c.collecting = false
		if err != nil {
			return err
		}
		if err := c.flush(tx); err != nil {
			return err
		}
		if text, err = encode(reply.Body); err != nil {
			return err
		}
		if reply.Secret {
			c.holdsSecret()
		}
		status, location = reply.Status, reply.Location
		if key == "" {
			return nil
		}
		return c.remember(tx, key, reply, text)
	})
	if err != nil {
		return err
	}
	then()
	c.sendText(status, location, text)
	return nil
}

// reauthorize loads the principal again if its permissions have changed since the request was authorised, and keeps
// them, and maintenance mode, from changing until the transaction ends.
func (c *Call) reauthorize(tx *store.Tx) error {
	if c.Principal.Anonymous() {
		return nil
	}
	lock := access.Held
	if c.Operation.ChangesAccess {
		lock = access.Changing
	}
	p, err := c.Engine.directory.Load(tx, c.Principal.User.ID, lock)
	if err != nil {
		return err
	}
	if p.Version != c.Principal.Version {
		c.Principal = p
		if err := c.authorize(); err != nil {
			return err
		}
	}
	if c.Operation.Anonymous { // to sign in or out is no change of anything
		return nil
	}
	return c.Principal.MayChange(tx)
}

func (c *Call) idempotencyKey() string {
	if c.Request.Method != http.MethodPost || c.Principal.Anonymous() {
		return ""
	}
	return limited(c.Request.Header.Get("Idempotency-Key"), 200)
}

// recall takes the key, or finds what was answered to it.
func (c *Call) recall(tx *store.Tx, key string, status *int, location *string, text *[]byte) (done bool, err error) {
	n, err := tx.Exec(`INSERT INTO idempotency (user_id, idem_key, request, status, answer, at) VALUES ($1, $2, $3, 0, '', $4)
		ON CONFLICT (user_id, idem_key) DO NOTHING`, c.Principal.User.ID, key, c.fingerprint(), store.At(tx.Now))
	if err != nil || n == 1 {
		return false, err
	}
	var request, answer string
	err = tx.QueryRow("SELECT request, status, answer FROM idempotency WHERE user_id = $1 AND idem_key = $2", c.Principal.User.ID, key).Scan(&request, status, &answer)
	if err != nil {
		return false, fmt.Errorf("read the answer to a repeated request: %w", err)
	}
	if request != c.fingerprint() {
		return false, fault.Conflict("the Idempotency-Key %q was used for another request; use a new key for each request", key)
	}
	whole, err := c.openAnswer(key, answer)
	if err != nil {
		return false, err
	}
	at, body, _ := bytes.Cut(whole, []byte("\n"))
	*location, *text = string(at), body
	c.Writer.Header().Set("Idempotent-Replayed", "true")
	return true, nil
}

// remember keeps the answer: the location on a line of its own, then the body.
func (c *Call) remember(tx *store.Tx, key string, reply Reply, text []byte) error {
	whole := reply.Location + "\n" + string(text)
	answer := "p" + whole
	if reply.Secret {
		sealed, err := c.Engine.Keyring.Seal([]byte(whole), "idempotency "+key)
		if err != nil {
			return err
		}
		answer = "s" + string(sealed)
	}
	_, err := tx.Exec("UPDATE idempotency SET status = $3, answer = $4 WHERE user_id = $1 AND idem_key = $2", c.Principal.User.ID, key, reply.Status, answer)
	return err
}

func (c *Call) openAnswer(key, answer string) ([]byte, error) {
	switch {
	case answer == "":
		return nil, errors.New("an idempotency row without an answer")
	case answer[0] == 's':
		c.holdsSecret()
		return c.Engine.Keyring.Open(secret.Sealed(answer[1:]), "idempotency "+key)
	}
	return []byte(answer[1:]), nil
}

// fingerprint identifies a request: what is asked, and the body where it was read whole.
func (c *Call) fingerprint() string {
	sum := sha256.New()
	fmt.Fprintf(sum, "%s\n%s\n", c.Request.Method, c.Request.URL.RequestURI())
	sum.Write(c.body)
	return hex.EncodeToString(sum.Sum(nil))
}

// keyUsed notes the use of a key, at most once a minute for each, after the request's own work.
func (e *Engine) keyUsed(key string) {
	e.uses.note(access.KeyHash(key), e.DB)
}
