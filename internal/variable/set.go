package variable

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/secret"
)

// Prepare completes what a client sent from what was stored: IDs stay with their variables and new ones get some, lists are
// never null, secrets that were not sent again are kept, new ones are sealed. The Version that the client sent must be the
// stored one. A variable that refers to itself is accepted: whether it is an error depends on where it is looked up.
func (s *Set) Prepare(previous *Set, keys *secret.Keyring) error {
	if s.Version != previous.Version {
		return fault.Conflict("the variables were changed by somebody else: the version sent is %d, the newest is %d; read them again and repeat the change", s.Version, previous.Version)
	}
	s.Version++
	s.OwnerID, s.SpaceID = previous.OwnerID, previous.SpaceID
	if s.Variables == nil {
		s.Variables = []Variable{}
	}
	before := previous.byID()
	seen := map[string]bool{}
	for i := range s.Variables {
		v := &s.Variables[i]
		if v.ID == "" || seen[v.ID] {
			v.ID = uuid.NewString()
		}
		seen[v.ID] = true
		v.complete()
		old, known := before[v.ID]
		if err := v.seal(old, known, keys, s.secretOwner()); err != nil {
			return err
		}
	}
	return s.Validate()
}

// secretOwner is what the secrets of a set and of its snapshots are bound to.
func (s *Set) secretOwner() string { return IDOf(s.OwnerID) }

// Open returns the plain value of a variable of this set.
func (s *Set) Open(v *Variable, keys *secret.Keyring) (secret.Text, error) {
	switch {
	case v.Sealed != "":
		plain, err := keys.Open(v.Sealed, s.secretOwner())
		return secret.NewText(string(plain)), err
	case v.Value != nil:
		return secret.NewText(*v.Value), nil
	}
	return secret.Text{}, nil
}

func (s *Set) byID() map[string]Variable {
	all := map[string]Variable{}
	for _, v := range s.Variables {
		all[v.ID] = v
	}
	return all
}

func (v *Variable) complete() {
	v.Name = strings.TrimSpace(v.Name)
	v.IsSensitive = v.IsSensitive || v.Type == Sensitive
	switch {
	case v.IsSensitive:
		v.Type = Sensitive
	case v.Type == "":
		v.Type = String
	}
	v.IsEditable = true
	v.Scope = v.Scope.Normal()
	if v.Prompt != nil && v.Prompt.DisplaySettings == nil {
		v.Prompt.DisplaySettings = map[string]string{}
	}
}

// seal encrypts a sensitive value, or keeps the one that was stored. A value that stops to be sensitive without a new value is
// lost: it is never shown again.
func (v *Variable) seal(old Variable, known bool, keys *secret.Keyring, owner string) error {
	v.Sealed = ""
	if !v.IsSensitive {
		return nil
	}
	if v.Value == nil {
		if known && !v.cleared {
			v.Sealed = old.Sealed
			if !old.IsSensitive && old.Value != nil { // a plain value that becomes a secret
				return v.sealText(*old.Value, keys, owner)
			}
		}
		return nil
	}
	return v.sealText(*v.Value, keys, owner)
}

func (v *Variable) sealText(plain string, keys *secret.Keyring, owner string) error {
	v.Value = nil
	if plain == "" {
		return nil
	}
	sealed, err := keys.Seal([]byte(plain), owner)
	if err != nil {
		return fmt.Errorf("seal the variable %s: %w", v.Name, err)
	}
	v.Sealed = sealed
	return nil
}

// Validate checks what can be checked without looking at other documents. All findings come at once.
func (s *Set) Validate() error {
	var found []string
	for i, v := range s.Variables {
		if v.Name == "" {
			found = append(found, fmt.Sprintf("variable %d has no Name", i+1))
		}
		if !slices.Contains(Types(), v.Type) {
			found = append(found, fmt.Sprintf("the variable %q has the Type %q; it must be one of %s", v.Name, v.Type, strings.Join(Types(), ", ")))
		}
		found = append(found, v.Scope.findings(v.Name)...)
	}
	if len(found) > 0 {
		return fault.Invalid("the variables are not valid: %s", strings.Join(found, "; ")).With(found...)
	}
	return nil
}
