package release

import (
	"slices"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/feed"
	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/versioning"
)

// Elsewhere is a package of a feed that is not the server's own.
type Elsewhere struct{ FeedID, PackageID string }

// Ask is what to ask a feed for: the package's ID as the process writes it.
type Ask struct {
	Feed      *feed.Feed
	PackageID string
}

// Asks are packages of feeds elsewhere.
type Asks map[Elsewhere]Ask

// Asks returns the packages whose newest version the draft's choice wants and only a feed elsewhere knows. Feeds are asked outside of any
// transaction; the answers go into the choice.
func (d Draft) Asks(tx *store.Tx) (Asks, error) {
	if d.TakeExisting && d.Version != "" {
		if r, err := exists(tx, d.Project.ID, d.Version); r != nil || err != nil {
			return nil, err
		}
	}
	proc, err := d.process(tx)
	if err != nil {
		return nil, err
	}
	specs, err := parseSpecs(d.Choice.Specs)
	if err != nil {
		return nil, err
	}
	asks := Asks{}
	for _, u := range Uses(proc) {
		if !u.Resolvable || u.Fixed != "" || d.Choice.named(u, specs) != "" {
			continue
		}
		f, err := feed.Of(tx, proc.SpaceID, u.FeedID)
		if err != nil && !fault.Is(err, fault.KindNotFound) {
			return nil, err
		}
		if err == nil && f.FeedType == feed.NuGet {
			asks[elsewhere(f, u)] = Ask{f, u.PackageID}
		}
	}
	return asks, nil
}

func elsewhere(f *feed.Feed, u Use) Elsewhere { return Elsewhere{f.ID, store.Fold(u.PackageID)} }

// newestElsewhere returns the newest version in a feed elsewhere that the channel takes.
func (c Choice) newestElsewhere(u Use, channel *project.Channel, f *feed.Feed) (string, error) {
	listed, asked := c.Known[elsewhere(f, u)]
	if !asked {
		return "", fault.Conflict("the process was changed while its feeds were asked for versions; create the release again")
	}
	var numbers []versioning.NuGet
	for _, text := range listed {
		if n, err := versioning.ParseNuGet(text); err == nil {
			numbers = append(numbers, n)
		}
	}
	slices.SortStableFunc(numbers, func(a, b versioning.NuGet) int { return b.Compare(a) })
	versions := make([]string, len(numbers))
	for i, n := range numbers {
		versions[i] = n.String()
	}
	if len(versions) == 0 {
		return "", fault.Invalid("%s is not in the feed %q; push a version of it before you create a release, or correct the package's ID in the step", u, f.Name)
	}
	return c.first(u, channel, versions)
}
