package variable

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/mantledeploy/mantle/internal/secret"
)

// Property is a setting of a step, or the default of a template: a plain text or a secret.
type Property struct {
	Text   string
	Secret *secret.Sensitive
}

// Text makes a plain property.
func Text(value string) Property { return Property{Text: value} }

// HasValue tells whether the property is more than an empty text.
func (p Property) HasValue() bool { return p.Text != "" || p.Secret != nil && p.Secret.HasValue }

// SecretProperty makes a secret property that is not sealed yet.
func SecretProperty(plain secret.Text) Property {
	s := secret.NewSensitive(plain.Reveal())
	return Property{Secret: &s}
}

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
