package registration

import (
	"context"
	"encoding/json"
	"slices"
)

// Reference is an ID with its name.
type Reference struct {
	ID   string `json:"Id"`
	Name string
}

// Description is what the server knows of an agent, with names for IDs.
type Description struct {
	Kind         Kind
	Name         string
	URI          string
	Policy       *Reference
	Environments []Reference
	Tenants      []Reference
	WorkerPools  []Reference
	Roles        []string
	TenantTags   []string
}

// Describe reads the names behind a machine's IDs.
func (s *Space) Describe(ctx context.Context, kind Kind, m *Registered) (*Description, error) {
	d := &Description{Kind: kind, Name: m.Name, URI: m.URI, Roles: m.doc.texts("Roles"), TenantTags: m.doc.texts("TenantTags")}
	for _, part := range []struct {
		kind   Kind
		link   string
		ids    []string
		target *[]Reference
	}{
		{Target, "Environments", m.doc.texts("EnvironmentIds"), &d.Environments},
		{Target, "Tenants", m.doc.texts("TenantIds"), &d.Tenants},
		{Worker, "WorkerPools", m.doc.texts("WorkerPoolIds"), &d.WorkerPools},
	} {
		if part.kind != kind {
			continue
		}
		docs, err := collection[document](ctx, s, part.link)
		if err != nil {
			return nil, err
		}
		*part.target = references(docs, part.ids)
	}
	id := m.doc.text("MachinePolicyId")
	if id == "" {
		return d, nil
	}
	link, _, err := s.link("MachinePolicies", parameter{"id", id})
	if err != nil {
		return nil, err
	}
	var policy document
	if err := s.client.get(ctx, link, &policy); err != nil {
		return nil, err
	}
	d.Policy = &Reference{ID: policy.ID, Name: policy.Name}
	return d, nil
}

func references(docs []document, ids []string) []Reference {
	refs := []Reference{}
	for _, d := range docs {
		if slices.Contains(ids, d.ID) {
			refs = append(refs, Reference{ID: d.ID, Name: d.Name})
		}
	}
	return refs
}

func (f fields) texts(name string) []string {
	list := []string{}
	_ = json.Unmarshal(f[name], &list)
	return list
}
