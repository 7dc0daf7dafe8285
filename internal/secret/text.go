package secret

import (
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// Redacted is what a secret shows instead of itself.
const Redacted = "********"

var errMarshal = errors.New("a secret cannot be written as text or JSON; seal it, or call Reveal where it must leave the process")

// Text is a plain secret in memory. Whatever prints, logs or marshals it shows Redacted or fails; only Reveal
// gives the value. The zero Text is empty.
type Text struct {
	// A pointer, because fmt calls no methods of an unexported field: it then prints an address, not the value.
	s *string
}

// NewText wraps a plain secret.
func NewText(plain string) Text {
	if plain == "" {
		return Text{}
	}
	return Text{s: &plain}
}

// Reveal returns the plain secret.
func (t Text) Reveal() string {
	if t.s == nil {
		return ""
	}
	return *t.s
}

// Empty reports whether there is no secret.
func (t Text) Empty() bool { return t.s == nil }

// Equal compares two secrets in a time that does not depend on where they differ.
func (t Text) Equal(other Text) bool {
	return subtle.ConstantTimeCompare([]byte(t.Reveal()), []byte(other.Reveal())) == 1
}

// String returns Redacted, or nothing for an empty secret.
func (t Text) String() string {
	if t.Empty() {
		return ""
	}
	return Redacted
}

// GoString is String: %#v does not show the secret either.
func (t Text) GoString() string { return t.String() }

// Format writes Redacted for every verb.
func (t Text) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, t.String()) }

// LogValue lets slog show Redacted.
func (t Text) LogValue() slog.Value { return slog.StringValue(t.String()) }

// MarshalJSON refuses: a silent redaction could end up in the database instead of the value.
func (t Text) MarshalJSON() ([]byte, error) { return nil, errMarshal }

// MarshalText refuses, as MarshalJSON does.
func (t Text) MarshalText() ([]byte, error) { return nil, errMarshal }

// UnmarshalJSON reads a JSON string, or null for no secret.
func (t *Text) UnmarshalJSON(data []byte) error {
	var s *string
	if err := json.Unmarshal(data, &s); err != nil {
		return err
	}
	*t = Text{}
	if s != nil {
		*t = NewText(*s)
	}
	return nil
}

// UnmarshalText takes the text as the secret.
func (t *Text) UnmarshalText(data []byte) error {
	*t = NewText(string(data))
	return nil
}
