package process

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/mantledeploy/mantle/internal/secret"
)

// Properties are the settings of a step or an action, by name.
type Properties map[string]Property

// Property is a plain text or a secret.
type Property struct {
	Text   string
	Secret *secret.Sensitive
}

// Text makes a plain property.
func Text(value string) Property { return Property{Text: value} }

// Get returns the plain text of a property, or "".
func (p Properties) Get(name string) string { return p[name].Text }

// Is tells whether a property is the word True.
func (p Properties) Is(name string) bool { return strings.EqualFold(p[name].Text, "true") }

// MarshalJSON writes a plain property as a string.
func (p Property) MarshalJSON() ([]byte, error) {
	if p.Secret != nil {
		return json.Marshal(p.Secret)
	}
	return json.Marshal(p.Text)
}

// UnmarshalJSON reads a string, null, a secret, or a boolean or number, which some clients send for their text.
func (p *Property) UnmarshalJSON(data []byte) error {
	*p = Property{}
	data = bytes.TrimSpace(data)
	switch {
	case len(data) == 0 || bytes.Equal(data, []byte("null")):
		return nil
	case data[0] == '"':
		return json.Unmarshal(data, &p.Text)
	case data[0] == '{':
		p.Secret = &secret.Sensitive{}
		return json.Unmarshal(data, p.Secret)
	case bytes.Equal(data, []byte("true")):
		p.Text = "True"
		return nil
	case bytes.Equal(data, []byte("false")):
		p.Text = "False"
		return nil
	case data[0] == '[':
		return fmt.Errorf("a property is a text or a sensitive value, not a list")
	}
	p.Text = string(data)
	return nil
}

// seal encrypts the new secrets, and keeps those that the client did not send again.
func (p Properties) seal(previous Properties, keys *secret.Keyring, resource string) error {
	for name, property := range p {
		if property.Secret == nil {
			continue
		}
		var before secret.Sensitive
		if old, ok := previous[name]; ok && old.Secret != nil {
			before = *old.Secret
		}
		property.Secret.Keep(before)
		if err := property.Secret.Seal(keys, resource); err != nil {
			return fmt.Errorf("seal the property %s: %w", name, err)
		}
	}
	return nil
}
