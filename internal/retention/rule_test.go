package retention

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/project"
)

// the clock of the tests is in hours; now is hour 10000.
func hour(n int) time.Time {
	return time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(n) * time.Hour)
}

const now = 10000

// facts reads a history, a line each: "+1 Dev" is a success of release 1 in Dev, "-1" a failure, "?1" one that is queued or under way; "Dev/t" is for the
// tenant t; "@500" sets the hour, which else goes on by 24.
func facts(l *Lifecycle, releases int, history string) Facts {
	f := Facts{Lifecycles: map[string]*Lifecycle{l.ID: l}, Gone: func(p Place) bool { return strings.HasPrefix(p.EnvironmentID, "Gone") || p.TenantID == "gone" }}
	for i := range releases {
		f.Releases = append(f.Releases, Release{ID: fmt.Sprint(i + 1), Seq: int64(i + 1), LifecycleID: l.ID, Assembled: hour(100 * (i + 1))})
	}
	at := 0
	for i, line := range strings.Split(history, "\n") {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		at += 24
		if text, when, has := strings.Cut(line, " @"); has {
			line = text
			_, _ = fmt.Sscan(when, &at)
		}
		id, where, _ := strings.Cut(line[1:], " ")
		environment, tenant, _ := strings.Cut(where, "/")
		f.Deployments = append(f.Deployments, Deployment{ReleaseID: id, Place: Place{environment, tenant}, Seq: int64(i + 1), At: hour(at), Succeeded: line[0] == '+', Active: line[0] == '?'})
	}
	return f
}

func TestDecide(t *testing.T) {
	t.Parallel()
	items := func(n int) Policy { return Policy{Items: n} }
	days := func(n int) Policy { return Policy{Days: n} }
	one := func(p Policy) *Lifecycle { return &Lifecycle{ID: "L", Policy: p} }
	phases := &Lifecycle{ID: "L", Policy: items(1), Of: map[string]Policy{"Dev": items(1), "Test": items(3), "Prod": {}}}
	inOrder := func(n int, where string) (all string) {
		for i := range n {
			all += fmt.Sprintf("+%d %s\n", i+1, where)
		}
		return all
	}
	tests := []struct {
		name     string
		l        *Lifecycle
		releases int
		history  string
		want     string // what is removed
	}{
		{"keep everything", one(Policy{}), 6, inOrder(6, "Dev"), ""},
		{"two besides the current", one(items(2)), 6, inOrder(6, "Dev"), "1 2 3"},
		{"fewer than that", one(items(5)), 6, inOrder(6, "Dev"), ""},
		{"deployed again is newest again", one(items(1)), 4, inOrder(4, "Dev") + "+1 Dev", "2 3"},
		{"each environment for itself", one(items(1)), 5, inOrder(5, "Dev") + "+1 Prod\n+2 Prod", "3"},
		{"a phase that keeps everything", phases, 6, inOrder(6, "Dev") + "+2 Prod", "1 3 4"},
		{"two phases have to give it up", phases, 6, inOrder(6, "Dev") + inOrder(5, "Test"), "1"},
		{"each tenant for itself", one(items(1)), 4, inOrder(4, "Dev/a") + "+1 Dev/b", "2"},
		{"with and without a tenant", one(items(1)), 4, inOrder(4, "Dev") + "+1 Dev/b", "2"},
		{"a deleted tenant keeps nothing", one(items(1)), 4, inOrder(4, "Dev") + "+1 Dev/gone", "1 2"},
		{"a deleted environment keeps nothing", one(items(1)), 4, inOrder(4, "Dev") + "+1 Gone", "1 2"},
		{"queued or under way", one(items(1)), 4, inOrder(4, "Dev") + "?1 Prod", "2"},
		{"under way in a deleted environment", one(items(1)), 4, inOrder(4, "Dev") + "?1 Gone", "2"},
		{"failures do not count", one(items(1)), 5, "+1 Dev\n+2 Dev\n-3 Dev\n-4 Dev\n-5 Dev", "3"},
		{"a failure older than what is kept", one(items(1)), 5, "+1 Dev\n-2 Dev\n+3 Dev\n+4 Dev\n+5 Dev", "1 2 3"},
		{"the last that was tried", one(items(1)), 4, "+1 Dev\n+2 Dev\n+3 Dev\n-1 Dev", ""},
		{"nothing ever succeeded", one(items(1)), 5, "-1 Dev\n-2 Dev\n-3 Dev\n-4 Dev\n-5 Dev", "1 2 3"},
		{"a success then a failure of the same", one(items(1)), 4, "+1 Dev\n+2 Dev\n-2 Dev\n+3 Dev\n+4 Dev", "1 2"},
		{"a scheduled one that ran last", one(items(1)), 4, "+1 Dev @9000\n+2 Dev @100\n+3 Dev @200\n+4 Dev @300", "2 3"},
		{"days", one(days(30)), 5, "+1 Dev @100\n+2 Dev @200\n+3 Dev @9500\n+4 Dev @9600\n+5 Dev @9700", "1 2"},
		{"days keep the last two", one(days(30)), 5, inOrder(5, "Dev"), "1 2 3"},
		{"to the hour", one(days(30)), 4, "+1 Dev @9279\n+2 Dev @9280\n+3 Dev @9500\n+4 Dev @9600", "1"},
		{"days and failures", one(days(30)), 4, "-1 Dev @100\n-2 Dev @9900\n+3 Dev @9950\n+4 Dev @9960", "1"},
		{"never deployed", one(items(2)), 5, "", "1 2 3"},
		{"never deployed, by days", one(days(400)), 5, "", "1 2 3"},
		{"never deployed are counted by themselves", one(items(2)), 6, "+1 Dev\n+2 Dev\n+3 Dev", "4"},
		{"never deployed follow the lifecycle", phases, 4, "", "1 2 3"},
		{"deployed only to what is gone", one(items(1)), 3, "+3 Gone\n+2 Gone", "1 2"},
		{"an environment of no phase follows the lifecycle", phases, 4, inOrder(4, "Other"), "1 2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := facts(tt.l, tt.releases, tt.history)
			if tt.name == "never deployed, by days" {
				for i := range f.Releases {
					f.Releases[i].Assembled = hour(now - 24*400 + 100*(i-3))
				}
			}
			plan := f.Decide(hour(now))
			if diff := cmp.Diff(tt.want, ids(plan)); diff != "" {
				t.Errorf("removed (-want +got):\n%s\n%+v", diff, plan.Accounts)
			}
		})
	}
}

func ids(p Plan) string {
	var all []string
	for _, r := range p.Remove {
		all = append(all, r.ID)
	}
	return strings.Join(all, " ")
}

// Releases of two lifecycles do not count against each other; those of a channel whose lifecycle cannot be read stay, and are named.
func TestDecideByLifecycle(t *testing.T) {
	t.Parallel()
	f := facts(&Lifecycle{ID: "L", Policy: Policy{Items: 1}}, 8, "+1 Dev\n+2 Dev\n+3 Dev\n+4 Dev\n+5 Dev\n+6 Dev\n+7 Dev\n+8 Dev")
	f.Lifecycles["M"] = &Lifecycle{ID: "M", Policy: Policy{Items: 1}}
	for i, l := range []string{"L", "M", "L", "M", "L", "M", "nobody's", "M"} {
		f.Releases[i].LifecycleID = l
	}
	plan := f.Decide(hour(now))
	if diff := cmp.Diff("1 2 4", ids(plan)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"7"}, plan.Unknown); diff != "" {
		t.Error(diff)
	}
}

// What was made a moment ago is left alone: whoever made it may be about to deploy it.
func TestDecideLeavesFreshReleases(t *testing.T) {
	t.Parallel()
	f := facts(&Lifecycle{ID: "L", Policy: Policy{Items: 1}}, 4, "")
	for i := range f.Releases {
		f.Releases[i].Assembled = hour(now - 23)
	}
	f.Releases[0].Assembled = hour(now - 24)
	if got := ids(f.Decide(hour(now))); got != "1" {
		t.Errorf("removed %q", got)
	}
}

// Facts that contradict themselves remove nothing that is not certain, and panic nowhere.
func TestDecideStrangeFacts(t *testing.T) {
	t.Parallel()
	for _, f := range []Facts{{}, {Releases: []Release{{ID: "1"}}}, {Deployments: []Deployment{{ReleaseID: "9", Succeeded: true}, {}}}, {Lifecycles: map[string]*Lifecycle{"": nil}, Releases: []Release{{}}}} {
		if plan := f.Decide(hour(now)); len(plan.Remove) > 0 {
			t.Errorf("%+v: removed %+v", f, plan.Remove)
		}
	}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	n, zero, unit := 7, 0, project.Days
	space := &project.SpaceRetention{Strategy: project.KeepCount, QuantityToKeep: &n, Unit: &unit}
	three := &project.Retention{Strategy: project.KeepCount, Unit: project.Items, QuantityToKeep: 3}
	tests := []struct {
		name       string
		own, above *project.Retention
		space      *project.SpaceRetention
		want       Policy
	}{
		{"nothing at all", nil, nil, nil, Policy{}},
		{"inherited", nil, three, space, Policy{Items: 3}},
		{"the space's", project.DefaultRetention(), three, space, Policy{Days: 7}},
		{"the space's, through the lifecycle", nil, project.DefaultRetention(), space, Policy{Days: 7}},
		{"nothing said is the space's", nil, nil, space, Policy{Days: 7}},
		{"the space keeps everything", project.DefaultRetention(), nil, &project.SpaceRetention{Strategy: project.KeepForever}, Policy{}},
		{"the space has no number", project.DefaultRetention(), nil, &project.SpaceRetention{Strategy: project.KeepCount, Unit: &unit}, Policy{}},
		{"the space has no unit", project.DefaultRetention(), nil, &project.SpaceRetention{Strategy: project.KeepCount, QuantityToKeep: &n}, Policy{}},
		{"the space keeps 0", project.DefaultRetention(), nil, &project.SpaceRetention{Strategy: project.KeepCount, QuantityToKeep: &zero, Unit: &unit}, Policy{}},
		{"forever", &project.Retention{Strategy: project.KeepForever, QuantityToKeep: 3, Unit: project.Items}, three, space, Policy{}},
		{"an older client's forever", &project.Retention{ShouldKeepForever: true}, three, space, Policy{}},
		{"an older client's number", &project.Retention{QuantityToKeep: 2, Unit: project.Days}, nil, nil, Policy{Days: 2}},
		{"an unknown unit", &project.Retention{Strategy: project.KeepCount, QuantityToKeep: 2, Unit: "Weeks"}, nil, nil, Policy{}},
		{"less than nothing", &project.Retention{Strategy: project.KeepCount, QuantityToKeep: -1, Unit: project.Items}, nil, nil, Policy{}},
		{"very many days", &project.Retention{Strategy: project.KeepCount, QuantityToKeep: 1 << 30, Unit: project.Days}, nil, nil, Policy{Days: 36500}},
	}
	for _, tt := range tests {
		if got := Resolve(tt.own, tt.above, tt.space); got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}
