package project_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/project"
)

// environments returns environments whose IDs are their names in lower case.
func environments(names ...string) []*environment.Environment {
	list := []*environment.Environment{}
	for i, name := range names {
		e := &environment.Environment{Name: name, SortOrder: i}
		e.ID = strings.ToLower(name)
		list = append(list, e)
	}
	return list
}

func lifecycle(phases ...project.Phase) *project.Lifecycle {
	l := &project.Lifecycle{Name: "L", Phases: phases}
	for i := range l.Phases {
		l.Phases[i].Name = string(rune('A' + i))
	}
	l.Prepare()
	return l
}

func phase(environments ...string) project.Phase {
	return project.Phase{OptionalDeploymentTargets: environments}
}

func deployed(environments ...string) []project.Deployed {
	var list []project.Deployed
	for _, e := range environments {
		list = append(list, project.Deployed{EnvironmentID: e})
	}
	return list
}

// words writes a progression as "Complete Current* Pending | next,next (needed) | allowed": a star stands for blocked.
func words(p *project.Progression) string {
	var phases []string
	for _, phase := range p.Phases {
		word := phase.Progress
		if phase.Blocked {
			word += "*"
		}
		phases = append(phases, word)
	}
	return fmt.Sprintf("%s | %s (%d) | %s", strings.Join(phases, " "), strings.Join(p.NextDeployments, ","), p.NextDeploymentsMinimumRequired, strings.Join(p.Allowed(), ","))
}

func TestProgress(t *testing.T) {
	t.Parallel()
	optional, atLeastOne := phase("test"), phase("dev", "qa")
	optional.IsOptionalPhase, atLeastOne.MinimumEnvironmentsBeforePromotion = true, 1
	three := lifecycle(phase("dev"), phase("test"), phase("prod"))
	skip := lifecycle(phase("dev"), optional, phase("prod"))
	one := lifecycle(atLeastOne, phase("prod"))
	rest := lifecycle(phase("dev"), phase())
	first := optional
	first.OptionalDeploymentTargets = []string{"dev"}
	opening := lifecycle(first, phase("prod"))
	for name, c := range map[string]struct {
		l       *project.Lifecycle
		history []project.Deployed
		blocked bool
		want    string
	}{
		"nothing yet":                  {three, nil, false, "Current Pending Pending | dev (1) | dev"},
		"first done":                   {three, deployed("dev"), false, "Complete Current Pending | test (1) | dev,test"},
		"twice is once":                {three, deployed("dev", "dev"), false, "Complete Current Pending | test (1) | dev,test"},
		"all done":                     {three, deployed("dev", "test", "prod"), false, "Complete Complete Complete |  (0) | dev,test,prod"},
		"a gap":                        {three, deployed("dev", "prod"), false, "Complete Current Complete | test (1) | dev,test,prod"},
		"optional phase may be left":   {skip, deployed("dev"), false, "Complete Current Current | test,prod (1) | dev,test,prod"},
		"optional phase does not lead": {skip, deployed("test"), false, "Current Complete Pending | dev (1) | dev,test"},
		"optional phase at the start":  {opening, nil, false, "Current Current | dev,prod (1) | dev,prod"},
		"all of a phase":               {lifecycle(phase("dev", "qa"), phase("prod")), deployed("qa"), false, "Current Pending | dev (1) | dev,qa"},
		"one of a phase is enough":     {one, deployed("qa"), false, "Complete Current | prod (1) | dev,qa,prod"},
		"one of a phase is needed":     {one, nil, false, "Current Pending | dev,qa (1) | dev,qa"},
		"no phases: the environments":  {lifecycle(), deployed("dev"), false, "Complete Current Pending Pending | qa (1) | dev,qa"},
		"a phase for all the others":   {rest, deployed("dev"), false, "Complete Current | qa,test,prod (3) | dev,qa,test,prod"},
		"a defect before the start":    {three, nil, true, "Current* Pending* Pending* |  (0) | "},
		"a defect on the way":          {three, deployed("dev"), true, "Complete Current* Pending* |  (0) | dev"},
		"a defect inside a phase":      {lifecycle(phase("dev", "qa"), phase("prod")), deployed("qa"), true, "Current Pending* | dev (1) | dev,qa"},
	} {
		p := project.Case{Lifecycle: c.l, Environments: environments("Dev", "QA", "Test", "Prod"), History: c.history, Blocked: c.blocked}.Progress()
		if got := words(p); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
	}
}

func TestProgressOfATenant(t *testing.T) {
	t.Parallel()
	l := lifecycle(phase("dev"), phase("test"), phase("prod"))
	others := []project.Deployed{{EnvironmentID: "dev", TenantID: "B"}, {EnvironmentID: "test"}}
	for name, c := range map[string]struct {
		connected []string
		history   []project.Deployed
		want      string
	}{
		"others do not count":                {[]string{"dev", "prod"}, others, "Current Pending Pending | dev (1) | dev"},
		"its own count":                      {[]string{"dev", "prod"}, []project.Deployed{{EnvironmentID: "dev", TenantID: "A"}}, "Complete Complete Current | prod (1) | dev,prod"},
		"connected to the last alone":        {[]string{"prod"}, nil, "Complete Complete Current | prod (1) | prod"},
		"connected to nothing":               {nil, nil, "Complete Complete Complete |  (0) | "},
		"a phase it is not in does not lead": {[]string{"test", "prod"}, nil, "Complete Current Pending | test (1) | test"},
	} {
		p := project.Case{Lifecycle: l, Environments: environments("Dev", "Test", "Prod"), History: c.history, TenantID: "A", TenantEnvironments: c.connected}.Progress()
		if got := words(p); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
	}
}

func TestWhyNot(t *testing.T) {
	t.Parallel()
	half := phase("dev", "qa", "test")
	half.MinimumEnvironmentsBeforePromotion = 2
	envs := environments("Dev", "QA", "Test", "Prod", "Lab")
	for name, c := range map[string]struct {
		c    project.Case
		at   string
		want string
	}{
		"too early":          {project.Case{Lifecycle: lifecycle(phase("dev", "qa"), phase("test"), phase("prod"))}, "prod", `the release may not go to "Prod" yet: the lifecycle "L" has the phase "A" before the phase "C"; deploy the release to "Dev" and "QA" successfully first`},
		"some of":            {project.Case{Lifecycle: lifecycle(half, phase("prod")), History: deployed("qa")}, "prod", `the release may not go to "Prod" yet: the lifecycle "L" has the phase "A" before the phase "B"; deploy the release to 1 of "Dev", "Test" successfully first`},
		"not in it":          {project.Case{Lifecycle: lifecycle(phase("dev"))}, "lab", `the lifecycle "L" has no phase with the environment "Lab"; deploy to another environment, add this one to a phase, or choose a channel with another lifecycle`},
		"a defect":           {project.Case{Lifecycle: lifecycle(phase("dev"), phase("prod")), History: deployed("dev"), Blocked: true}, "prod", `a defect of this release keeps it from the phase "B" of the lifecycle "L"; resolve the defect before you deploy it to "Prod"`},
		"tenant not there":   {project.Case{Lifecycle: lifecycle(phase("dev")), TenantID: "A"}, "dev", `the tenant is not connected to the environment "Dev" for this project; connect it before you deploy there`},
		"allowed once more":  {project.Case{Lifecycle: lifecycle(phase("dev"), phase("prod")), History: deployed("prod")}, "prod", ""},
		"allowed at present": {project.Case{Lifecycle: lifecycle(phase("dev"), phase("prod")), History: deployed("dev")}, "prod", ""},
	} {
		c.c.Environments = envs
		text := ""
		if err := c.c.Progress().May(c.at); err != nil {
			text = err.Error()
		}
		if diff := cmp.Diff(c.want, text); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestAutomatic(t *testing.T) {
	t.Parallel()
	auto := func(environments ...string) project.Phase {
		return project.Phase{AutomaticDeploymentTargets: environments}
	}
	l := lifecycle(auto("dev"), auto("test", "qa"), phase("prod"))
	for want, history := range map[string][]project.Deployed{"dev": nil, "test,qa": deployed("dev"), "qa": deployed("dev", "test"), "": deployed("dev", "test", "qa")} {
		p := project.Case{Lifecycle: l, Environments: environments("Dev", "QA", "Test", "Prod"), History: history}.Progress()
		if got := strings.Join(p.Automatic(), ","); got != want {
			t.Errorf("after %v: %q is due, want %q", history, got, want)
		}
	}
	if due := (project.Case{Lifecycle: l, Environments: environments("Dev"), Blocked: true}).Progress().Automatic(); len(due) != 0 {
		t.Errorf("a blocked release is due in %v", due)
	}
}

func TestProgressProperties(t *testing.T) {
	t.Parallel()
	all := []string{"e0", "e1", "e2", "e3", "e4"}
	rapid.Check(t, func(t *rapid.T) {
		l := &project.Lifecycle{Name: "L"}
		rest := rapid.Permutation(all).Draw(t, "order")
		for i := 0; len(rest) > 0; i++ {
			n := rapid.IntRange(1, len(rest)).Draw(t, "size")
			p := project.Phase{Name: fmt.Sprint(i), OptionalDeploymentTargets: rest[:n], IsOptionalPhase: i > 0 && rapid.Bool().Draw(t, "optional")}
			p.MinimumEnvironmentsBeforePromotion = rapid.IntRange(0, n).Draw(t, "minimum")
			l.Phases, rest = append(l.Phases, p), rest[n:]
		}
		l.Prepare()
		c := project.Case{Lifecycle: l, Environments: environments(all...)}
		// Whoever always goes where it may comes to the end, never loses a way, and is always told why it may not.
		for range len(all) {
			p := c.Progress()
			before := p.Allowed()
			for _, e := range all {
				err := p.May(e)
				if (err == nil) != slices.Contains(before, e) {
					t.Fatalf("May(%s) is %v, allowed are %v", e, err, before)
				}
			}
			if len(p.NextDeployments) == 0 {
				break
			}
			for _, e := range p.NextDeployments {
				if !slices.Contains(before, e) {
					t.Fatalf("next is %s, which is not allowed: %v", e, before)
				}
			}
			c.History = append(c.History, project.Deployed{EnvironmentID: rapid.SampledFrom(p.NextDeployments).Draw(t, "to")})
			after := c.Progress().Allowed()
			for _, e := range before {
				if !slices.Contains(after, e) {
					t.Fatalf("%s was allowed before %v and is not after", e, c.History)
				}
			}
		}
		for _, phase := range c.Progress().Phases {
			if phase.Progress != project.Complete {
				t.Fatalf("the phase %s is %s at the end: %v", phase.Name, phase.Progress, c.History)
			}
		}
	})
}
