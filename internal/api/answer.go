package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/mantledeploy/mantle/internal/secret"
)

// Reply is what an operation answers: a status and a value that becomes JSON. Status 0 is 200.
type Reply struct {
	Status int
	Body   any
	// Location is where what was created can be read.
	Location string
	// Secret says that the body holds a secret, which may not be kept as plain text, nor be compressed.
	Secret bool
}

// JSON answers with a value.
func (c *Call) JSON(status int, body any) error { return c.send(Reply{Status: status, Body: body}) }

func (c *Call) send(r Reply) error {
	text, err := encode(r.Body)
	if err != nil {
		return err
	}
	if r.Secret {
		c.holdsSecret()
	}
	c.sendText(r.Status, r.Location, text)
	return nil
}

// holdsSecret is called before an answer that holds a secret.
func (c *Call) holdsSecret() {
	if w, ok := c.Writer.(*writer); ok {
		w.secret = true
	}
}

func (c *Call) sendText(status int, location string, text []byte) {
	h := c.Writer.Header()
	if location != "" {
		h.Set("Location", location)
	}
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(text)))
	if status == 0 {
		status = http.StatusOK
	}
	c.Writer.WriteHeader(status)
	if c.Request.Method != http.MethodHead {
		_, _ = c.Writer.Write(text) // the caller is gone, or not: nothing can be told either way
	}
}

// encode writes a value as the wire's JSON: sealed secrets are taken out.
func encode(v any) ([]byte, error) {
	if raw, ok := v.(json.RawMessage); ok {
		return secret.StripSealed(raw), nil
	}
	text, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("write the answer: %w", err)
	}
	return secret.StripSealed(text), nil
}
