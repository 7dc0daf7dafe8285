package project_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/versioning"
)

func TestRetentionIsCompleted(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ in, want *project.Retention }{
		"nothing said":             {nil, &project.Retention{Strategy: "Default", Unit: "Items", ShouldKeepForever: true}},
		"older client, forever":    {&project.Retention{ShouldKeepForever: true}, &project.Retention{Strategy: "Forever", Unit: "Items", ShouldKeepForever: true}},
		"older client, days":       {&project.Retention{Unit: "Days", QuantityToKeep: 3}, &project.Retention{Strategy: "Count", Unit: "Days", QuantityToKeep: 3}},
		"count":                    {&project.Retention{Strategy: "Count", Unit: "Items", QuantityToKeep: 7, ShouldKeepForever: true}, &project.Retention{Strategy: "Count", Unit: "Items", QuantityToKeep: 7}},
		"forever leaves no number": {&project.Retention{Strategy: "Forever", Unit: "Days", QuantityToKeep: 7}, &project.Retention{Strategy: "Forever", Unit: "Items", ShouldKeepForever: true}},
	} {
		l := &project.Lifecycle{Name: "L", ReleaseRetentionPolicy: c.in}
		l.Prepare()
		if diff := cmp.Diff(c.want, l.ReleaseRetentionPolicy); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestLifecycleFindings(t *testing.T) {
	t.Parallel()
	l := &project.Lifecycle{Name: " ", TentacleRetentionPolicy: &project.Retention{Strategy: "Count"}, Phases: []project.Phase{
		{Name: "A", OptionalDeploymentTargets: []string{"dev"}, MinimumEnvironmentsBeforePromotion: 2, IsOptionalPhase: true},
		{Name: "a", AutomaticDeploymentTargets: []string{"dev"}, IsOptionalPhase: true},
		{IsOptionalPhase: true, ReleaseRetentionPolicy: &project.Retention{Strategy: "Sometimes"}, OptionalDeploymentTargets: []string{"gone"}},
	}}
	l.Prepare()
	found := l.Validate(func(id string) bool { return id == "dev" })
	for _, want := range []string{
		"has no name", "the Tentacle retention policy keeps 0", `asks for 2 environments before promotion, but has 1`, `two phases are named "a"`, `is in the phase "A" and in the phase "a"`,
		"phase 3 has no Name", `"Sometimes"`, `names the environment "gone"`, "every phase is optional",
	} {
		if !strings.Contains(strings.Join(found, "\n"), want) {
			t.Errorf("not found: %s", want)
		}
	}
	if len(found) != 9 {
		t.Errorf("%d findings:\n%s", len(found), strings.Join(found, "\n"))
	}
}

func TestNumbering(t *testing.T) {
	t.Parallel()
	version := func(text string) versioning.Version {
		v, err := versioning.Parse(versioning.FormatOctopus, text)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	for template, c := range map[string]struct {
		n    project.Numbering
		want string
	}{
		project.DefaultTemplate: {project.Numbering{Last: version("5.0.0")}, "5.0.1"},
		"#{Octopus.Version.LastMajor}.#{Octopus.Version.NextMinor}.#{Octopus.Version.LastPatch}": {project.Numbering{}, "0.1.0"},
		"1.2.i": {project.Numbering{Last: version("1.2.7")}, "1.2.8"},
		"#{Octopus.Version.Channel.LastMajor}.#{Octopus.Version.Channel[Beta].NextMinor}.0-beta": {project.Numbering{Last: version("9.9.9"), LastInChannel: version("2.3.4"), ChannelName: "Beta"}, "2.4.0-beta"},
		"#{Octopus.Date.Year}.#{Octopus.Date.Month}.#{Build}":                                    {project.Numbering{Now: at, Variables: map[string]string{"Build": "17"}}, "2026.3.17"},
		"3.1.0": {project.Numbering{Last: version("3.1.0")}, "3.1.0"},
	} {
		got, err := c.n.Next(template)
		if err != nil || got != c.want {
			t.Errorf("%s gives %q, want %q: %v", template, got, c.want, err)
		}
	}
	if got, err := (project.Numbering{}).Next("1.0.#{Missing}"); err == nil {
		t.Errorf("a template with a missing variable gives %q", got)
	}
}

func TestRulesOfChannels(t *testing.T) {
	t.Parallel()
	ch := &project.Channel{Rules: []project.Rule{
		{VersionRange: "[1.0,2.0)", Tag: "^$", ActionPackages: []project.ActionPackage{{DeploymentAction: "Deploy Web"}}},
		{VersionTagRegex: "^beta", ActionPackages: []project.ActionPackage{{DeploymentAction: "run-tests", PackageReference: "tools"}}},
	}}
	web, tools := ch.RuleFor("deploy web", "deploy-web", ""), ch.RuleFor("Run tests", "run-tests", "Tools")
	if web != &ch.Rules[0] || tools != &ch.Rules[1] || ch.RuleFor("Deploy Web", "", "other") != nil || ch.RuleFor("", "", "") != nil {
		t.Fatal("rules are found for the wrong packages")
	}
	for text, want := range map[string][2]bool{"1.5.0": {true, false}, "2.0.0": {false, false}, "1.5.0-beta.1": {false, true}, "3.0.0-beta": {false, true}} {
		v, err := versioning.Parse(versioning.FormatSemver, text)
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range []*project.Rule{web, tools} {
			if ok, err := r.Allows(v); err != nil || ok != want[i] {
				t.Errorf("%s under %s: %v, %v", text, r, ok, err)
			}
		}
	}
	bad := &project.Channel{Name: "C", Type: "Tube", Rules: []project.Rule{{VersionRange: "[1.0"}, {Tag: "("},
		{ActionPackages: []project.ActionPackage{{DeploymentAction: "a"}}}, {ActionPackages: []project.ActionPackage{{DeploymentAction: "A"}}}}}
	if found := bad.Validate(); len(found) != 4 {
		t.Errorf("findings: %s", strings.Join(found, "\n"))
	}
}
