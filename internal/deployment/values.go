package deployment

import (
	"net/url"
	"strings"

	"github.com/mantledeploy/mantle/internal/account"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/infrastructure"
	"github.com/mantledeploy/mantle/internal/process"
	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/tenant"
	"github.com/mantledeploy/mantle/internal/variable"
)

// Scope is for which step, action and machine variables are wanted; empty fields are not known yet.
type Scope struct {
	StepID, ActionID, MachineID string
	// MachineRoles are the machine's; StepRoles those that the step targets.
	MachineRoles, StepRoles []string
}

// Value is a variable's value, a template.
type Value struct {
	Name      string
	Text      secret.Text
	Sensitive bool
}

// Values returns the variables that an action sees of the run's variable sets, secrets opened: the winner of each name, prompted
// values before those of the sets, accounts spread out, and what is known about the machine.
func (w *Deployer) Values(tx *store.Tx, plan *process.Plan, at Scope) ([]Value, error) {
	sets, err := VariableSets(tx, plan.VariableSets)
	if err != nil {
		return nil, err
	}
	place, err := placeOf(tx, plan, at)
	if err != nil {
		return nil, err
	}
	prompted, err := w.prompted(tx, plan)
	if err != nil {
		return nil, err
	}
	ofTenant, defaults, err := w.tenantSets(tx, plan)
	if err != nil {
		return nil, err
	}
	sets = append(sets, ofTenant, defaults)
	values, err := machineValues(tx, at.MachineID)
	if err != nil {
		return nil, err
	}
	for _, chosen := range variable.Effective(sets, place) {
		v := Value{Name: chosen.Name, Sensitive: chosen.Variable.IsSensitive || sensitive(chosen.Variable)}
		if given, ok := prompted[chosen.Variable.ID]; ok && chosen.Variable.Prompt != nil {
			v.Text = given
		} else if v.Text, err = chosen.Open(w.Keys); err != nil {
			return nil, err
		}
		values = append(values, v)
		more, err := w.spread(tx, plan.Run.SpaceID, chosen, v)
		if err != nil {
			return nil, err
		}
		values = append(values, more...)
	}
	return values, nil
}

// tenantSets are the values that the run's tenant gives to templates, and their defaults.
func (w *Deployer) tenantSets(tx *store.Tx, plan *process.Plan) (given, defaults *variable.Set, err error) {
	if plan.Run.TenantID == "" {
		return nil, nil, nil
	}
	p, err := project.Projects().First(tx, store.Query{Where: []store.Cond{store.Eq("id", plan.Run.ProjectID)}})
	if err != nil || p == nil {
		return nil, nil, err
	}
	return p.TenantSets(tx, plan.Run.TenantID, plan.Run.EnvironmentID, func(s secret.Sensitive, document string) (secret.Text, error) { return s.Open(w.Keys, document) })
}

// placeOf is where the values are looked up. Of the machine's roles those count more that the step targets.
func placeOf(tx *store.Tx, plan *process.Plan, at Scope) (variable.Place, error) {
	run := plan.Run
	place := variable.Place{
		Environment: run.EnvironmentID, Tenant: run.TenantID, Channel: run.ChannelID, Project: run.ProjectID, Process: run.ProjectID,
		Machine: at.MachineID, MachineRoles: at.MachineRoles,
	}
	if run.RunbookID != "" {
		place.Process = run.RunbookID
	}
	for _, id := range []string{at.ActionID, at.StepID} {
		if id != "" {
			place.Actions = append(place.Actions, id)
		}
	}
	for _, role := range at.MachineRoles {
		for _, target := range at.StepRoles {
			if strings.EqualFold(role, target) {
				place.TargetRoles = append(place.TargetRoles, role)
			}
		}
	}
	if at.MachineID == "" {
		place.TargetRoles = at.StepRoles
	}
	if run.TenantID == "" {
		return place, nil
	}
	t, err := tenant.Tenants().Get(tx, run.TenantID)
	if fault.Is(err, fault.KindNotFound) {
		return place, nil
	}
	if err == nil {
		place.TenantTags = t.TenantTags
	}
	return place, err
}

// prompted returns the values that people gave, by the variables' IDs; secrets are in the deployment alone.
func (w *Deployer) prompted(tx *store.Tx, plan *process.Plan) (map[string]secret.Text, error) {
	given := map[string]secret.Text{}
	for id, text := range plan.FormValues {
		given[id] = secret.NewText(text)
	}
	if plan.Run.Kind != "Deployment" || plan.Run.ID == "" {
		return given, nil
	}
	d, err := Deployments().First(tx, store.Query{Where: []store.Cond{store.Eq("id", plan.Run.ID)}})
	if err != nil || d == nil {
		return given, err
	}
	for id, sealed := range d.Prompted {
		if given[id], err = sealed.Open(w.Keys, d.ID); err != nil {
			return nil, err
		}
	}
	return given, nil
}

// machineValues tell where the machine is.
func machineValues(tx *store.Tx, machineID string) ([]Value, error) {
	if machineID == "" {
		return nil, nil
	}
	m, err := infrastructure.Machines().First(tx, store.Query{Where: []store.Cond{store.Eq("id", machineID)}})
	if err != nil || m == nil {
		return nil, err
	}
	values := []Value{{Name: "Octopus.Machine.CommunicationStyle", Text: secret.NewText(m.Endpoint.CommunicationStyle)}}
	if u, err := url.Parse(m.URI); err == nil && u.Hostname() != "" && u.Scheme != "poll" {
		values = append(values, Value{Name: "Octopus.Machine.Hostname", Text: secret.NewText(u.Hostname())})
	}
	return values, nil
}

// spread returns the members of an account that a variable names.
func (w *Deployer) spread(tx *store.Tx, spaceID string, chosen variable.Chosen, v Value) ([]Value, error) {
	switch chosen.Variable.Type {
	case variable.String, variable.Sensitive, variable.Certificate, variable.WorkerPool:
		return nil, nil
	}
	a, err := account.Accounts().First(tx, store.Query{Where: []store.Cond{store.Eq("space_id", spaceID), store.Eq("id", v.Text.Reveal())}})
	if err != nil || a == nil {
		return nil, err
	}
	return w.accountValues(a, chosen.Name)
}

// accountValues are the members of an account under a variable's name.
func (w *Deployer) accountValues(a *account.Account, name string) ([]Value, error) {
	var values []Value
	for member, text := range map[string]string{
		"Username": a.Username, "AccessKey": a.AccessKey, "Region": a.Region, "SubscriptionNumber": a.SubscriptionNumber, "Client": a.ClientID, "TenantId": a.TenantID,
		"AzureEnvironment": a.AzureEnvironment, "ResourceManagementEndpointBaseUri": a.ResourceManagementURI, "ActiveDirectoryEndpointBaseUri": a.ActiveDirectoryURI,
		"RoleArn": a.RoleArn, "SessionDuration": a.SessionDuration, "Audience": a.Audience, "AccountType": a.AccountType,
	} {
		if text != "" {
			values = append(values, Value{Name: name + "." + member, Text: secret.NewText(text)})
		}
	}
	for member, sealed := range map[string]secret.Sensitive{
		"Password": a.Password, "PrivateKeyFile": a.PrivateKeyFile, "PrivateKeyPassphrase": a.PrivateKeyPassphrase, "Token": a.Token, "SecretKey": a.SecretKey,
		"JsonKey": a.JSONKey, "CertificateBytes": a.CertificateBytes,
	} {
		if !sealed.HasValue {
			continue
		}
		text, err := sealed.Open(w.Keys, a.ID)
		if err != nil {
			return nil, err
		}
		values = append(values, Value{Name: name + "." + member, Text: text, Sensitive: true})
	}
	return values, nil
}
