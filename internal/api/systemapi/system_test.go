package systemapi_test

import (
	"archive/zip"
	"bytes"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/api/apitest"
	"github.com/mantledeploy/mantle/internal/api/systemapi"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

func startWith(t *testing.T, node *apitest.OneNode) *apitest.Server {
	t.Helper()
	return apitest.Start(t, storetest.SQLite(t), func(e *api.Engine) { systemapi.Register(e, apitest.Parts(node)) })
}

func TestPing(t *testing.T) {
	t.Parallel()
	for state, status := range map[systemapi.Fitness]int{systemapi.Fit: 200, systemapi.Draining: 418, systemapi.Unfit: 503} {
		s := startWith(t, &apitest.OneNode{State: state, Reason: "why"})
		pong := s.DoAs(t, "", http.MethodGet, "/api/OctopusServerNodes/Ping", nil).Want(status).Object()
		if pong["Name"] != "node-1" || pong["Reason"] != "why" || pong["State"] == "" {
			t.Errorf("%d: %v", status, pong)
		}
	}
}

func TestNodes(t *testing.T) {
	t.Parallel()
	s := startWith(t, &apitest.OneNode{})
	const path = "/api/octopusservernodes/OctopusServerNodes-node-1"
	node := s.Do(t, http.MethodGet, path, nil).Want(http.StatusOK).Object()
	want := map[string]any{"Id": "OctopusServerNodes-node-1", "Name": "node-1", "MaxConcurrentTasks": 5.0, "IsInMaintenanceMode": false,
		"Links": map[string]any{"Self": path, "Node": path, "Details": path + "/details", "ClusterSummary": "/api/octopusservernodes/summary"}}
	if diff := cmp.Diff(want, node); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	node["MaxConcurrentTasks"], node["IsInMaintenanceMode"] = 0, true
	put := s.Do(t, http.MethodPut, path, node).Want(http.StatusOK).Object()
	if put["MaxConcurrentTasks"] != 0.0 || put["IsInMaintenanceMode"] != true {
		t.Errorf("after the update: %v", put)
	}
	node["Name"] = " Blue "
	if put := s.Do(t, http.MethodPut, path, node).Want(http.StatusOK).Object(); put["Name"] != "Blue" {
		t.Errorf("after the renaming: %v", put)
	}
	if got := s.Do(t, http.MethodGet, "/api/octopusservernodes/blue", nil).Want(http.StatusOK).Object(); got["Id"] != node["Id"] {
		t.Errorf("by its new name: %v", got)
	}
	node["Name"] = " "
	s.Do(t, http.MethodPut, path, node).Want(http.StatusBadRequest)
	node["Name"] = "node-1"
	s.Do(t, http.MethodPut, path, node).Want(http.StatusOK)
	node["MaxConcurrentTasks"] = -1
	s.Do(t, http.MethodPut, path, node).Want(http.StatusBadRequest)
	s.Do(t, http.MethodDelete, path, nil).Want(http.StatusConflict)
	s.Do(t, http.MethodGet, "/api/octopusservernodes/none", nil).Want(http.StatusNotFound)
	for query, total := range map[string]float64{"": 1, "?partialName=NODE": 1, "?partialName=x": 0, "?ids=x": 0} {
		if page := s.Do(t, http.MethodGet, "/api/octopusservernodes"+query, nil).Want(http.StatusOK).Object(); page["TotalResults"] != total {
			t.Errorf("%q: %v nodes", query, page["TotalResults"])
		}
	}
	summary := s.Do(t, http.MethodGet, "/api/octopusservernodes/summary", nil).Want(http.StatusOK).Object()
	first := summary["Nodes"].([]any)[0].(map[string]any)
	for _, p := range apitest.Properties(t, "OctopusServerNodeSummaryResource") {
		if _, has := first[p.Name]; !has && p.Name != "LastModifiedOn" && p.Name != "LastModifiedBy" {
			t.Errorf("the summary lacks %s", p.Name)
		}
	}
	health := s.Do(t, http.MethodGet, "/api/serverstatus/health", nil).Want(http.StatusOK).Object()
	if health["IsEntireClusterDrainingTasks"] != true || health["IsOperatingNormally"] != true {
		t.Errorf("health: %v", health)
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	s := startWith(t, &apitest.OneNode{})
	info := s.Do(t, http.MethodGet, "/api/serverstatus/system-info", nil).Want(http.StatusOK).Object()
	for _, name := range []string{"Version", "ClrVersion", "OSVersion", "Uptime"} {
		if info[name] == "" || info[name] == nil {
			t.Errorf("%s is empty", name)
		}
	}
	if info["WorkingSetBytes"].(float64) <= 0 || info["ThreadCount"].(float64) <= 0 {
		t.Errorf("system info: %v", info)
	}
	status := s.Do(t, http.MethodGet, "/api/serverstatus", nil).Want(http.StatusOK).Object()
	for _, p := range apitest.Properties(t, "ServerStatusResource") {
		if _, has := status[p.Name]; !has && p.Name != "Id" && p.Name != "LastModifiedOn" && p.Name != "LastModifiedBy" {
			t.Errorf("the status lacks %s", p.Name)
		}
	}
	zones := s.Do(t, http.MethodGet, "/api/serverstatus/timezones", nil).Want(http.StatusOK).Array()
	if len(zones) < 100 || zones[0]["Id"] != "UTC" {
		t.Errorf("%d zones, the first %v", len(zones), zones[0])
	}
	report := s.Do(t, http.MethodGet, "/api/serverstatus/system-report", nil).Want(http.StatusOK).Body
	if archive, err := zip.NewReader(bytes.NewReader(report), int64(len(report))); err != nil || len(archive.File) != 2 {
		t.Errorf("the report: %v", err)
	}
	if logs := s.Do(t, http.MethodGet, "/api/serverstatus/logs", nil).Want(http.StatusOK).Array(); len(logs) != 1 || logs[0]["MessageText"] != "low disk" {
		t.Errorf("logs: %v", logs)
	}
	s.DoAs(t, s.User(t, "bob", "userroles-projectviewer", "Spaces-1"), http.MethodGet, "/api/serverstatus/system-info", nil).Want(http.StatusForbidden)
}

func TestCertificate(t *testing.T) {
	t.Parallel()
	s := startWith(t, &apitest.OneNode{})
	const self = "/api/configuration/certificates/certificate-global"
	want := map[string]any{"Id": "certificate-global", "Name": "Server certificate", "Thumbprint": apitest.Thumbprint, "SignatureAlgorithm": "sha256RSA", "Links": map[string]any{"Self": self, "PublicCer": self + "/public-cer"}}
	for _, path := range []string{self, "/api/Spaces-1/certificates/certificate-global", "/api/certificates/certificate-global"} {
		if diff := cmp.Diff(want, s.Do(t, http.MethodGet, path, nil).Want(http.StatusOK).Object()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
	if der := s.Do(t, http.MethodGet, self+"/public-cer", nil).Want(http.StatusOK).Body; !bytes.Equal(der, []byte{0x30, 0}) {
		t.Errorf("public-cer: %x", der)
	}
}

func TestToggles(t *testing.T) {
	t.Parallel()
	s := startWith(t, &apitest.OneNode{})
	for query, want := range map[string]string{
		"?Name=": `{"FeatureToggles":[{"Name":"CommonVariableScopingFeatureToggle","IsEnabled":false}]}`,
		"?Name=indicate-missing-packages-for-release": `{"FeatureToggles":[{"Name":"indicate-missing-packages-for-release","IsEnabled":false}]}`,
		"?name=commonvariablescopingfeaturetoggle":    `{"FeatureToggles":[{"Name":"commonvariablescopingfeaturetoggle","IsEnabled":false}]}`,
	} {
		if got := string(s.Do(t, http.MethodGet, "/api/configuration/feature-toggles"+query, nil).Want(http.StatusOK).Body); got != want {
			t.Errorf("%s: %s", query, got)
		}
	}
	s.Do(t, http.MethodGet, "/api/capabilities", nil).Want(http.StatusOK)
}
