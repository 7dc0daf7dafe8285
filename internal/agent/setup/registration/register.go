package registration

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/mantledeploy/mantle/internal/fault"
)

// Kind is what an agent is registered as.
type Kind string

// The two kinds; the values are the names of the space's links.
const (
	Target Kind = "Machines"
	Worker Kind = "Workers"
)

func (k Kind) noun() string {
	if k == Worker {
		return "worker"
	}
	return "machine"
}

// Machine is what to register.
type Machine struct {
	Kind     Kind
	Name     string
	Policy   string // name of a machine policy, "" for the default
	Endpoint Endpoint

	// For a target:
	Environments  []string
	Roles         []string
	Tenants       []string
	TenantTags    []string
	Participation string // Untenanted, TenantedOrUntenanted or Tenanted

	// For a worker:
	WorkerPools []string
}

// Registered is a machine that the server knows.
type Registered struct {
	ID         string
	Name       string
	Thumbprint string
	URI        string
	doc        fields
}

type targetHead struct {
	EnvironmentIDs []string `json:"EnvironmentIds"`
	Roles          []string
	Participation  string   `json:"TenantedDeploymentParticipation"`
	TenantIDs      []string `json:"TenantIds"`
	TenantTags     []string
}

type workerHead struct {
	WorkerPoolIDs []string `json:"WorkerPoolIds"`
}

type machineBody struct {
	Name                   string
	SpaceID                string  `json:"SpaceId"`
	Thumbprint             *string `json:"Thumbprint"`
	URI                    *string `json:"Uri"`
	IsDisabled             bool
	MachinePolicyID        *string `json:"MachinePolicyId"`
	Status                 string
	HealthStatus           string
	HasLatestCalamari      bool
	StatusSummary          *string
	IsInProcess            bool
	Endpoint               any
	OperatingSystem        *string
	OperatingSystemVersion *string
	ShellName              *string
	ShellVersion           *string
	Architecture           *string
	Slug                   *string
	SkipInitialHealthCheck bool
	Links                  map[string]string
}

type targetDocument struct {
	targetHead
	machineBody
}

type workerDocument struct {
	workerHead
	machineBody
}

// Find returns the machine of this name, or nil.
func (s *Space) Find(ctx context.Context, kind Kind, name string) (*Registered, error) {
	docs, err := collection[fields](ctx, s, string(kind), parameter{"name", name})
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(docs, func(d fields) bool { return strings.EqualFold(d.text("Name"), name) })
	if i < 0 {
		return nil, nil
	}
	return registered(docs[i]), nil
}

func registered(doc fields) *Registered {
	r := &Registered{ID: doc.text("Id"), Name: doc.text("Name"), doc: doc}
	var endpoint struct {
		Thumbprint, URI               string
		TentacleEndpointConfiguration struct{ Thumbprint, URI string }
	}
	_ = json.Unmarshal(doc["Endpoint"], &endpoint)
	for _, t := range []string{endpoint.Thumbprint, endpoint.TentacleEndpointConfiguration.Thumbprint, doc.text("Thumbprint")} {
		if r.Thumbprint == "" {
			r.Thumbprint = t
		}
	}
	for _, u := range []string{endpoint.URI, endpoint.TentacleEndpointConfiguration.URI, doc.text("Uri")} {
		if r.URI == "" {
			r.URI = u
		}
	}
	return r
}

// Register makes the machine known, or, when existing is not nil, changes that one.
func (s *Space) Register(ctx context.Context, m Machine, existing *Registered) (*Registered, error) {
	head, policy, endpoint, err := s.prepare(ctx, m)
	if err != nil {
		return nil, err
	}
	if existing != nil {
		return s.update(ctx, existing, head, policy, endpoint)
	}
	body := machineBody{Name: m.Name, SpaceID: s.doc.ID, MachinePolicyID: policy, Status: "Online", HealthStatus: "Healthy",
		Endpoint: endpoint, Links: map[string]string{}}
	var doc any
	switch h := head.(type) {
	case targetHead:
		doc = targetDocument{h, body}
	case workerHead:
		doc = workerDocument{h, body}
	}
	link, _, err := s.link(string(m.Kind))
	if err != nil {
		return nil, err
	}
	var made fields
	if err := s.client.send(ctx, http.MethodPost, link, "", doc, &made); err != nil {
		return nil, err
	}
	if made.text("Id") == "" {
		return nil, fmt.Errorf("the server at %s answered the registration of %s %q without an ID; look there whether it was made", s.client.base, m.Kind.noun(), m.Name)
	}
	return registered(made), nil
}

// prepare asks the server for the IDs behind the names of a machine.
func (s *Space) prepare(ctx context.Context, m Machine) (head any, policy *string, endpoint any, err error) {
	var proxyID *string
	if m.Endpoint.Proxy != "" {
		id, err := s.named(ctx, "Proxies", "proxy", m.Endpoint.Proxy)
		if err != nil {
			return nil, nil, nil, err
		}
		proxyID = &id
	}
	if m.Policy != "" {
		id, err := s.named(ctx, "MachinePolicies", "machine policy", m.Policy)
		if err != nil {
			return nil, nil, nil, err
		}
		policy = &id
	}
	if m.Kind == Worker {
		head, err = s.workerHead(ctx, m)
	} else {
		head, err = s.targetHead(ctx, m)
	}
	return head, policy, m.Endpoint.document(proxyID), err
}

func (s *Space) workerHead(ctx context.Context, m Machine) (workerHead, error) {
	pools, err := collection[document](ctx, s, "WorkerPools")
	if err != nil {
		return workerHead{}, err
	}
	ids, err := resolve(pools, "worker pool", m.WorkerPools)
	return workerHead{WorkerPoolIDs: ids}, err
}

func (s *Space) targetHead(ctx context.Context, m Machine) (targetHead, error) {
	h := targetHead{Roles: unique(m.Roles), Participation: m.Participation, TenantIDs: []string{}, TenantTags: []string{}}
	if len(m.TenantTags) > 0 {
		if err := s.checkTags(ctx, m.TenantTags); err != nil {
			return h, err
		}
		h.TenantTags = unique(m.TenantTags)
	}
	environments, err := s.environments(ctx)
	if err != nil {
		return h, err
	}
	if h.EnvironmentIDs, err = resolve(environments, "environment", m.Environments); err != nil {
		return h, err
	}
	if len(m.Tenants) == 0 {
		return h, nil
	}
	tenants, err := collection[document](ctx, s, "Tenants")
	if err != nil {
		return h, err
	}
	h.TenantIDs, err = resolve(tenants, "tenant", m.Tenants)
	return h, err
}

// unique drops repetitions; the first spelling stays.
func unique(words []string) []string {
	out := []string{}
	for _, w := range words {
		if !slices.ContainsFunc(out, func(o string) bool { return strings.EqualFold(o, w) }) {
			out = append(out, w)
		}
	}
	return out
}

func (s *Space) update(ctx context.Context, existing *Registered, head any, policy *string, endpoint any) (*Registered, error) {
	doc := maps.Clone(existing.doc)
	data, err := encode(head)
	if err != nil {
		return nil, err
	}
	changes := fields{}
	if err := json.Unmarshal(data, &changes); err != nil {
		return nil, err
	}
	for k, v := range changes {
		doc[k] = v
	}
	if err := doc.set("Endpoint", endpoint); err != nil {
		return nil, err
	}
	if policy != nil {
		if err := doc.set("MachinePolicyId", *policy); err != nil {
			return nil, err
		}
	}
	self, err := selfLink(doc)
	if err != nil {
		return nil, err
	}
	var changed fields
	if err := s.client.send(ctx, http.MethodPost, self, http.MethodPut, doc, &changed); err != nil {
		return nil, err
	}
	if changed == nil {
		changed = doc
	}
	return registered(changed), nil
}

func selfLink(doc fields) (string, error) {
	var links map[string]string
	_ = json.Unmarshal(doc["Links"], &links)
	if links["Self"] == "" {
		return "", fmt.Errorf("the server does not say the address of %q (link Self)", doc.text("Name"))
	}
	link, _ := expand(links["Self"])
	return link, nil
}

// AlreadyExists reports a name that is taken.
func AlreadyExists(kind Kind, name string) error {
	return fault.Conflict("a %s named %q exists on the server already; choose another --name, or change the existing one with --force", kind.noun(), name)
}
