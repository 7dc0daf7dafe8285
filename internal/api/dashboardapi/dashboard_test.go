package dashboardapi_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api/releaseapi/releasetest"
	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
	"github.com/mantledeploy/mantle/internal/task"
)

func TestDashboard(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := releasetest.Start(t, db)
		s.Release(t, map[string]any{"releaseVersion": "1.0.0"})
		_, first := s.Deploy(t, "1.0.0", "Development")
		s.Run(t, first, task.Success)
		s.Release(t, map[string]any{"releaseVersion": "1.1.0"})
		_, second := s.Deploy(t, "1.1.0", "Development")
		type item struct{ Environment, Version, State string }
		read := func(path, member string) []item {
			var doc map[string]any
			s.Do(t, "GET", releasetest.Space+path, nil).Want(200).Into(&doc)
			items := []item{}
			for _, each := range doc[member].([]any) {
				i := each.(map[string]any)
				items = append(items, item{i["EnvironmentId"].(string), i["ReleaseVersion"].(string), i["State"].(string)})
			}
			return items
		}
		if diff := cmp.Diff([]item{{s.Dev, "1.1.0", "Queued"}}, read("dashboard", "Items")); diff != "" {
			t.Error(diff)
		}
		// What went before comes among the items: the clients know no other list.
		if diff := cmp.Diff([]item{{s.Dev, "1.1.0", "Queued"}, {s.Dev, "1.0.0", "Success"}}, read("dashboard/dynamic?includePrevious=true&projects="+s.Project, "Items")); diff != "" {
			t.Error(diff)
		}
		s.Run(t, second, task.Failed)
		if diff := cmp.Diff([]item{{s.Dev, "1.1.0", "Failed"}}, read("dashboard", "Items")); diff != "" {
			t.Error(diff)
		}
		doc := s.Do(t, "GET", releasetest.Space+"dashboard", nil).Want(200).Object()
		if doc["IsFiltered"] != false {
			t.Error("a dashboard without a filter says that it is filtered")
		}
		p := doc["Projects"].([]any)[0].(map[string]any)
		if diff := cmp.Diff([]any{s.Dev, s.Prod}, p["EnvironmentIds"]); diff != "" {
			t.Error(diff)
		}
		for query, want := range map[string]bool{"": false, "?projects=Projects-99": true, "?environments=" + s.Dev: true} {
			if got := s.Do(t, "GET", releasetest.Space+"dashboard/dynamic"+query, nil).Want(200).Object()["IsFiltered"]; got != want {
				t.Errorf("dynamic%s: IsFiltered is %v", query, got)
			}
		}
		if got := read("dashboard/dynamic?environments="+s.Prod, "Items"); len(got) != 0 {
			t.Errorf("environments did not filter: %v", got)
		}
	})
}

func TestTheBeginningOfADashboard(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := releasetest.Start(t, db)
		s.Release(t, map[string]any{"releaseVersion": "1.0.0"})
		s.Deploy(t, "1.0.0", "Development")
		last := s.NewProject(t, "A project of the last group")
		group := s.Do(t, "POST", releasetest.Space+"projectgroups", map[string]any{"Name": "Zoo"}).Want(201).Object()["Id"]
		p := s.Do(t, "GET", releasetest.Space+"projects/"+last, nil).Want(200).Object()
		p["ProjectGroupId"] = group
		s.Do(t, "PUT", releasetest.Space+"projects/"+last, p).Want(200)
		type row struct {
			ID             string   `json:"Id"`
			EnvironmentIDs []string `json:"EnvironmentIds"`
		}
		for query, want := range map[string]struct {
			rows  []row
			items int
		}{
			"firstProjects=1&firstEnvironments=1": {[]row{{s.Project, []string{s.Dev}}, {last, []string{}}}, 1},
			"firstProjects=1":                     {[]row{{s.Project, []string{s.Dev, s.Prod}}, {last, []string{}}}, 1},
			"firstProjects=9&firstEnvironments=9": {[]row{{s.Project, []string{s.Dev, s.Prod}}, {last, []string{s.Dev, s.Prod}}}, 1},
			"firstProjects=1&projects=" + last:    {[]row{{last, []string{s.Dev, s.Prod}}}, 0},
		} {
			var doc struct {
				Projects []row
				Items    []any
			}
			s.Do(t, "GET", releasetest.Space+"dashboard/dynamic?"+query, nil).Want(200).Into(&doc)
			if diff := cmp.Diff(want.rows, doc.Projects); diff != "" || len(doc.Items) != want.items {
				t.Errorf("%s: %d items (-want +got):\n%s", query, len(doc.Items), diff)
			}
		}
	})
}

func TestAUsersOwnConfiguration(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := releasetest.Start(t, db)
		other := s.NewProject(t, "Other")
		cfg := s.Do(t, "GET", releasetest.Space+"dashboardconfiguration", nil).Want(200).Object()
		cfg["IncludedProjectIds"], cfg["ProjectLimit"] = []string{other}, 7
		for range 2 { // made, then changed
			cfg = s.Do(t, "PUT", releasetest.Space+"dashboardconfiguration", cfg).Want(200).Object()
		}
		doc := s.Do(t, "GET", releasetest.Space+"dashboard", nil).Want(200).Object()
		if n := len(doc["Projects"].([]any)); n != 1 || doc["IsFiltered"] != true || doc["ProjectLimit"] != 7.0 {
			t.Errorf("the dashboard shows %d projects, IsFiltered %v, ProjectLimit %v", n, doc["IsFiltered"], doc["ProjectLimit"])
		}
		all := s.Do(t, "GET", releasetest.Space+"dashboard?showAll=true", nil).Want(200).Object()
		if n := len(all["Projects"].([]any)); n != 2 || all["IsFiltered"] != false {
			t.Errorf("showAll shows %d projects, IsFiltered %v", n, all["IsFiltered"])
		}
		key := s.User(t, "ann", "userroles-projectviewer", "Spaces-1")
		hers := s.DoAs(t, key, "GET", releasetest.Space+"dashboardconfiguration", nil).Want(200).Object()
		if diff := cmp.Diff([]any{}, hers["IncludedProjectIds"]); diff != "" {
			t.Error(diff)
		}
	})
}

func TestWhoSeesWhatOnADashboard(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := releasetest.Start(t, db)
		other := s.NewProject(t, "Other")
		s.Release(t, map[string]any{"releaseVersion": "1.0.0"})
		s.Deploy(t, "1.0.0", "Development")
		key := s.User(t, "ann", "userroles-projectviewer", "Spaces-1", access.ScopedUserRole{ProjectIDs: []string{other}})
		doc := s.DoAs(t, key, "GET", releasetest.Space+"dashboard", nil).Want(200).Object()
		if n := len(doc["Projects"].([]any)); n != 1 || len(doc["Items"].([]any)) != 0 {
			t.Errorf("she sees %d projects and the items %v", n, doc["Items"])
		}
	})
}

func TestProjectProgression(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := releasetest.Start(t, db)
		for _, version := range []string{"1.0.0", "1.0.1", "1.0.2", "1.0.3"} {
			s.Release(t, map[string]any{"releaseVersion": version})
		}
		_, taskID := s.Deploy(t, "1.0.3", "Development")
		s.Run(t, taskID, task.Success)
		var doc struct {
			Environments        []struct{ Name string }
			ChannelEnvironments map[string][]struct{ Name string }
			Releases            []struct {
				Release         struct{ Version string }
				Channel         struct{ Name string }
				Deployments     map[string][]struct{ State string }
				NextDeployments []string
			}
		}
		s.Do(t, "GET", releasetest.Space+"projects/acme/progression", nil).Want(200).Into(&doc)
		if len(doc.Releases) != 3 || doc.Releases[0].Release.Version != "1.0.3" || doc.Releases[0].Channel.Name != "Default" || len(doc.Environments) != 2 || len(doc.ChannelEnvironments) != 1 {
			t.Fatalf("the progression is %+v", doc)
		}
		if d := doc.Releases[0].Deployments[s.Dev]; len(d) != 1 || d[0].State != "Success" {
			t.Errorf("Development shows %v", d)
		}
		if diff := cmp.Diff([]string{s.Prod}, doc.Releases[0].NextDeployments); diff != "" {
			t.Error(diff)
		}
		s.Do(t, "GET", releasetest.Space+"projects/acme/progression?releaseHistoryCount=10", nil).Want(200).Into(&doc)
		if len(doc.Releases) != 4 {
			t.Errorf("%d releases with releaseHistoryCount=10", len(doc.Releases))
		}
	})
}

// BenchmarkDashboard answers for 1,000 projects that are each deployed to 50 environments.
func BenchmarkDashboard(b *testing.B) {
	const projects, environments = 1000, 50
	db, err := store.Open(b.Context(), store.Options{URL: "sqlite:" + filepath.Join(b.TempDir(), "b.db"), Application: "benchmark"})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	if err := db.Migrate(b.Context()); err != nil {
		b.Fatal(err)
	}
	s := releasetest.Start(b, db)
	s.Write(b, func(tx *store.Tx) error { return crowd(tx, s.Project, projects, environments) })
	for b.Loop() {
		answer := s.Do(b, "GET", releasetest.Space+"dashboard", nil).Want(200)
		b.ReportMetric(float64(len(answer.Body)), "bytes")
	}
}

// crowd makes projects like the one given, and a deployment of each to each environment.
func crowd(tx *store.Tx, like string, projects, environments int) error {
	p, err := project.Projects().Get(tx, like)
	if err != nil {
		return err
	}
	var places []string
	for n := range environments {
		e := &environment.Environment{Name: fmt.Sprint("Place ", n), Slug: fmt.Sprint("place-", n), SortOrder: n}
		e.SpaceID = "Spaces-1"
		if err := environment.Environments().Insert(tx, e); err != nil {
			return err
		}
		places = append(places, e.ID)
	}
	seq := 0
	for n := range projects {
		p.Meta, p.Name, p.Slug = store.Meta{}, fmt.Sprint("Project ", n), fmt.Sprint("project-", n)
		if err := project.Projects().Insert(tx, p); err != nil {
			return err
		}
		for _, place := range places {
			seq++
			t, err := task.Enqueue(tx, task.New{SpaceID: "Spaces-1", Kind: "Deploy", Description: "Deploy", ProjectID: p.ID, EnvironmentID: place})
			if err != nil {
				return err
			}
			_, err = tx.Exec(`INSERT INTO deployment_history (deployment_id, seq, space_id, project_id, environment_id, tenant_id, channel_id, release_id, release_version,
				task_id, created, queued, started, completed, state, error_message, has_warnings, is_current)
				VALUES ($1, $2, 'Spaces-1', $3, $4, '', 'Channels-1', 'Releases-1', '1.0.0', $5, $6, $6, $6, $6, 'Success', '', $7, $8)`,
				fmt.Sprint("Deployments-", seq), seq, p.ID, place, t.ID, store.At(tx.Now), false, true)
			if err != nil {
				return err
			}
		}
	}
	return nil
}
