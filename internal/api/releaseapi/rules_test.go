package releaseapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/api/apitest"
	"github.com/mantledeploy/mantle/internal/api/releaseapi/releasetest"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
	"github.com/mantledeploy/mantle/internal/task"
)

type object = map[string]any

func TestEveryPropertyIsKept(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := releasetest.Start(t, db)
		apitest.Echo(t, s.Server, apitest.EchoRow{
			Type: "ReleaseResource", Path: releasetest.Space + "releases",
			Sample: object{
				"Version": "3.1.4", "ChannelId": "Channels-1", "ReleaseNotes": "what is new", "IgnoreChannelRules": true, "ProjectId": s.Project,
				"BuildInformation": []any{object{"PackageId": "Acme.Web", "Version": "1.1.0"}},
				"SelectedPackages": []any{object{"StepName": "Deploy web", "ActionName": "Deploy web", "PackageReferenceName": "", "Version": "1.1.0"}},
			},
			Computed: []string{
				"Id", "LastModifiedOn", "LastModifiedBy", "SpaceId", "Assembled", "ProjectDeploymentProcessSnapshotId", "ProjectVariableSetSnapshotId", "LibraryVariableSetSnapshotIds",
				"SelectedGitResources", "VersionControlReference",
			},
			Change: object{"ReleaseNotes": "nothing is new", "Version": "3.1.5"},
		})
	})
}

func TestVersionsCount(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := releasetest.Start(t, db)
		versions := []string{}
		for _, asked := range []any{nil, nil, "1.2.i", "1.2.i", "2.0.0-beta.1", nil, "5", nil} {
			body := object{}
			if asked != nil {
				body["releaseVersion"] = asked
			}
			versions = append(versions, s.Release(t, body)["ReleaseVersion"].(string))
		}
		want := []string{"0.0.1", "0.0.2", "1.2.3", "1.2.4", "2.0.0-beta.1", "2.0.1", "5", "5.0.1"}
		if diff := cmp.Diff(want, versions); diff != "" {
			t.Error(diff)
		}
		settings := s.Do(t, http.MethodGet, releasetest.Space+"projects/"+s.Project+"/deploymentsettings", nil).Want(http.StatusOK).Object()
		settings["VersioningStrategy"] = object{"DonorPackage": object{"DeploymentAction": "Deploy web", "PackageReference": ""}}
		s.Do(t, http.MethodPut, releasetest.Space+"projects/"+s.Project+"/deploymentsettings", settings).Want(http.StatusOK)
		if got := s.Release(t, object{"packages": []string{"Acme.Web:1.1.0"}})["ReleaseVersion"]; got != "1.1.0" {
			t.Errorf("the donor package gave the version %v", got)
		}
	})
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := releasetest.Start(t, db)
		s.Release(t, object{"releaseVersion": "1.0.0"})
		s.NewProject(t, "Empty")
		s.NewProject(t, "Unpublished", releasetest.Package("Deploy", "Nobody.Pushed", "web"))
		channel := s.Do(t, http.MethodGet, releasetest.Space+"channels/Channels-1", nil).Want(http.StatusOK).Object()
		channel["Rules"] = []any{object{"VersionRange": "[1.0,1.1)", "Tag": "", "ActionPackages": []any{object{"DeploymentAction": "Deploy web", "PackageReference": ""}}}}
		s.Do(t, http.MethodPut, releasetest.Space+"channels/Channels-1", channel).Want(http.StatusOK)
		post := func(body object) apitest.Answer {
			if body["projectName"] == nil {
				body["projectName"] = "Acme"
			}
			return s.Do(t, http.MethodPost, releasetest.Space+"releases/create/v1", body)
		}
		for name, tt := range map[string]struct {
			body object
			says string
		}{
			"taken":          {object{"releaseVersion": "1.0.0"}, "1.0.0 exists already"},
			"no version":     {object{"releaseVersion": "not a version!"}, "not a version!"},
			"too long":       {object{"releaseVersion": "1.0." + strings.Repeat("1", 400)}, "349"},
			"no project":     {object{"projectName": "Nobody"}, "Nobody"},
			"no channel":     {object{"channelName": "Beta"}, "Beta"},
			"nothing pushed": {object{"projectName": "Unpublished"}, "Nobody.Pushed"},
			"no such spec":   {object{"packages": []string{"Web.Acme:1.0.0"}}, "Web.Acme"},
			"outside rules":  {object{"packages": []string{"Acme.Web:1.1.0"}}, "1.1.0"},
			"git":            {object{"gitRef": "main"}, "Git"},
		} {
			if a := post(tt.body); a.Status != http.StatusBadRequest && a.Status != http.StatusNotImplemented || !strings.Contains(string(a.Body), tt.says) {
				t.Errorf("%s: %d %s", name, a.Status, a.Body)
			}
		}
		if got := post(object{"releaseVersion": "1.0.0", "ignoreIfAlreadyExists": true}).Want(http.StatusOK).Object(); got["ReleaseId"] != "Releases-1" {
			t.Errorf("the release that is there: %v", got)
		}
		post(object{"releaseVersion": "1.0.1", "packages": []string{"Acme.Web:1.1.0"}, "ignoreChannelRules": true}).Want(http.StatusCreated)
		best := post(object{"releaseVersion": "1.0.2"}).Want(http.StatusCreated).Object()
		got := s.Do(t, http.MethodGet, releasetest.Space+"releases/"+best["ReleaseId"].(string), nil).Object()["SelectedPackages"].([]any)[0].(object)["Version"]
		if got != "1.0.0" {
			t.Errorf("the channel's rules chose %v", got)
		}
	})
}

// A release is what its project was when it was made, until somebody takes new copies of the variables.
func TestAReleaseIsASnapshot(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := releasetest.Start(t, db)
		id := s.Release(t, object{"releaseVersion": "1.0.0"})["ReleaseId"].(string)
		s.SetSteps(t, s.Project, releasetest.Script("Other", "echo other"))
		path := releasetest.Space + "variables/variableset-" + s.Project
		set := s.Do(t, http.MethodGet, path, nil).Want(http.StatusOK).Object()
		set["Variables"] = []any{object{"Name": "New", "Value": "1", "Type": "String"}}
		s.Do(t, http.MethodPut, path, set).Want(http.StatusOK)
		modified := func() [2]any {
			d := s.Do(t, http.MethodGet, releasetest.Space+"releases/"+id+"/deployments/template", nil).Want(http.StatusOK).Object()
			return [2]any{d["IsDeploymentProcessModified"], d["IsVariableSetModified"]}
		}
		if got := modified(); got != [2]any{true, true} {
			t.Errorf("modified: %v", got)
		}
		_, taskID := s.Deploy(t, "1.0.0", "Development")
		if plan := s.Run(t, taskID, task.Success); len(plan.Steps) != 2 || plan.Steps[0].Name != "Say" {
			t.Errorf("the deployment took the new process: %+v", plan.Steps)
		}
		s.Do(t, http.MethodPost, releasetest.Space+"releases/"+id+"/snapshot-variables", nil).Want(http.StatusOK)
		if got := modified(); got != [2]any{true, false} {
			t.Errorf("modified after new copies: %v", got)
		}
		if a := s.Do(t, http.MethodDelete, releasetest.Space+"releases/"+id, nil); a.Status != http.StatusOK && a.Status != http.StatusNoContent {
			t.Errorf("delete: %d %s", a.Status, a.Body)
		}
		if n := s.Do(t, http.MethodGet, releasetest.Space+"deployments", nil).Object()["TotalResults"]; n != 0.0 {
			t.Errorf("%v deployments outlive their release", n)
		}
	})
}

func TestADefectHoldsAReleaseBack(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := releasetest.Start(t, db)
		id := s.Release(t, object{"releaseVersion": "1.0.0"})["ReleaseId"].(string)
		_, taskID := s.Deploy(t, "1.0.0", "Development")
		s.Run(t, taskID, task.Success)
		s.Do(t, http.MethodPost, releasetest.Space+"releases/"+id+"/defects", object{"Description": "it burns"}).Want(http.StatusCreated)
		a := s.Do(t, http.MethodPost, releasetest.Space+"deployments", object{"ReleaseId": id, "EnvironmentId": s.Prod})
		if a.Status != http.StatusBadRequest || !strings.Contains(string(a.Body), "resolve the defect") {
			t.Errorf("%d %s", a.Status, a.Body)
		}
		s.Do(t, http.MethodPost, releasetest.Space+"releases/"+id+"/defects/resolve", nil).Want(http.StatusOK)
		s.Do(t, http.MethodPost, releasetest.Space+"deployments", object{"ReleaseId": id, "EnvironmentId": s.Prod}).Want(http.StatusCreated)
	})
}
