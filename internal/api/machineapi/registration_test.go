package machineapi_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api/apitest"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

// TestRegistrations replays what agents' registrations send (testdata/registrations.jsonl, recorded of a Tentacle 9.2): every body is accepted
// and comes back in what an agent chooses. Updates are sent as they are there: POST with a method override.
func TestRegistrations(t *testing.T) {
	t.Parallel()
	f, err := os.Open("testdata/registrations.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	type registration struct {
		Scenario, Method, Path string
		Body                   map[string]any
	}
	var rows []registration
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var row registration
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
	if len(rows) < 30 {
		t.Fatalf("%d registrations", len(rows))
	}
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		s.Do(t, "POST", "/api/Spaces-1/environments", `{"Name":"Test Lab"}`).Want(201)
		s.Do(t, "POST", "/api/Spaces-1/tenants", `{"Name":"Second"}`).Want(201)
		s.Do(t, "POST", "/api/Spaces-1/tagsets", `{"Name":"Region","Tags":[{"Name":"West"}]}`).Want(201)
		s.Do(t, "POST", policies, `{"Name":"Second"}`).Want(201)
		for _, name := range []string{"Two", "Three"} {
			s.Do(t, "POST", pools, map[string]any{"Name": name}).Want(201)
		}
		for i, row := range rows {
			path := "/api/Spaces-1/" + row.Path
			// Names are the same in many scenarios, and other spaces and environments than here are meant in some.
			text, err := json.Marshal(row.Body)
			if err != nil {
				t.Fatal(err)
			}
			text = []byte(strings.NewReplacer(`"Environments-21"`, `"Environments-1"`, `"Environments-9"`, `"Environments-2"`, `"WorkerPools-22"`, `"WorkerPools-2"`, `"Spaces-2"`, `"Spaces-1"`,
				`"Slug":"machine1"`, fmt.Sprintf(`"Slug":"machine1-%d"`, i), fmt.Sprintf(`"Name":%q`, row.Body["Name"]), fmt.Sprintf(`"Name":"%v %d"`, row.Body["Name"], i)).Replace(string(text)))
			var sent map[string]any
			if err := json.Unmarshal(text, &sent); err != nil {
				t.Fatal(err)
			}
			header := http.Header{"X-Octopus-ApiKey": {apitest.Key}, "Content-Type": {"application/json; charset=utf-8"}}
			var answer apitest.Answer
			if row.Method == "PUT" {
				created := s.Do(t, "POST", path, map[string]any{
					"Name": fmt.Sprintf("before %d", i), "EnvironmentIds": []string{"Environments-1"}, "Roles": []string{"old"}, "WorkerPoolIds": []string{"WorkerPools-1"},
					"Endpoint": map[string]any{"CommunicationStyle": "TentaclePassive", "Uri": "https://old:10933/", "Thumbprint": "AA"},
				}).Want(201).Object()
				header.Set("X-HTTP-Method-Override", "PUT")
				answer = s.Send(t, "POST", path+"/"+created["Id"].(string), header, text)
			} else {
				answer = s.Send(t, "POST", path, header, text)
			}
			if answer.Status/100 != 2 {
				t.Errorf("%s: %d %s", row.Scenario, answer.Status, answer.Body)
				continue
			}
			got := answer.Object()
			for _, member := range []string{"Name", "EnvironmentIds", "Roles", "TenantIds", "TenantedDeploymentParticipation", "WorkerPoolIds", "SpaceId"} {
				if diff := cmp.Diff(sent[member], got[member]); diff != "" {
					t.Errorf("%s: %s (-sent +got):\n%s", row.Scenario, member, diff)
				}
			}
			endpoint, asked := got["Endpoint"].(map[string]any), sent["Endpoint"].(map[string]any)
			for _, member := range []string{"CommunicationStyle", "Uri", "ProxyId", "Thumbprint", "TentacleEndpointConfiguration"} {
				if diff := cmp.Diff(fmt.Sprint(asked[member]), strings.ReplaceAll(fmt.Sprint(endpoint[member]), "CertificateSignatureAlgorithm: ", "CertificateSignatureAlgorithm:<nil> ")); diff != "" {
					t.Errorf("%s: Endpoint.%s (-sent +got):\n%s", row.Scenario, member, diff)
				}
			}
			// What an agent reads right after: itself, by the link of the answer.
			s.Do(t, "GET", got["Links"].(map[string]any)["Self"].(string), nil).Want(200)
		}
	})
}

// TestNarrowedPermissions: who may see and change one environment neither sees nor changes machines of another.
func TestNarrowedPermissions(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		dev, prod, both := listening("dev", "h"), listening("prod", "h"), listening("both", "h")
		prod["EnvironmentIds"], both["EnvironmentIds"] = []string{"Environments-2"}, []string{"Environments-1", "Environments-2"}
		for _, m := range []map[string]any{dev, prod, both} {
			s.Do(t, "POST", machines, m).Want(201)
		}
		key := s.User(t, "bob", "userroles-environmentmanager", "Spaces-1", access.ScopedUserRole{EnvironmentIDs: []string{"Environments-1"}})
		page := s.DoAs(t, key, "GET", machines, nil).Want(200).Object()
		if page["TotalResults"] != 2.0 {
			t.Errorf("%v machines are seen, want 2", page["TotalResults"])
		}
		s.DoAs(t, key, "GET", machines+"/Machines-2", nil).Want(404)
		s.DoAs(t, key, "GET", machines+"/Machines-2/connection", nil).Want(404)
		s.DoAs(t, key, "PUT", machines+"/Machines-3", both).Want(403) // it is in the other environment too
		s.DoAs(t, key, "DELETE", machines+"/Machines-3", nil).Want(403)
		dev["EnvironmentIds"] = []string{"Environments-1", "Environments-2"}
		s.DoAs(t, key, "PUT", machines+"/Machines-1", dev).Want(403)
		s.DoAs(t, key, "POST", machines, listening("mine", "h")).Want(201)
		fourth := listening("theirs", "h")
		fourth["EnvironmentIds"] = []string{"Environments-2"}
		s.DoAs(t, key, "POST", machines, fourth).Want(403)
		s.DoAs(t, key, "PUT", "/api/Spaces-1/environments/sortorder", `["Environments-1"]`).Want(200)
		summary := s.DoAs(t, key, "GET", "/api/Spaces-1/environments/summary", nil).Want(200).Object()
		if n := len(summary["EnvironmentSummaries"].([]any)); n != 1 {
			t.Errorf("%d environments are counted, want 1", n)
		}
		viewer := s.User(t, "eve", "userroles-environmentviewer", "Spaces-1")
		s.DoAs(t, viewer, "GET", machines, nil).Want(200)
		s.DoAs(t, viewer, "POST", machines, listening("no", "h")).Want(403)
		s.DoAs(t, viewer, "GET", machines+"/discover?host=h", nil).Want(403)
		s.DoAs(t, viewer, "PUT", pools+"/sortorder", `[]`).Want(403)
		s.DoAs(t, viewer, "POST", workers, `{}`).Want(403)
		s.DoAs(t, "", "GET", machines, nil).Want(401)
	})
}

// TestMachineEvents: triggers wait for these.
func TestMachineEvents(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		m := s.Do(t, "POST", machines, listening("web01", "h")).Want(201).Object()
		m["IsDisabled"] = true
		s.Do(t, "PUT", machines+"/Machines-1", m).Want(200)
		m["IsDisabled"], m["Roles"] = false, []string{"api"}
		s.Do(t, "PUT", machines+"/Machines-1", m).Want(200)
		s.Do(t, "PUT", machines+"/Machines-1", m).Want(200) // nothing changes
		s.Do(t, "DELETE", machines+"/Machines-1", nil).Want(200)
		var got []string
		err := db.Read(t.Context(), func(tx *store.Tx) error {
			got = nil
			return tx.Query("SELECT category FROM event WHERE document_id = 'Machines-1' AND category LIKE 'Machine%' ORDER BY seq", nil, func(row *store.Row) error {
				var category string
				err := row.Scan(&category)
				got = append(got, category)
				return err
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		want := []string{"MachineAdded", "MachineDisabled", "MachineEnabled", "MachineDeploymentRelatedPropertyWasUpdated", "MachineDeleted"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
	})
}
