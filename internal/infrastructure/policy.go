package infrastructure

import (
	"time"

	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
)

// Policy is a machine policy, as the wire has it: how machines are checked, called, updated and cleaned up.
type Policy struct {
	store.Meta
	space.Member
	Name                                          string
	Description                                   string
	IsDefault                                     bool
	MachineHealthCheckPolicy                      HealthCheckPolicy
	MachineConnectivityPolicy                     ConnectivityPolicy
	MachineCleanupPolicy                          CleanupPolicy
	MachineUpdatePolicy                           UpdatePolicy
	MachineRPCCallRetryPolicy                     RetryPolicy `json:"MachineRpcCallRetryPolicy"`
	MachinePackageCacheRetentionPolicy            PackageCachePolicy
	PollingRequestQueueTimeout                    Span
	PollingRequestMaximumMessageProcessingTimeout Span
	ConnectionRetrySleepInterval                  Span
	ConnectionRetryCountLimit                     int
	ConnectionRetryTimeLimit                      Span
	ConnectionConnectTimeout                      Span
}

// HealthCheckPolicy says how and when machines are checked. A HealthCheckCron goes before the interval; with neither,
// machines are not checked by the clock.
type HealthCheckPolicy struct {
	TentacleEndpointHealthCheckPolicy ScriptPolicy
	PowerShellHealthCheckPolicy       ScriptPolicy
	SSHEndpointHealthCheckPolicy      ScriptPolicy `json:"SshEndpointHealthCheckPolicy"`
	BashHealthCheckPolicy             ScriptPolicy
	HealthCheckInterval               *Span
	HealthCheckCron                   *string
	HealthCheckCronTimezone           string
	HealthCheckType                   string
}

// ScriptPolicy says which script checks a machine: RunType is InheritFromDefault, Inline or OnlyConnectivity.
type ScriptPolicy struct {
	RunType    string
	ScriptBody *string
}

// ConnectivityPolicy says what it means that a machine is away: ExpectedToBeOnline or MayBeOfflineAndCanBeSkipped.
type ConnectivityPolicy struct{ MachineConnectivityBehavior string }

// CleanupPolicy says whether machines that stay away are deleted: DoNotDelete or DeleteUnavailableMachines.
type CleanupPolicy struct {
	DeleteMachinesBehavior        string
	DeleteMachinesElapsedTimeSpan Span
}

// UpdatePolicy says when what runs on a machine is brought up to date.
type UpdatePolicy struct {
	CalamariUpdateBehavior        string
	TentacleUpdateBehavior        string
	KubernetesAgentUpdateBehavior string
	TentacleUpdateAccountID       *string `json:"TentacleUpdateAccountId"`
}

// RetryPolicy says for how long calls of an agent are repeated.
type RetryPolicy struct {
	Enabled                  bool
	RetryDuration            Span
	HealthCheckRetryDuration Span
}

// PackageCachePolicy says how many packages a machine keeps: Strategy is Default or Quantities.
type PackageCachePolicy struct {
	Strategy                 string
	QuantityOfPackagesToKeep *int
	PackageUnit              *string
	QuantityOfVersionsToKeep *int
	VersionUnit              *string
}

// Policies are the machine policies of the installation.
func Policies() *store.Collection[Policy] {
	return &store.Collection[Policy]{
		Table: "machine_policy", Prefix: "MachinePolicies-", Noun: "machine policy",
		Columns: []store.Column[Policy]{
			{Name: "space_id", Value: func(p *Policy) any { return p.SpaceID }},
			{Name: "name_fold", Value: func(p *Policy) any { return store.Fold(p.Name) }},
			{Name: "is_default", Value: func(p *Policy) any { return p.IsDefault }},
		},
		Keys: []store.Key[Policy]{{Columns: []string{"space_id", "name_fold"}, Taken: func(p *Policy) string {
			return "a machine policy with the name \"" + p.Name + "\" exists already in this space; choose another name"
		}}},
	}
}

// PolicyTemplate returns what a new policy is before anything is entered.
func PolicyTemplate() *Policy {
	interval := Span(time.Hour)
	inherit := ScriptPolicy{RunType: "InheritFromDefault"}
	return &Policy{
		MachineHealthCheckPolicy: HealthCheckPolicy{
			TentacleEndpointHealthCheckPolicy: inherit, PowerShellHealthCheckPolicy: inherit, SSHEndpointHealthCheckPolicy: inherit, BashHealthCheckPolicy: inherit,
			HealthCheckInterval: &interval, HealthCheckCronTimezone: "UTC", HealthCheckType: "RunScript",
		},
		MachineConnectivityPolicy: ConnectivityPolicy{"ExpectedToBeOnline"},
		MachineCleanupPolicy:      CleanupPolicy{DeleteMachinesBehavior: "DoNotDelete"},
		MachineUpdatePolicy: UpdatePolicy{
			CalamariUpdateBehavior: "UpdateOnDeployment", TentacleUpdateBehavior: "NeverUpdate", KubernetesAgentUpdateBehavior: "NeverUpdate",
		},
		MachineRPCCallRetryPolicy:                     RetryPolicy{Enabled: true, RetryDuration: Span(150 * time.Second), HealthCheckRetryDuration: Span(150 * time.Second)},
		MachinePackageCacheRetentionPolicy:            PackageCachePolicy{Strategy: "Default"},
		PollingRequestQueueTimeout:                    Span(2 * time.Minute),
		PollingRequestMaximumMessageProcessingTimeout: Span(10 * time.Minute),
		ConnectionRetrySleepInterval:                  Span(time.Second),
		ConnectionRetryCountLimit:                     5,
		ConnectionRetryTimeLimit:                      Span(5 * time.Minute),
		ConnectionConnectTimeout:                      Span(time.Minute),
	}
}

// Prepare fills in what is empty: a client that decodes an empty word, or a limit of zero, fails.
func (p *Policy) Prepare() {
	t := PolicyTemplate()
	for _, s := range []struct{ at, otherwise *Span }{
		{&p.PollingRequestQueueTimeout, &t.PollingRequestQueueTimeout},
		{&p.PollingRequestMaximumMessageProcessingTimeout, &t.PollingRequestMaximumMessageProcessingTimeout},
		{&p.ConnectionRetrySleepInterval, &t.ConnectionRetrySleepInterval},
		{&p.ConnectionRetryTimeLimit, &t.ConnectionRetryTimeLimit},
		{&p.ConnectionConnectTimeout, &t.ConnectionConnectTimeout},
	} {
		if *s.at == 0 {
			*s.at = *s.otherwise
		}
	}
	if p.ConnectionRetryCountLimit == 0 {
		p.ConnectionRetryCountLimit = t.ConnectionRetryCountLimit
	}
	h, u := &p.MachineHealthCheckPolicy, &p.MachineUpdatePolicy
	for _, s := range []struct {
		at        *string
		otherwise string
	}{
		{&h.TentacleEndpointHealthCheckPolicy.RunType, "InheritFromDefault"}, {&h.PowerShellHealthCheckPolicy.RunType, "InheritFromDefault"},
		{&h.SSHEndpointHealthCheckPolicy.RunType, "InheritFromDefault"}, {&h.BashHealthCheckPolicy.RunType, "InheritFromDefault"},
		{&h.HealthCheckCronTimezone, "UTC"}, {&h.HealthCheckType, "RunScript"},
		{&p.MachineConnectivityPolicy.MachineConnectivityBehavior, "ExpectedToBeOnline"}, {&p.MachineCleanupPolicy.DeleteMachinesBehavior, "DoNotDelete"},
		{&u.CalamariUpdateBehavior, "UpdateOnDeployment"}, {&u.TentacleUpdateBehavior, "NeverUpdate"}, {&u.KubernetesAgentUpdateBehavior, "NeverUpdate"},
		{&p.MachinePackageCacheRetentionPolicy.Strategy, "Default"},
	} {
		*s.at = orDefault(*s.at, s.otherwise)
	}
	if h.HealthCheckCron != nil && *h.HealthCheckCron == "" {
		h.HealthCheckCron = nil
	}
}

// Validate returns what is wrong with a policy.
func (p *Policy) Validate(old *Policy) []string {
	findings := environment.NameFindings("machine policy", p.Name)
	if old != nil && old.IsDefault && !p.IsDefault {
		findings = append(findings, "the machine policy is the default of its space; make another one the default instead")
	}
	h, u := p.MachineHealthCheckPolicy, p.MachineUpdatePolicy
	for _, s := range []ScriptPolicy{h.TentacleEndpointHealthCheckPolicy, h.PowerShellHealthCheckPolicy, h.SSHEndpointHealthCheckPolicy, h.BashHealthCheckPolicy} {
		findings = append(findings, oneOf("RunType", s.RunType, "InheritFromDefault", "Inline", "OnlyConnectivity")...)
	}
	findings = append(findings, oneOf("HealthCheckType", h.HealthCheckType, "RunScript", "OnlyConnectivity")...)
	if _, err := time.LoadLocation(h.HealthCheckCronTimezone); err != nil && h.HealthCheckCron != nil {
		findings = append(findings, "HealthCheckCronTimezone \""+h.HealthCheckCronTimezone+"\" is not the name of a time zone, such as UTC or Europe/Berlin")
	}
	findings = append(findings, oneOf("MachineConnectivityBehavior", p.MachineConnectivityPolicy.MachineConnectivityBehavior, "ExpectedToBeOnline", "MayBeOfflineAndCanBeSkipped")...)
	findings = append(findings, oneOf("DeleteMachinesBehavior", p.MachineCleanupPolicy.DeleteMachinesBehavior, "DoNotDelete", "DeleteUnavailableMachines")...)
	findings = append(findings, oneOf("CalamariUpdateBehavior", u.CalamariUpdateBehavior, "UpdateOnDeployment", "UpdateOnNewMachine", "UpdateAlways")...)
	findings = append(findings, oneOf("TentacleUpdateBehavior", u.TentacleUpdateBehavior, "NeverUpdate", "Update")...)
	findings = append(findings, oneOf("KubernetesAgentUpdateBehavior", u.KubernetesAgentUpdateBehavior, "NeverUpdate", "Update", "Block")...)
	findings = append(findings, oneOf("Strategy of MachinePackageCacheRetentionPolicy", p.MachinePackageCacheRetentionPolicy.Strategy, "Default", "Quantities")...)
	if p.ConnectionRetryCountLimit < 0 {
		findings = append(findings, "ConnectionRetryCountLimit must be 1 or more")
	}
	return findings
}

// BecomeDefault takes the default from the policy that had it, once the policy is written with IsDefault.
func (p *Policy) BecomeDefault(tx *store.Tx) error {
	if !p.IsDefault {
		return nil
	}
	return withdrawDefault(tx, Policies(), p.SpaceID, p.ID, func(other *Policy) { other.IsDefault = false })
}

// DefaultPolicy returns the policy of machines that name none.
func DefaultPolicy(tx *store.Tx, spaceID string) (*Policy, error) {
	p, err := Policies().First(tx, store.Query{Where: []store.Cond{store.Eq("space_id", spaceID), store.Eq("is_default", true)}})
	if err == nil && p == nil {
		return nil, fault.Invalid("the space %s has no default machine policy; make one the default", spaceID)
	}
	return p, err
}
