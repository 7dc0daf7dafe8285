package dashboard

import (
	"cmp"
	"slices"
	"strings"

	"github.com/mantledeploy/mantle/internal/deployment"
	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/tenant"
	"github.com/mantledeploy/mantle/versioning"
)

// Board is how the projects of a space stand in its environments.
type Board struct {
	Projects     []*project.Project
	Groups       []*project.Group
	Environments []*environment.Environment
	Tenants      []*tenant.Tenant
	// EnvironmentsOf are the environments that the lifecycles of a project go through, in order, by the project's ID.
	EnvironmentsOf map[string][]string
	Rows           []*deployment.Row
}

// Question is what a board is asked for. The functions tell what the caller may see; nil: everything.
type Question struct {
	SpaceID string
	// Projects, Environments and Tenants are IDs; nil: all.
	Projects, Environments, Tenants, Tags []string
	Configuration                         *Configuration
	SeesProject                           func(*project.Project) bool
	SeesEnvironment                       func(*environment.Environment) bool
	SeesTenant                            func(*tenant.Tenant) bool
	SeesRow                               func(*deployment.Row) bool
	// FirstProjects and FirstEnvironments, above 0, keep the rows of so many projects at the beginning of the board, in the order of their
	// groups and names, and of so many environments. All projects stay on the board, in that order; the others go through no environment.
	FirstProjects, FirstEnvironments int
	// Newest keeps of each project and environment the deployment with the highest version, whatever the tenant.
	Newest bool
}

// Ask reads a board.
func (q Question) Ask(tx *store.Tx) (*Board, error) {
	b := &Board{}
	if err := q.projects(tx, b); err != nil {
		return nil, err
	}
	first := b.first(q.FirstProjects)
	if err := q.environments(tx, b, first); err != nil {
		return nil, err
	}
	if err := q.tenants(tx, b); err != nil {
		return nil, err
	}
	return b, q.rows(tx, b, first)
}

// first sorts the projects as a page shows them, and returns those that are to be seen at once. 0 leaves them as they are.
func (b *Board) first(most int) []*project.Project {
	if most == 0 {
		return b.Projects
	}
	place := map[string]int{}
	for i, g := range b.Groups {
		place[g.ID] = i
	}
	slices.SortStableFunc(b.Projects, func(x, y *project.Project) int { return cmp.Compare(place[x.ProjectGroupID], place[y.ProjectGroupID]) })
	return b.Projects[:min(most, len(b.Projects))]
}

func (q Question) projects(tx *store.Tx, b *Board) error {
	where := []store.Cond{store.Eq("space_id", q.SpaceID)}
	if len(q.Projects) == 1 { // a longer list is looked at here: statements take a bounded number of arguments
		where = append(where, store.Eq("id", q.Projects[0]))
	}
	all, err := project.Projects().Find(tx, store.Query{Where: where, OrderBy: []string{"name_fold"}})
	if err != nil {
		return err
	}
	wanted, groups := set(q.Projects), map[string]bool{}
	for _, p := range all {
		if wanted != nil && !wanted[p.ID] || !q.chosenProject(p) || q.SeesProject != nil && !q.SeesProject(p) {
			continue
		}
		if limit := q.Configuration.ProjectLimit; limit != nil && *limit > 0 && len(b.Projects) >= *limit {
			break
		}
		b.Projects = append(b.Projects, p)
		groups[p.ProjectGroupID] = true
	}
	allGroups, err := project.Groups().Find(tx, store.Query{Where: where[:1], OrderBy: []string{"name_fold"}})
	for _, g := range allGroups {
		if groups[g.ID] {
			b.Groups = append(b.Groups, g)
		}
	}
	return err
}

func (q Question) chosenProject(p *project.Project) bool {
	c := q.Configuration
	if len(c.IncludedProjectIDs) == 0 && len(c.IncludedProjectGroupIDs) == 0 && len(c.IncludedProjectTags) == 0 {
		return true
	}
	return slices.Contains(c.IncludedProjectIDs, p.ID) || slices.Contains(c.IncludedProjectGroupIDs, p.ProjectGroupID) || anyFolded(p.ProjectTags, c.IncludedProjectTags)
}

// environments keeps those that one of the projects goes through.
func (q Question) environments(tx *store.Tx, b *Board, projects []*project.Project) error {
	all, err := project.EnvironmentsInOrder(tx, q.SpaceID)
	if err != nil {
		return err
	}
	if b.EnvironmentsOf, err = environmentsOf(tx, q.SpaceID, projects, all); err != nil {
		return err
	}
	used := map[string]bool{}
	for _, ids := range b.EnvironmentsOf {
		for _, id := range ids {
			used[id] = true
		}
	}
	wanted, c := set(q.Environments), q.Configuration
	for _, e := range all {
		if q.FirstEnvironments > 0 && len(b.Environments) == q.FirstEnvironments {
			break
		}
		chosen := len(c.IncludedEnvironmentIDs) == 0 && len(c.IncludedEnvironmentTags) == 0 || slices.Contains(c.IncludedEnvironmentIDs, e.ID) || anyFolded(e.EnvironmentTags, c.IncludedEnvironmentTags)
		if used[e.ID] && chosen && (wanted == nil || wanted[e.ID]) && (q.SeesEnvironment == nil || q.SeesEnvironment(e)) {
			b.Environments = append(b.Environments, e)
		}
	}
	return nil
}

// environmentsOf returns the environments of the lifecycles of each project: its own and its channels'.
func environmentsOf(tx *store.Tx, spaceID string, projects []*project.Project, all []*environment.Environment) (map[string][]string, error) {
	lifecycles, err := project.Lifecycles().Find(tx, store.Query{Where: []store.Cond{store.Eq("space_id", spaceID)}})
	if err != nil {
		return nil, err
	}
	reaches := map[string]map[string]bool{}
	for _, l := range lifecycles {
		reaches[l.ID] = map[string]bool{}
		for _, phase := range l.Expanded(all) {
			for _, id := range phase.EnvironmentIDs() {
				reaches[l.ID][id] = true
			}
		}
	}
	through := map[string][]string{}
	for _, p := range projects {
		through[p.ID] = []string{p.LifecycleID}
	}
	err = tx.Query("SELECT DISTINCT project_id, lifecycle_id FROM channel WHERE space_id = $1 AND lifecycle_id <> ''", []any{spaceID}, func(row *store.Row) error {
		var projectID, lifecycleID string
		err := row.Scan(&projectID, &lifecycleID)
		if through[projectID] != nil {
			through[projectID] = append(through[projectID], lifecycleID)
		}
		return err
	})
	of := make(map[string][]string, len(projects))
	for id, lifecycles := range through {
		of[id] = []string{}
		for _, e := range all {
			if slices.ContainsFunc(lifecycles, func(l string) bool { return reaches[l][e.ID] }) {
				of[id] = append(of[id], e.ID)
			}
		}
	}
	return of, err
}

func (q Question) tenants(tx *store.Tx, b *Board) error {
	if !slices.ContainsFunc(b.Projects, func(p *project.Project) bool { return p.TenantedDeploymentMode != project.Untenanted }) {
		return nil
	}
	all, err := tenant.Tenants().Find(tx, store.Query{Where: []store.Cond{store.Eq("space_id", q.SpaceID)}, OrderBy: []string{"name_fold"}})
	wanted, c := set(q.Tenants), q.Configuration
	for _, t := range all {
		chosen := len(c.IncludedTenantIDs) == 0 && len(c.IncludedTenantTags) == 0 || slices.Contains(c.IncludedTenantIDs, t.ID) || anyFolded(t.TenantTags, c.IncludedTenantTags)
		asked := wanted == nil && len(q.Tags) == 0 || wanted[t.ID] || anyFolded(t.TenantTags, q.Tags)
		if chosen && asked && (q.SeesTenant == nil || q.SeesTenant(t)) {
			b.Tenants = append(b.Tenants, t)
		}
	}
	return err
}

// boundedArguments is how many IDs a statement takes; of a longer list all rows are read and looked at here.
const boundedArguments = 100

// rows reads the current deployments of these projects in what else is on the board.
func (q Question) rows(tx *store.Tx, b *Board, shown []*project.Project) error {
	projects, environments, tenants := map[string]bool{}, map[string]bool{}, map[string]bool{"": len(q.Tenants) == 0 && len(q.Tags) == 0}
	for _, p := range shown {
		projects[p.ID] = true
	}
	for _, e := range b.Environments {
		environments[e.ID] = true
	}
	for _, t := range b.Tenants {
		tenants[t.ID] = true
	}
	if len(projects) == 0 || len(environments) == 0 {
		return nil
	}
	find := deployment.Find{SpaceID: q.SpaceID, Current: true}
	if len(shown) <= boundedArguments { // pages ask for some rows of a board at a time
		for _, p := range shown {
			find.ProjectIDs = append(find.ProjectIDs, p.ID)
		}
	}
	newest := map[[2]string]int{}
	err := find.Each(tx, func(r *deployment.Row) error {
		if !projects[r.ProjectID] || !environments[r.EnvironmentID] || !tenants[r.TenantID] || q.SeesRow != nil && !q.SeesRow(r) {
			return nil
		}
		if q.Newest {
			key := [2]string{r.ProjectID, r.EnvironmentID}
			if at, taken := newest[key]; taken {
				if newer(r.ReleaseVersion, b.Rows[at].ReleaseVersion) {
					b.Rows[at] = r
				}
				return nil
			}
			newest[key] = len(b.Rows)
		}
		b.Rows = append(b.Rows, r)
		return nil
	})
	slices.SortFunc(b.Rows, func(x, y *deployment.Row) int { return cmp.Compare(y.Seq, x.Seq) })
	return err
}

// newer tells whether a version is higher than another; what is no version is lower than any.
func newer(a, b string) bool {
	left, err := versioning.ParseOctopus(a)
	if err != nil {
		return false
	}
	right, err := versioning.ParseOctopus(b)
	return err != nil || left.Compare(right) > 0
}

// Previous returns, for each of the rows, the successful deployment before it in the same place, if there is one.
func Previous(tx *store.Tx, rows []*deployment.Row) ([]*deployment.Row, error) {
	previous := []*deployment.Row{}
	for _, r := range rows {
		p, err := deployment.LastIn(tx, r.ProjectID, r.EnvironmentID, r.TenantID, r.Seq)
		if err != nil {
			return nil, err
		}
		if p != nil {
			previous = append(previous, p)
		}
	}
	return previous, nil
}

func set(ids []string) map[string]bool {
	if len(ids) == 0 {
		return nil
	}
	m := make(map[string]bool, len(ids))
	for _, id := range ids {
		m[id] = true
	}
	return m
}

func anyFolded(has, wanted []string) bool {
	return slices.ContainsFunc(has, func(h string) bool {
		return slices.ContainsFunc(wanted, func(w string) bool { return strings.EqualFold(h, w) })
	})
}
