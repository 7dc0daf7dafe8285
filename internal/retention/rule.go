package retention

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/mantledeploy/mantle/internal/project"
)

// Policy is how long releases are kept in a place. The zero Policy keeps everything.
type Policy struct {
	// Days keeps what was deployed since; Items keeps so many besides the one that is deployed now. One of them, or none.
	Days, Items int
}

// Forever tells that everything is kept.
func (p Policy) Forever() bool { return p.Days <= 0 && p.Items <= 0 }

func (p Policy) String() string {
	switch {
	case p.Days > 0:
		return fmt.Sprintf("keep what was deployed in the last %s", many(p.Days, "day"))
	case p.Items > 0:
		return fmt.Sprintf("keep %s besides the one that is deployed now", many(p.Items, "release"))
	}
	return "keep everything"
}

// Resolve turns a policy as it is stored into one that can be applied: nil is the policy above it, the strategy Default is the space's. What is not
// understood keeps everything.
func Resolve(own, above *project.Retention, space *project.SpaceRetention) Policy {
	if own == nil {
		own = above
	}
	if own == nil || own.Strategy == project.KeepDefault {
		if space == nil || space.Strategy != project.KeepCount || space.QuantityToKeep == nil || space.Unit == nil {
			return Policy{}
		}
		return count(*space.Unit, *space.QuantityToKeep)
	}
	if own.Strategy == project.KeepForever || own.Strategy == "" && own.ShouldKeepForever {
		return Policy{}
	}
	return count(own.Unit, own.QuantityToKeep)
}

func count(unit string, n int) Policy {
	switch {
	case n <= 0:
		return Policy{}
	case unit == project.Days:
		return Policy{Days: min(n, 36500)}
	case unit == project.Items || unit == "":
		return Policy{Items: n}
	}
	return Policy{}
}

// Place is where a release is deployed: an environment, for a tenant or ("") for none.
type Place struct{ EnvironmentID, TenantID string }

// Release is what the rule knows of a release.
type Release struct {
	ID, Version string
	Seq         int64
	// LifecycleID is that of its channel; the release stays where Facts has no such lifecycle.
	LifecycleID string
	Assembled   time.Time
}

// Deployment is what the rule knows of one.
type Deployment struct {
	ReleaseID string
	Place     Place
	Seq       int64
	// At is when it ended, or else when it was made.
	At        time.Time
	Succeeded bool
	// Active: queued, scheduled, under way, waiting for a person, or being cancelled.
	Active bool
}

// Lifecycle is what the rule knows of one: a policy for releases that are in no phase, and those of the environments.
type Lifecycle struct {
	ID, Name string
	Revision int64
	Policy   Policy
	Of       map[string]Policy
}

func (l *Lifecycle) policy(environmentID string) Policy {
	if p, ok := l.Of[environmentID]; ok {
		return p
	}
	return l.Policy
}

// keepsAll tells that nothing of the lifecycle is ever removed.
func (l *Lifecycle) keepsAll() bool {
	for _, p := range l.Of {
		if !p.Forever() {
			return false
		}
	}
	return l.Policy.Forever()
}

// Facts are what there is of one project.
type Facts struct {
	Releases    []Release
	Deployments []Deployment
	Lifecycles  map[string]*Lifecycle
	// Gone tells that the place is not there any more: its environment or its tenant was deleted. It keeps nothing.
	Gone func(Place) bool
}

// fresh is how long a release is left alone that has not been deployed yet: whoever made it may be about to.
const fresh = 24 * time.Hour

// Account is what a policy says of one place.
type Account struct {
	LifecycleID string
	// Place is the zero Place for the releases that have not been deployed.
	Place      Place
	Undeployed bool
	Policy     Policy
	// Kept and Expired are IDs, the newest first; Expired ones may be kept by another place.
	Kept, Expired []string
	// Current is the release that is deployed there now.
	Current string
}

// Plan is what is to be removed, the oldest first, and why the rest stays.
type Plan struct {
	Remove   []Release
	Accounts []Account
	// Kept says of releases that expired somewhere what keeps them all the same.
	Kept map[string]string
	// Unknown are the releases whose lifecycle is not there.
	Unknown []string
	// Newest is the newest deployment of each release.
	Newest map[string]int64
}

// decision is a plan in the making.
type decision struct {
	Facts
	now  time.Time
	of   map[string]Release
	keep map[string]string
	Plan
}

// Decide applies the policies.
//
// In each environment, for each tenant, and for the releases of each lifecycle by themselves, a policy keeps the newest N besides the one that is deployed
// now, or what was deployed in the last N days. Newest is what was deployed last, successfully; a release whose deployments failed there stays as long as
// fewer than N+1 newer ones succeeded. The last two that succeeded stay in any case. A release goes when every place that it was deployed to gives it up, and
// it is nowhere deployed now, nor the last that was tried there, nor about to be deployed. Releases that were never deployed are counted by
// themselves, under the lifecycle's own policy.
func (f Facts) Decide(now time.Time) Plan {
	d := &decision{Facts: f, now: now, of: map[string]Release{}, keep: map[string]string{}}
	d.Newest = map[string]int64{}
	for _, r := range f.Releases {
		d.of[r.ID] = r
		if f.Lifecycles[r.LifecycleID] == nil {
			d.Unknown = append(d.Unknown, r.ID)
			d.keep[r.ID] = "its channel has no lifecycle that can be read"
		}
	}
	d.hold()
	deployed := d.places()
	d.undeployed(deployed)
	d.sum()
	return d.Plan
}

// hold keeps what is deployed now, what was tried last, and what is about to be deployed.
func (d *decision) hold() {
	last, current, later := map[Place]Deployment{}, map[Place]Deployment{}, map[Place]Deployment{}
	for _, x := range d.Deployments {
		d.Newest[x.ReleaseID] = max(d.Newest[x.ReleaseID], x.Seq)
		if x.Active {
			d.keep[x.ReleaseID] = "a deployment of it is queued or under way"
		}
		if d.Gone != nil && d.Gone(x.Place) {
			continue
		}
		if x.Seq > last[x.Place].Seq {
			last[x.Place] = x
		}
		if !x.Succeeded {
			continue
		}
		// A scheduled deployment can be older by its number and newer by its end: both count.
		if x.Seq > current[x.Place].Seq {
			current[x.Place] = x
		}
		if y := later[x.Place]; y.Seq == 0 || newer(x, y) < 0 {
			later[x.Place] = x
		}
	}
	for _, x := range last {
		d.because(x.ReleaseID, "it is the last that was deployed to a place, though not successfully")
	}
	for _, held := range []map[Place]Deployment{current, later} {
		for _, x := range held {
			d.keep[x.ReleaseID] = "it is deployed now"
		}
	}
}

func (d *decision) because(id, why string) {
	if d.keep[id] == "" {
		d.keep[id] = why
	}
}

// newer orders deployments, the newest first.
func newer(a, b Deployment) int {
	return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.Seq, a.Seq))
}

// at is where policies count: a place, for the releases of one lifecycle.
type at struct {
	lifecycle string
	place     Place
}

// places applies the policies of environments, and returns which releases have been deployed somewhere that is still there.
func (d *decision) places() map[string]bool {
	deployed := map[string]bool{}
	groups := map[at]map[string]Deployment{} // the newest deployment of each release; a success counts for all
	for _, x := range d.Deployments {
		r, known := d.of[x.ReleaseID]
		if !known || d.Lifecycles[r.LifecycleID] == nil || d.Gone != nil && d.Gone(x.Place) {
			continue
		}
		deployed[r.ID] = true
		key := at{r.LifecycleID, x.Place}
		if groups[key] == nil {
			groups[key] = map[string]Deployment{}
		}
		best, has := groups[key][r.ID]
		switch {
		case !has, x.Succeeded && !best.Succeeded, x.Succeeded == best.Succeeded && newer(x, best) < 0:
			groups[key][r.ID] = x
		}
	}
	for key, group := range groups {
		d.place(key, group)
	}
	return deployed
}

func (d *decision) place(key at, group map[string]Deployment) {
	l := d.Lifecycles[key.lifecycle]
	a := Account{LifecycleID: l.ID, Place: key.place, Policy: l.policy(key.place.EnvironmentID)}
	list := make([]Deployment, 0, len(group))
	for _, x := range group {
		list = append(list, x)
	}
	slices.SortFunc(list, newer)
	good, bad := 0, 0
	for _, x := range list {
		if x.Succeeded {
			if good++; good == 1 {
				a.Current = x.ReleaseID
			}
		} else {
			bad++
		}
		if a.Policy.keeps(x, good, bad, d.now) {
			a.Kept = append(a.Kept, x.ReleaseID)
		} else {
			a.Expired = append(a.Expired, x.ReleaseID)
		}
	}
	d.Accounts = append(d.Accounts, a)
}

// keeps tells whether a release stays that was deployed as x, the good-th that succeeded there, or the bad-th that did not.
func (p Policy) keeps(x Deployment, good, bad int, now time.Time) bool {
	switch {
	case p.Forever(), x.Succeeded && good <= 2:
		return true
	case p.Days > 0:
		return !x.At.Before(now.AddDate(0, 0, -p.Days))
	case x.Succeeded:
		return good <= p.Items+1
	}
	return good <= p.Items && bad <= p.Items+1
}

// undeployed applies the lifecycles' own policies to the releases that were never deployed.
func (d *decision) undeployed(deployed map[string]bool) {
	waiting := map[string][]Release{}
	for _, r := range d.Releases {
		if !deployed[r.ID] && d.Lifecycles[r.LifecycleID] != nil {
			waiting[r.LifecycleID] = append(waiting[r.LifecycleID], r)
		}
	}
	for id, list := range waiting {
		slices.SortFunc(list, func(a, b Release) int { return cmp.Compare(b.Seq, a.Seq) })
		a := Account{LifecycleID: id, Undeployed: true, Policy: d.Lifecycles[id].Policy}
		for i, r := range list {
			stays := a.Policy.Forever() || a.Policy.Items > i || a.Policy.Days > 0 && !r.Assembled.Before(d.now.AddDate(0, 0, -a.Policy.Days))
			if stays || r.Assembled.After(d.now.Add(-fresh)) {
				a.Kept = append(a.Kept, r.ID)
			} else {
				a.Expired = append(a.Expired, r.ID)
			}
		}
		d.Accounts = append(d.Accounts, a)
	}
}

// sum removes what every place gives up.
func (d *decision) sum() {
	slices.SortFunc(d.Accounts, func(a, b Account) int {
		return cmp.Or(cmp.Compare(a.LifecycleID, b.LifecycleID), cmp.Compare(a.Place.EnvironmentID, b.Place.EnvironmentID), cmp.Compare(a.Place.TenantID, b.Place.TenantID))
	})
	elsewhere, expired := map[string]bool{}, map[string]bool{}
	for _, a := range d.Accounts {
		for _, id := range a.Kept {
			elsewhere[id] = true
		}
		for _, id := range a.Expired {
			expired[id] = true
		}
	}
	d.Kept = map[string]string{}
	for _, r := range d.Releases {
		switch {
		case !expired[r.ID]:
		case d.keep[r.ID] != "":
			d.Kept[r.ID] = d.keep[r.ID]
		case elsewhere[r.ID]:
			d.Kept[r.ID] = "another place still wants it"
		default:
			d.Remove = append(d.Remove, r)
		}
	}
	slices.SortFunc(d.Remove, func(a, b Release) int { return cmp.Compare(a.Seq, b.Seq) })
}

// many counts things in words.
func many(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
