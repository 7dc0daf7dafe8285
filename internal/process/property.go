package process

import (
	"fmt"
	"strings"

	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/variable"
)

// Properties are the settings of a step or an action, by name.
type Properties map[string]Property

// Property is a plain text or a secret.
type Property = variable.Property

// Text makes a plain property.
func Text(value string) Property { return variable.Text(value) }

// Get returns the plain text of a property, or "".
func (p Properties) Get(name string) string { return p[name].Text }

// Is tells whether a property is the word True.
func (p Properties) Is(name string) bool { return strings.EqualFold(p[name].Text, "true") }

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
