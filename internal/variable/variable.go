package variable

import (
	"encoding/json"
	"strings"

	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
)

// Set is the variables of one owner: a project or a library set. A snapshot is a set with an ID of its own that never changes.
type Set struct {
	store.Meta
	space.Member
	OwnerID string `json:"OwnerId"`
	// Version counts the writes; a write names the version that it was made from.
	Version   int
	Variables []Variable
}

// Variable is one value under a name. A name may have several, with different scopes.
type Variable struct {
	ID          string `json:"Id"`
	Name        string
	Value       *string
	Description string
	Type        string
	Scope       Scope
	IsEditable  bool
	Prompt      *Prompt
	IsSensitive bool
	// Sealed holds the value of a sensitive variable, whose Value is null. It never leaves the server.
	Sealed secret.Sealed `json:",omitempty"`
	// cleared tells that a client sent an empty value for a sensitive variable.
	cleared bool
}

// Prompt makes people give the value when a run is started.
type Prompt struct {
	Label           string
	Description     string
	Required        bool
	DisplaySettings map[string]string
}

// Types of variables.
const (
	String      = "String"
	Sensitive   = "Sensitive"
	Certificate = "Certificate"
	WorkerPool  = "WorkerPool"
)

// Types are the types that a variable may have.
func Types() []string {
	return []string{
		String, Sensitive, Certificate, "AmazonWebServicesAccount", "AzureAccount", WorkerPool,
		"UsernamePasswordAccount", "GenericOidcAccount", "GoogleCloudAccount",
	}
}

const snapshotMark = "-s-"

// IDOf returns the ID of the set that a project or a library set owns.
func IDOf(ownerID string) string { return "variableset-" + ownerID }

// New returns the empty set of an owner.
func New(ownerID, spaceID string) *Set {
	s := &Set{OwnerID: ownerID, Variables: []Variable{}}
	s.ID, s.SpaceID = IDOf(ownerID), spaceID
	return s
}

// IsSnapshot tells whether the set is a release's copy.
func (s *Set) IsSnapshot() bool { return strings.Contains(s.ID, snapshotMark) }

// Sets are the variable sets and their snapshots.
func Sets() *store.Collection[Set] {
	return &store.Collection[Set]{
		Table: "variable_set", Prefix: "variableset-", Noun: "variable set",
		Columns: []store.Column[Set]{
			{Name: "space_id", Value: func(s *Set) any { return s.SpaceID }},
			{Name: "owner_id", Value: func(s *Set) any { return s.OwnerID }},
			{Name: "snapshot", Value: func(s *Set) any { return s.IsSnapshot() }},
		},
		Links: []store.Link[Set]{{Name: "reference", Values: (*Set).references}},
	}
}

// references are all IDs and words that scopes name, and the IDs that values of other types than text are. A snapshot keeps
// none, because it may outlive what it names.
func (s *Set) references() []string {
	if s.IsSnapshot() {
		return nil
	}
	var all []string
	for _, v := range s.Variables {
		for _, ids := range v.Scope {
			all = append(all, ids...)
		}
		if v.Type != String && v.Type != Sensitive && v.Value != nil && *v.Value != "" {
			all = append(all, *v.Value)
		}
	}
	return all
}

// UnmarshalJSON reads a variable as it is stored and as clients send it: a value may be a text, null, a number or a boolean, or
// the object of a sensitive value.
func (v *Variable) UnmarshalJSON(data []byte) error {
	type plain Variable // without methods, so that decoding does not come back here
	in := struct {
		*plain
		Value Property
	}{plain: (*plain)(v)}
	null := struct{ Value *json.RawMessage }{}
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	if err := json.Unmarshal(data, &null); err != nil {
		return err
	}
	v.Value = nil
	switch {
	case in.Value.Secret != nil:
		v.IsSensitive, v.Value = true, in.Value.Secret.NewValue
		v.cleared = !in.Value.Secret.HasValue && in.Value.Secret.NewValue == nil
	case null.Value != nil:
		v.Value = &in.Value.Text
	}
	return nil
}
