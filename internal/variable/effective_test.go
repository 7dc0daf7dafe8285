package variable_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/mantledeploy/mantle/internal/variable"
)

type value struct {
	text  string
	scope variable.Scope
}

func set(owner string, values ...value) *variable.Set {
	s := variable.New(owner, "Spaces-1")
	for i, v := range values {
		s.Variables = append(s.Variables, variable.Variable{ID: fmt.Sprint(i), Name: "Name", Value: &v.text, Scope: v.scope})
	}
	return s
}

func everywhere() variable.Place {
	return variable.Place{
		Environment: "E1", Tenant: "T1", Channel: "C1", Project: "P1", Process: "P1", Machine: "M1", Actions: []string{"A1", "S1"},
		TenantTags: []string{"Ring/Early", "Region/EU"}, MachineRoles: []string{"web", "db"}, TargetRoles: []string{"web"},
	}
}

// ranked are scopes that match everywhere, from the most specific to the least.
func ranked() []variable.Scope {
	return []variable.Scope{
		{"Action": {"A1"}}, {"Machine": {"M1"}}, {"Role": {"web"}}, {"Role": {"db"}}, {"Tenant": {"T1"}}, {"TenantTag": {"Region/EU"}},
		{"Environment": {"E1"}}, {"Channel": {"C1"}}, {"ProcessOwner": {"P1"}}, {"Project": {"P1"}}, {},
	}
}

func winner(t interface{ Fatalf(string, ...any) }, at variable.Place, sets ...*variable.Set) string {
	chosen := variable.Effective(sets, at)
	switch len(chosen) {
	case 0:
		return ""
	case 1:
		return *chosen[0].Variable.Value
	}
	t.Fatalf("%d values for one name", len(chosen))
	return ""
}

func TestHigherKindWinsInEitherOrder(t *testing.T) {
	t.Parallel()
	scopes := ranked()
	for i := range scopes {
		for j := i + 1; j < len(scopes); j++ {
			high, low := value{"high", scopes[i]}, value{"low", scopes[j]}
			for _, s := range []*variable.Set{set("P1", high, low), set("P1", low, high)} {
				if got := winner(t, everywhere(), s); got != "high" {
					t.Errorf("%v against %v: %s wins", scopes[i], scopes[j], got)
				}
			}
			if got := winner(t, everywhere(), set("P1", low), set("L1", high)); got != "high" {
				t.Errorf("a more specific value of a library, %v, loses against the project's %v", scopes[i], scopes[j])
			}
		}
	}
}

func TestEffectiveTable(t *testing.T) {
	t.Parallel()
	at := everywhere()
	for name, c := range map[string]struct {
		sets []*variable.Set
		want string
	}{
		"none":                    {[]*variable.Set{set("P1")}, ""},
		"project beats library":   {[]*variable.Set{set("P1", value{"project", nil}), set("L1", value{"library", nil})}, "project"},
		"library alone":           {[]*variable.Set{set("P1"), set("L1", value{"library", nil})}, "library"},
		"first library":           {[]*variable.Set{set("P1"), set("L1", value{"one", nil}), set("L2", value{"two", nil})}, "one"},
		"first in the list":       {[]*variable.Set{set("P1", value{"one", nil}, value{"two", nil})}, "one"},
		"or inside a kind":        {[]*variable.Set{set("P1", value{"yes", variable.Scope{"Environment": {"E9", "E1"}}})}, "yes"},
		"and between kinds":       {[]*variable.Set{set("P1", value{"no", variable.Scope{"Environment": {"E1"}, "Channel": {"C9"}}}, value{"yes", nil})}, "yes"},
		"lower kinds break ties":  {[]*variable.Set{set("P1", value{"less", variable.Scope{"Environment": {"E1"}}}, value{"more", variable.Scope{"Environment": {"E1"}, "Channel": {"C1"}}})}, "more"},
		"highest kind goes first": {[]*variable.Set{set("P1", value{"many", variable.Scope{"Tenant": {"T1"}, "Environment": {"E1"}, "Channel": {"C1"}}}, value{"role", variable.Scope{"Role": {"db"}}})}, "role"},
		"tags do not add up":      {[]*variable.Set{set("P1", value{"one", variable.Scope{"TenantTag": {"Ring/Early"}}}, value{"two", variable.Scope{"TenantTag": {"Ring/Early", "Region/EU"}}})}, "one"},
		"words ignore case":       {[]*variable.Set{set("P1", value{"yes", variable.Scope{"Role": {"WEB"}}})}, "yes"},
		"step of the action":      {[]*variable.Set{set("P1", value{"yes", variable.Scope{"Action": {"S1"}}}, value{"no", variable.Scope{"Machine": {"M1"}}})}, "yes"},
		"unknown kinds":           {[]*variable.Set{set("P1", value{"no", variable.Scope{"Trigger": {"X"}}})}, ""},
		"empty kind":              {[]*variable.Set{set("P1", value{"yes", variable.Scope{"Machine": {}}})}, "yes"},
		"nil set":                 {[]*variable.Set{nil, set("L1", value{"yes", nil})}, "yes"},
	} {
		if got := winner(t, at, c.sets...); got != c.want {
			t.Errorf("%s: %q wins, want %q", name, got, c.want)
		}
	}
	if got := winner(t, variable.Place{}, set("P1", value{"no", variable.Scope{"Machine": {""}}})); got != "" {
		t.Errorf("an empty ID matched the empty place")
	}
}

func TestNamesIgnoreCaseAndAreSorted(t *testing.T) {
	t.Parallel()
	s := variable.New("P1", "Spaces-1")
	for _, name := range []string{"zeta", "Alpha", "ALPHA", "beta"} {
		s.Variables = append(s.Variables, variable.Variable{Name: name})
	}
	var names []string
	for _, c := range variable.Effective([]*variable.Set{s}, variable.Place{}) {
		names = append(names, c.Name)
	}
	if diff := cmp.Diff([]string{"Alpha", "beta", "zeta"}, names); diff != "" {
		t.Error(diff)
	}
}

func TestEffectiveProperties(t *testing.T) {
	t.Parallel()
	at := everywhere()
	scopes := rapid.Custom(func(t *rapid.T) variable.Scope {
		s := variable.Scope{}
		for _, kind := range []variable.Kind{"Action", "Machine", "Role", "Tenant", "TenantTag", "Environment", "Channel", "ProcessOwner"} {
			if rapid.Bool().Draw(t, "has "+string(kind)) {
				s[kind] = rapid.SampledFrom([][]string{{"A1", "M1", "web", "T1", "Ring/Early", "E1", "C1", "P1"}, {"db", "S1", "E1", "T1"}, {"other"}}).Draw(t, "ids")
			}
		}
		return s
	})
	rapid.Check(t, func(t *rapid.T) {
		values := []value{}
		for i, s := range rapid.SliceOfN(scopes, 1, 6).Draw(t, "scopes") {
			values = append(values, value{fmt.Sprint(i), s})
		}
		got := winner(t, at, set("P1", values...))
		best, matched := -1, false
		for i, v := range values {
			rank, ok := v.scope.Rank(at)
			if !ok {
				if got == fmt.Sprint(i) {
					t.Fatalf("a value wins whose scope %v does not match", v.scope)
				}
				continue
			}
			matched = true
			best = max(best, rank)
		}
		if matched != (got != "") {
			t.Fatalf("matched %v, winner %q", matched, got)
		}
		if got == "" {
			return
		}
		// What does not win changes nothing: the winner alone wins too, and the order of the others does not matter.
		reversed := make([]value, len(values))
		for i, v := range values {
			reversed[len(values)-1-i] = v
		}
		a, b := rankOf(values, got, at), rankOf(reversed, winner(t, at, set("P1", reversed...)), at)
		if a != best || b != best {
			t.Fatalf("ranks %d and %d win, the best is %d", a, b, best)
		}
	})
}

func rankOf(values []value, text string, at variable.Place) int {
	for _, v := range values {
		if v.text == text {
			rank, _ := v.scope.Rank(at)
			return rank
		}
	}
	return -1
}
