package secret

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
)

// Sensitive is a secret in a document of the API. A client sends NewValue (or a plain string); the database holds
// Sealed; what the API shows has neither.
//
// A write goes: decode, Keep(previous), Seal, store. Keep comes first also for a new document (with the zero
// Sensitive), because it throws away a Sealed that a client sent.
type Sensitive struct {
	HasValue bool
	NewValue *string // from a client, until it is sealed
	Hint     *string
	Sealed   Sealed // in the database only; the API's renderer strips it (StripSealed)
}

// NewSensitive returns an unsealed secret; an empty text is "no value".
func NewSensitive(plain string) Sensitive {
	if plain == "" {
		return Sensitive{}
	}
	return Sensitive{HasValue: true, NewValue: &plain}
}

// Keep completes what a client sent from what was stored: a new value replaces, HasValue without one keeps the
// previous value, and anything else clears it.
func (s *Sensitive) Keep(previous Sensitive) {
	switch {
	case s.NewValue != nil && *s.NewValue != "":
		s.HasValue, s.Sealed = true, ""
	case s.NewValue == nil && s.HasValue:
		*s = previous
	default:
		*s = Sensitive{}
	}
}

// Seal encrypts the new value for a resource and forgets its plain form. Without a new value it does nothing.
func (s *Sensitive) Seal(k *Keyring, resource string) error {
	if s.NewValue == nil {
		return nil
	}
	if *s.NewValue == "" {
		*s = Sensitive{}
		return nil
	}
	sealed, err := k.Seal([]byte(*s.NewValue), resource)
	if err != nil {
		return err
	}
	s.HasValue, s.NewValue, s.Sealed = true, nil, sealed
	return nil
}

// Open returns the plain secret; it is empty where there is no value.
func (s Sensitive) Open(k *Keyring, resource string) (Text, error) {
	switch {
	case s.NewValue != nil:
		return NewText(*s.NewValue), nil
	case s.Sealed == "" && s.HasValue:
		return Text{}, fmt.Errorf("open a value of %s: the document says that there is one, but holds none", resource)
	case s.Sealed == "":
		return Text{}, nil
	}
	plain, err := k.Open(s.Sealed, resource)
	if err != nil {
		return Text{}, err
	}
	return NewText(string(plain)), nil
}

// MarshalJSON writes the stored form. It refuses a value that is not sealed.
func (s Sensitive) MarshalJSON() ([]byte, error) {
	if s.NewValue != nil {
		return nil, errMarshal
	}
	return json.Marshal(struct {
		HasValue bool
		NewValue *string
		Hint     *string
		Sealed   Sealed `json:",omitempty"`
	}{HasValue: s.HasValue, Hint: s.Hint, Sealed: s.Sealed})
}

// UnmarshalJSON reads the stored form and what clients send: the object, a plain string, or null.
func (s *Sensitive) UnmarshalJSON(data []byte) error {
	*s = Sensitive{}
	switch data = bytes.TrimSpace(data); {
	case bytes.Equal(data, []byte("null")):
		return nil
	case len(data) > 0 && data[0] == '"':
		var plain string
		if err := json.Unmarshal(data, &plain); err != nil {
			return err
		}
		*s = NewSensitive(plain)
		return nil
	}
	type fields Sensitive // without methods, so that decoding does not come back here
	return json.Unmarshal(data, (*fields)(s))
}

// String never shows the value.
func (s Sensitive) String() string {
	if !s.HasValue {
		return ""
	}
	return Redacted
}

// GoString is String.
func (s Sensitive) GoString() string { return s.String() }

// Format writes Redacted for every verb.
func (s Sensitive) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue lets slog show Redacted.
func (s Sensitive) LogValue() slog.Value { return slog.StringValue(s.String()) }
