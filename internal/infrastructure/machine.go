package infrastructure

import (
	"slices"
	"strings"

	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
)

// Host is what targets and workers have in common. What Describe fills in is ignored on input and not stored.
type Host struct {
	Name            string
	Slug            string
	IsDisabled      bool
	MachinePolicyID string `json:"MachinePolicyId"`
	Endpoint        Endpoint
	// SkipInitialHealthCheck asks for no check when the machine is created.
	SkipInitialHealthCheck bool

	// Thumbprint and URI repeat the endpoint's.
	Thumbprint string
	URI        string `json:"Uri"`
	// What follows is computed.
	Status                 string
	HealthStatus           string
	StatusSummary          string
	HasLatestCalamari      bool
	IsInProcess            bool
	OperatingSystem        string
	OperatingSystemVersion string
	ShellName              string
	ShellVersion           string
	Architecture           string
}

// Machine is a deployment target, as the wire has it.
type Machine struct {
	store.Meta
	space.Member
	Host
	EnvironmentIDs                  []string `json:"EnvironmentIds"`
	Roles                           []string
	TenantedDeploymentParticipation string
	TenantIDs                       []string `json:"TenantIds"`
	TenantTags                      []string
}

// Machines are the deployment targets of the installation.
func Machines() *store.Collection[Machine] {
	return &store.Collection[Machine]{
		Table: "machine", Prefix: "Machines-", Noun: "deployment target",
		Columns: append(hostColumns(func(m *Machine) (*space.Member, *Host) { return &m.Member, &m.Host }),
			store.Column[Machine]{Name: "participation", Value: func(m *Machine) any { return m.TenantedDeploymentParticipation }}),
		Links: append(hostLinks(func(m *Machine) *Host { return &m.Host }),
			store.Link[Machine]{Name: "environment", Values: func(m *Machine) []string { return m.EnvironmentIDs }},
			store.Link[Machine]{Name: "role", Values: func(m *Machine) []string { return folded(m.Roles) }},
			store.Link[Machine]{Name: "tenant", Values: func(m *Machine) []string { return m.TenantIDs }},
			store.Link[Machine]{Name: "tenant_tag", Values: func(m *Machine) []string { return folded(m.TenantTags) }},
		),
		Keys: hostKeys("deployment target", func(m *Machine) *Host { return &m.Host }),
	}
}

func hostColumns[T any](of func(*T) (*space.Member, *Host)) []store.Column[T] {
	column := func(name string, value func(*space.Member, *Host) any) store.Column[T] {
		return store.Column[T]{Name: name, Value: func(doc *T) any { return value(of(doc)) }}
	}
	return []store.Column[T]{
		column("space_id", func(m *space.Member, _ *Host) any { return m.SpaceID }),
		column("name_fold", func(_ *space.Member, h *Host) any { return store.Fold(h.Name) }),
		column("slug", func(_ *space.Member, h *Host) any { return h.Slug }),
		column("is_disabled", func(_ *space.Member, h *Host) any { return h.IsDisabled }),
		column("comm_style", func(_ *space.Member, h *Host) any { return store.Fold(h.Endpoint.CommunicationStyle) }),
		column("thumbprint", func(_ *space.Member, h *Host) any {
			_, thumbprint, _, _ := h.Endpoint.Agent()
			return store.Fold(thumbprint)
		}),
		column("subscription", func(_ *space.Member, h *Host) any { return h.Endpoint.Subscription() }),
		column("policy_id", func(_ *space.Member, h *Host) any { return h.MachinePolicyID }),
	}
}

func hostLinks[T any](of func(*T) *Host) []store.Link[T] {
	link := func(name string, values func(*Endpoint) []string) store.Link[T] {
		return store.Link[T]{Name: name, Values: func(doc *T) []string {
			return slices.DeleteFunc(values(&of(doc).Endpoint), func(v string) bool { return v == "" })
		}}
	}
	return []store.Link[T]{
		link("account", func(e *Endpoint) []string {
			if e.Authentication != nil {
				return []string{e.AccountID, e.Authentication.AccountID}
			}
			return []string{e.AccountID}
		}),
		link("proxy", func(e *Endpoint) []string {
			if e.TentacleEndpointConfig != nil {
				return []string{e.ProxyID, e.TentacleEndpointConfig.ProxyID}
			}
			return []string{e.ProxyID}
		}),
		link("default_worker_pool", func(e *Endpoint) []string { return []string{e.DefaultWorkerPoolID} }),
	}
}

func hostKeys[T any](noun string, of func(*T) *Host) []store.Key[T] {
	return []store.Key[T]{
		{Columns: []string{"space_id", "name_fold"}, Taken: func(doc *T) string {
			return "a " + noun + " with the name \"" + of(doc).Name + "\" exists already in this space; choose another name, or change the one that exists"
		}},
		{Columns: []string{"space_id", "slug"}, Taken: func(doc *T) string {
			return "a " + noun + " with the slug \"" + of(doc).Slug + "\" exists already in this space; choose another slug"
		}},
	}
}

func folded(texts []string) []string {
	list := make([]string, len(texts))
	for i, t := range texts {
		list[i] = store.Fold(t)
	}
	return list
}

// Prepare completes a machine from what is stored: the default policy, lists without repetitions that are never null, the
// endpoint in its normal form. Computed members are emptied.
func (m *Machine) Prepare(tx *store.Tx, old *Machine) error {
	m.EnvironmentIDs, m.Roles = Distinct(m.EnvironmentIDs), Distinct(m.Roles)
	m.TenantIDs, m.TenantTags = Distinct(m.TenantIDs), Distinct(m.TenantTags)
	m.TenantedDeploymentParticipation = orDefault(m.TenantedDeploymentParticipation, "Untenanted")
	if old != nil {
		return m.Host.prepare(tx, m.SpaceID, &old.Host)
	}
	return m.Host.prepare(tx, m.SpaceID, nil)
}

// Validate returns what is wrong with a machine, as far as it shows without other nouns.
func (m *Machine) Validate() []string {
	findings := m.Host.validate("deployment target")
	if len(m.EnvironmentIDs) == 0 {
		findings = append(findings, "the deployment target is in no environment; name at least one in EnvironmentIds")
	}
	if len(m.Roles) == 0 {
		findings = append(findings, "the deployment target has no role; name at least one in Roles")
	}
	for _, role := range m.Roles {
		if strings.TrimSpace(role) == "" || strings.Contains(role, ",") {
			findings = append(findings, "a role is a text without commas, not \""+role+"\"")
		}
	}
	return append(findings, oneOf("TenantedDeploymentParticipation", m.TenantedDeploymentParticipation, "Untenanted", "TenantedOrUntenanted", "Tenanted")...)
}

func (h *Host) prepare(tx *store.Tx, spaceID string, old *Host) error {
	var before *Endpoint
	if old != nil {
		before = &old.Endpoint
	}
	h.Endpoint.prepare(h.URI, h.Thumbprint, before)
	h.URI, _, _, _ = h.Endpoint.Agent()
	h.Thumbprint = h.Endpoint.shownThumbprint()
	if h.Endpoint.CommunicationStyle == SSH {
		h.URI, h.Thumbprint = h.Endpoint.URI, h.Endpoint.Fingerprint
	}
	h.clearComputed()
	if h.MachinePolicyID != "" {
		return nil
	}
	policy, err := DefaultPolicy(tx, spaceID)
	if err != nil {
		return err
	}
	h.MachinePolicyID = policy.ID
	return nil
}

func (h *Host) clearComputed() {
	h.Status, h.HealthStatus, h.StatusSummary, h.HasLatestCalamari, h.IsInProcess = "", "", "", false, false
	h.OperatingSystem, h.OperatingSystemVersion, h.ShellName, h.ShellVersion, h.Architecture = "", "", "", "", ""
}

func (h *Host) validate(noun string) []string {
	return append(environment.NameFindings(noun, h.Name), h.Endpoint.validate()...)
}

// Distinct returns the texts without repetitions (case ignored) and blanks around them, in their order; never nil.
func Distinct(texts []string) []string {
	seen, list := map[string]bool{}, []string{}
	for _, t := range texts {
		t = strings.TrimSpace(t)
		if key := store.Fold(t); !seen[key] && t != "" {
			seen[key] = true
			list = append(list, t)
		}
	}
	return list
}
