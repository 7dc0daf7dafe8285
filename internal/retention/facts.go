package retention

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/release"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/tenant"
)

// subject is one project, with what is needed to say in words what becomes of its releases.
type subject struct {
	ID, Name, SpaceID string
	Facts
	environments, tenants, versions map[string]string
	// spaceRevision is that of the space's own policy.
	spaceRevision int64
	// broken is what could not be read, in sentences; what depends on it is kept.
	broken []string
}

// idle tells that no policy of the project removes anything, so that its history need not be read.
func (s *subject) idle() bool {
	for _, l := range s.Lifecycles {
		if !l.keepsAll() {
			return false
		}
	}
	return true
}

// read returns the facts of a project, or nil where it is not there any more.
func read(tx *store.Tx, projectID string) (*subject, error) {
	p, err := project.Projects().Get(tx, projectID)
	if fault.Is(err, fault.KindNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	s := &subject{ID: p.ID, Name: p.Name, SpaceID: p.SpaceID, environments: map[string]string{}, tenants: map[string]string{}, versions: map[string]string{}}
	channels, err := s.channels(tx, p)
	if err != nil || s.idle() {
		return s, err
	}
	if err := s.names(tx); err != nil {
		return nil, err
	}
	if err := s.history(tx); err != nil {
		return nil, err
	}
	return s, s.releases(tx, channels)
}

// channels reads the lifecycles of the project's channels, and returns which channel has which.
func (s *subject) channels(tx *store.Tx, p *project.Project) (map[string]string, error) {
	s.Lifecycles = map[string]*Lifecycle{}
	channels, err := project.ChannelsOf(tx, p.ID)
	if err != nil {
		return nil, err
	}
	space, err := project.RetentionOf(tx, p.SpaceID, project.LifecycleRelease)
	if err != nil {
		return nil, err
	}
	if space != nil {
		s.spaceRevision = space.Revision
	}
	of := map[string]string{}
	for _, c := range channels {
		id := c.LifecycleOf(p)
		of[c.ID] = id
		if _, has := s.Lifecycles[id]; has {
			continue
		}
		l, err := project.Lifecycles().Get(tx, id)
		if err != nil && (store.Lost(err) || tx.Context().Err() != nil) {
			return nil, err
		}
		if err != nil {
			s.broken = append(s.broken, fmt.Sprintf("The lifecycle of the channel %q cannot be read (%v): its releases are kept.", c.Name, err))
			continue
		}
		if s.Lifecycles[id], err = policies(tx, l, space); err != nil {
			return nil, err
		}
	}
	return of, nil
}

// policies resolves the policies of a lifecycle: that of each environment is the one of its phase.
func policies(tx *store.Tx, l *project.Lifecycle, space *project.SpaceRetention) (*Lifecycle, error) {
	out := &Lifecycle{ID: l.ID, Name: l.Name, Revision: l.Revision, Policy: Resolve(l.ReleaseRetentionPolicy, nil, space), Of: map[string]Policy{}}
	if len(l.Phases) == 0 {
		return out, nil
	}
	environments, err := project.EnvironmentsInOrder(tx, l.SpaceID)
	for _, phase := range l.Expanded(environments) {
		for _, id := range phase.EnvironmentIDs() {
			if _, has := out.Of[id]; !has {
				out.Of[id] = Resolve(phase.ReleaseRetentionPolicy, l.ReleaseRetentionPolicy, space)
			}
		}
	}
	return out, err
}

// names reads which environments and tenants there are.
func (s *subject) names(tx *store.Tx) error {
	environments, err := environment.Environments().Find(tx, store.Query{Where: []store.Cond{store.Eq("space_id", s.SpaceID)}})
	if err != nil {
		return err
	}
	for _, e := range environments {
		s.environments[e.ID] = e.Name
	}
	table := tenant.Tenants().Table
	err = tx.Query("SELECT id FROM "+table+" WHERE space_id = $1", []any{s.SpaceID}, func(row *store.Row) error {
		var id string
		err := row.Scan(&id)
		s.tenants[id] = id
		return err
	})
	s.Gone = func(p Place) bool {
		return s.environments[p.EnvironmentID] == "" || p.TenantID != "" && s.tenants[p.TenantID] == ""
	}
	return err
}

// history reads the deployments. One that has no end and whose task is gone was canceled.
func (s *subject) history(tx *store.Tx) error {
	return tx.Query(`SELECT h.release_id, h.release_version, h.environment_id, h.tenant_id, h.seq, h.created, h.completed, h.state, COALESCE(t.state, '')
		FROM deployment_history h LEFT JOIN server_task t ON t.id = h.task_id WHERE h.project_id = $1`, []any{s.ID}, func(row *store.Row) error {
		var d Deployment
		var version, state, taskState string
		var created, completed store.Time
		if err := row.Scan(&d.ReleaseID, &version, &d.Place.EnvironmentID, &d.Place.TenantID, &d.Seq, &created, &completed, &state, &taskState); err != nil {
			return err
		}
		d.At = created.Time
		if end := completed.Ptr(); end != nil {
			d.At = *end
		}
		d.Succeeded = cmp.Or(state, taskState) == "Success"
		d.Active = taskState == "Queued" || taskState == "Executing" || taskState == "Cancelling"
		s.versions[d.ReleaseID] = version
		s.Deployments = append(s.Deployments, d)
		return nil
	})
}

// releases reads the releases; the documents of those alone that were never deployed, for when they were assembled.
func (s *subject) releases(tx *store.Tx, lifecycleOf map[string]string) error {
	var undeployed []int
	err := tx.Query("SELECT id, seq, channel_id FROM project_release WHERE project_id = $1 ORDER BY seq", []any{s.ID}, func(row *store.Row) error {
		var r Release
		var channel string
		if err := row.Scan(&r.ID, &r.Seq, &channel); err != nil {
			return err
		}
		r.LifecycleID = lifecycleOf[channel]
		if r.Version = s.versions[r.ID]; r.Version == "" {
			undeployed = append(undeployed, len(s.Releases))
		}
		s.Releases = append(s.Releases, r)
		return nil
	})
	if err != nil {
		return err
	}
	for i := range s.Releases {
		s.Releases[i].Assembled = tx.Now // of those that were deployed nobody asks
	}
	for _, i := range undeployed {
		r := &s.Releases[i]
		doc, err := release.Releases().Get(tx, r.ID)
		if err != nil && (store.Lost(err) || tx.Context().Err() != nil) {
			return err
		}
		if err != nil {
			r.LifecycleID = ""
			s.broken = append(s.broken, fmt.Sprintf("The release %s cannot be read (%v): it is kept.", r.ID, err))
			continue
		}
		r.Version, r.Assembled = doc.Version, doc.Assembled
		s.versions[r.ID] = doc.Version
	}
	return nil
}

// place names a place.
func (s *subject) place(p Place) string {
	name := cmp.Or(s.environments[p.EnvironmentID], p.EnvironmentID)
	if p.TenantID != "" {
		name += " for " + cmp.Or(s.tenants[p.TenantID], p.TenantID)
	}
	return name
}

// listed bounds how many versions one line of the log names.
const listed = 20

// version names releases.
func (s *subject) version(ids ...string) string {
	var names []string
	for _, id := range ids[:min(listed, len(ids))] {
		names = append(names, cmp.Or(s.versions[id], id))
	}
	if more := len(ids) - len(names); more > 0 {
		names = append(names, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(names, ", ")
}

// current tells whether what was decided on still holds, in the transaction that removes a release: nobody has changed the policies since.
func (s *subject) current(tx *store.Tx, lifecycleID string) (bool, error) {
	for _, each := range []struct {
		query    string
		args     []any
		revision int64
	}{
		{"SELECT revision FROM lifecycle WHERE id = $1", []any{lifecycleID}, s.Lifecycles[lifecycleID].Revision},
		{"SELECT revision FROM retention_policy WHERE space_id = $1 AND retention_type = $2", []any{s.SpaceID, store.Fold(project.LifecycleRelease)}, s.spaceRevision},
	} {
		var now int64
		err := tx.QueryRow(each.query, each.args...).Scan(&now)
		if err != nil && !errors.Is(err, store.ErrNoRow) {
			return false, err
		}
		if now != each.revision {
			return false, nil
		}
	}
	return true, nil
}
