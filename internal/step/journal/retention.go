package journal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/fault"
)

// Policy says what to keep of one retention set. Days win over Releases; zero means no limit.
type Policy struct {
	Set string
	// Days keeps what is not older.
	Days int
	// Releases keeps the current successful deployment and so many before it.
	Releases int
	// AtLeast of the newest successful deployments stay, however old they are.
	AtLeast int
}

// Expired returns the entries that the policy gives up.
func (p Policy) Expired(entries []Entry, now time.Time) ([]Entry, error) {
	var ours []Entry
	when := map[string]time.Time{}
	for _, e := range entries {
		if e.RetentionSet != p.Set {
			continue
		}
		t, err := e.Time()
		if err != nil {
			return nil, err
		}
		for _, pkg := range e.Packages {
			if pkg.Version == "" {
				return nil, fault.Invalid("the entry %q of the deployment journal names the package %q without a version: correct or remove it", e.ID, pkg.ID)
			}
		}
		when[string(e.raw)] = t
		ours = append(ours, e)
	}
	// Of two deployments in one second the later entry is the newer.
	slices.Reverse(ours)
	sort.SliceStable(ours, func(i, j int) bool { return when[string(ours[i].raw)].After(when[string(ours[j].raw)]) })
	switch {
	case p.Days > 0:
		limit := now.Add(-time.Duration(p.Days) * 24 * time.Hour)
		good := 0
		return pick(ours, func(e Entry) bool {
			if e.Succeeded() {
				good++
			}
			return when[string(e.raw)].Before(limit) && !(e.Succeeded() && good <= p.AtLeast)
		}), nil
	case p.Releases > 0:
		return p.beyondReleases(ours), nil
	}
	return nil, nil
}

func (p Policy) beyondReleases(newestFirst []Entry) []Entry {
	good := 0
	expired := pick(newestFirst, func(e Entry) bool {
		if e.Succeeded() {
			good++
		}
		return !e.Succeeded() || good > p.Releases+1
	})
	if good <= p.Releases {
		return nil
	}
	return expired
}

func pick(entries []Entry, want func(Entry) bool) []Entry {
	var picked []Entry
	for _, e := range entries {
		if want(e) {
			picked = append(picked, e)
		}
	}
	return picked
}

// Apply removes the directories of expired entries, then the entries. A directory stays when a kept entry, of whatever
// set, has it, or has one inside it. log gets a line for each thing removed or kept for a reason.
func (j Journal) Apply(ctx context.Context, p Policy, now time.Time, log func(format string, args ...any)) error {
	entries, err := j.Entries()
	if err != nil {
		return err
	}
	expired, err := p.Expired(entries, now)
	if err != nil {
		return err
	}
	if len(expired) == 0 {
		log("Nothing of %q has to be removed.", p.Set)
		return nil
	}
	gone := map[string]bool{}
	for _, e := range expired {
		gone[string(e.raw)] = true
	}
	var kept []string
	for _, e := range entries {
		if !gone[string(e.raw)] {
			kept = append(kept, e.ExtractedTo, e.CustomDir)
		}
	}
	for _, e := range expired {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := removeDirectory(e, kept, log); err != nil {
			return err
		}
	}
	return j.Remove(ctx, func(e Entry) bool { return gone[string(e.raw)] })
}

func removeDirectory(e Entry, kept []string, log func(format string, args ...any)) error {
	dir := e.ExtractedTo
	if dir == "" {
		return nil
	}
	if !filepath.IsAbs(dir) || filepath.Dir(filepath.Clean(dir)) == filepath.Clean(dir) {
		log("The directory %q of the deployment %s is not removed: it is no absolute path of a directory of its own.", dir, e.ID)
		return nil
	}
	for _, other := range kept {
		if other != "" && contains(dir, other) {
			log("The directory %s of the deployment of %s stays, as %s is still wanted.", dir, e.InstalledOn, other)
			return nil
		}
	}
	if _, err := os.Lstat(dir); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	log("Removing %s, deployed on %s", dir, e.InstalledOn)
	if err := os.RemoveAll(dir); err != nil {
		return fault.Unavailable("the directory %s of an old deployment cannot be removed: %v; it is tried again the next time", dir, err).Because(err)
	}
	return nil
}

// contains tells whether inner is outer or lies in it.
func contains(outer, inner string) bool {
	relative, err := filepath.Rel(outer, inner)
	return err == nil && relative != ".." && !strings.HasPrefix(relative, ".."+string(filepath.Separator))
}

// String describes the policy for a log.
func (p Policy) String() string {
	switch {
	case p.Days > 0:
		return fmt.Sprintf("keep %d days", p.Days)
	case p.Releases > 0:
		return fmt.Sprintf("keep the current deployment and %d before it", p.Releases)
	}
	return "keep everything"
}
