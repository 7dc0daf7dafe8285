package variable

import (
	"fmt"
	"slices"
	"strings"
)

// Kind is what a value can be limited to.
type Kind string

// The kinds of scopes that values are compared with.
const (
	Action       Kind = "Action"
	Machine      Kind = "Machine"
	Role         Kind = "Role"
	Tenant       Kind = "Tenant"
	TenantTag    Kind = "TenantTag"
	Environment  Kind = "Environment"
	Channel      Kind = "Channel"
	ProcessOwner Kind = "ProcessOwner"
	Project      Kind = "Project"
)

// Kinds are all that a document may name. Those that nothing above stands for are kept, and never match: they belong to
// features of other servers.
func Kinds() []Kind {
	return []Kind{
		Project, Environment, Machine, Role, "TargetRole", Action, "User", "Trigger", "ParentDeployment", "Private",
		Channel, TenantTag, Tenant, ProcessOwner, "ProjectTemplate",
	}
}

// Scope limits a value: it applies where every kind has one of its IDs. Roles and tags are names, all others are IDs.
type Scope map[Kind][]string

// Normal returns the scope with the kinds' proper spelling, without kinds that name nothing and without repetitions.
func (s Scope) Normal() Scope {
	normal := Scope{}
	for kind, ids := range s {
		for _, known := range Kinds() {
			if strings.EqualFold(string(kind), string(known)) {
				kind = known
			}
		}
		for _, id := range ids {
			if id != "" && !slices.Contains(normal[kind], id) {
				normal[kind] = append(normal[kind], id)
			}
		}
	}
	return normal
}

// Equal reports whether two scopes limit alike.
func (s Scope) Equal(o Scope) bool {
	if len(s) != len(o) {
		return false
	}
	for kind, ids := range s {
		if !slices.Equal(slices.Sorted(slices.Values(ids)), slices.Sorted(slices.Values(o[kind]))) {
			return false
		}
	}
	return true
}

func (s Scope) findings(variable string) []string {
	var found []string
	for kind := range s {
		if !slices.Contains(Kinds(), kind) {
			found = append(found, fmt.Sprintf("the variable %q is scoped by %q, which is no kind of scope; use Environment, Machine, Role, Action, Channel, TenantTag, Tenant or ProcessOwner", variable, kind))
		}
	}
	slices.Sort(found)
	return found
}

// Place is where a value is looked up. What does not apply is left empty: a value that is limited by it does not match.
type Place struct {
	Environment, Tenant, Channel, Project, Machine string
	// Process owns the process that runs: the project's ID, or a runbook's.
	Process string
	// Actions are the ID of the action and that of its step.
	Actions    []string
	TenantTags []string
	// MachineRoles are all roles of the machine; TargetRoles are those of them that the step targets.
	MachineRoles, TargetRoles []string
}

// The ranks of kinds, most specific first. A value's rank is the sum of its kinds', each a power of two, so that values are
// compared by their highest kind first and lower kinds break ties; how many IDs of a kind match does not count.
const (
	rankAction = 1 << (10 - iota)
	rankMachine
	rankTargetRole
	rankMachineRole
	rankTenant
	rankTenantTag
	rankEnvironment
	rankChannel
	rankProcess
	rankProject
	rankOwner // the project's own set before library sets
)

// Rank reports whether the scope matches a place, and how specifically.
func (s Scope) Rank(at Place) (rank int, ok bool) {
	for kind, ids := range s {
		if len(ids) == 0 {
			continue
		}
		r := at.rank(kind, ids)
		if r == 0 {
			return 0, false
		}
		rank |= r
	}
	return rank, true
}

// rank returns the rank of one kind, or 0 where it does not match.
func (at Place) rank(kind Kind, ids []string) int {
	switch kind {
	case Action:
		return when(anyOf(ids, at.Actions...), rankAction)
	case Machine:
		return when(anyOf(ids, at.Machine), rankMachine)
	case Role:
		if anyOf(ids, at.TargetRoles...) {
			return rankTargetRole
		}
		return when(anyOf(ids, at.MachineRoles...), rankMachineRole)
	case Tenant:
		return when(anyOf(ids, at.Tenant), rankTenant)
	case TenantTag:
		return when(anyOf(ids, at.TenantTags...), rankTenantTag)
	case Environment:
		return when(anyOf(ids, at.Environment), rankEnvironment)
	case Channel:
		return when(anyOf(ids, at.Channel), rankChannel)
	case ProcessOwner:
		return when(anyOf(ids, at.Process), rankProcess)
	case Project:
		return when(anyOf(ids, at.Project), rankProject)
	}
	return 0
}

func when(matches bool, rank int) int {
	if matches {
		return rank
	}
	return 0
}

// anyOf compares without regard to case: roles and tags are words that people type.
func anyOf(ids []string, has ...string) bool {
	return slices.ContainsFunc(ids, func(id string) bool {
		return slices.ContainsFunc(has, func(h string) bool { return h != "" && strings.EqualFold(id, h) })
	})
}
